import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 20_000 };

describe.skipIf(browserIsMissing())('pictures', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open();
    await panel.showExample('lenet.convnet');
    await panel.ready();
  }, PATIENCE);
  afterAll(() => panel?.close());

  it('are drawn by hand, and the network runs after a stroke', async () => {
    const { page } = panel;
    const runs = () => panel.preview.getAttribute('data-run');
    const before = await runs();
    await page.getByRole('button', { name: 'Draw…' }).click();
    const box = await page.locator('.drawing-pad canvas').boundingBox();
    if (!box) throw new Error('no pad');
    await page.mouse.move(box.x + 80, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + 80, box.y + 140, { steps: 5 });
    await page.mouse.up();
    await expect.poll(runs, soon).not.toBe(before);
    expect(await page.getByRole('radio', { name: 'Your drawing' }).isChecked()).toBe(true);
    expect(await panel.violations()).toEqual([]);
    expect(panel.complaints).toEqual([]);
  });

  it('leave the panel as files and text', async () => {
    const { page } = panel;
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: 'Drawing as SVG…' }).click();
    const saved = () => panel.sent.find((message) => message.type === 'save');
    await expect.poll(() => saved()?.name, soon).toBe('LeNet.svg');
    // It is read as a browser reads it: an error would be an element of its own.
    const text = new TextDecoder().decode(Uint8Array.from(Object.values(saved()?.bytes ?? {})));
    const found = await page.evaluate((svg) => {
      const drawing = new DOMParser().parseFromString(svg, 'image/svg+xml');
      const layers = [...drawing.querySelectorAll('[data-layer]')].map((card) => card.getAttribute('data-layer'));
      return { errors: drawing.querySelectorAll('parsererror').length, layers };
    }, text);
    expect(found.errors).toBe(0);
    expect(found.layers).toHaveLength(13);
    expect(new Set(found.layers).size).toBe(13);
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: 'Copy as Markdown table' }).click();
    await expect.poll(() => panel.sent.find(({ type }) => type === 'copy')?.type, soon).toBe('copy');
    const copied = panel.sent.find((message) => message.type === 'copy');
    expect(copied?.text.split('\n')).toHaveLength(13 + 3);
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: 'Page as HTML…' }).click();
    await expect.poll(() => panel.sent.filter(({ type }) => type === 'save').length, soon).toBe(2);
  });

  it('come as a folder: a film strip in the order of names', async () => {
    const { page } = panel;
    // Reading the drawing as a page is not the panel's doing.
    panel.complaints.length = 0;
    const folder = await mkdtemp(join(tmpdir(), 'convnet-pictures-'));
    const paint = (name: string, width: number, height: number, red: number) => {
      const png = new PNG({ width, height });
      for (let i = 0; i < width * height; i++) png.data.set([red, 40, 90, 255], 4 * i);
      return writeFile(join(folder, name), PNG.sync.write(png));
    };
    await paint('frame10.png', 48, 48, 255);
    await paint('frame2.png', 80, 64, 10);
    await writeFile(join(folder, 'notes.txt'), 'no picture');
    await page.getByLabel('Open a folder of pictures').setInputFiles(folder);
    const frame = (name: string) => page.getByRole('radio', { name });
    await frame('frame10.png').waitFor({ state: 'attached' });
    await expect.poll(() => frame('frame2.png').isChecked(), soon).toBe(true);
    await expect
      .poll(() => page.locator('.resized').textContent(), soon)
      .toBe('frame2.png: 64×80, cut to the middle 64×64, averaged down to 32×32');
    const runs = () => panel.preview.getAttribute('data-run');
    const before = await runs();
    await frame('frame2.png').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => frame('frame10.png').isChecked(), soon).toBe(true);
    await expect.poll(runs, soon).not.toBe(before);
    await rm(folder, { recursive: true });
    expect(await panel.violations()).toEqual([]);
    expect(panel.complaints).toEqual([]);
  });

  it('are looked for beside the file that names them', async () => {
    const asked = () => panel.sent.flatMap((message) => (message.type === 'readPicture' ? [message.uri] : []));
    for (const file of ['a/one.convnet', 'b/two.convnet']) {
      await panel.show('network N { input 8x8x1 sample "cat.png"\n fc 2 }', file);
      await expect.poll(() => asked().at(-1), soon).toMatch(new RegExp(`${file}$`));
    }
    expect(asked()).toHaveLength(2);
  });

  it('are compared side by side, with what the other comes to when it is looked at', async () => {
    const { page } = panel;
    await panel.showExample('digits.convnet');
    await page.locator('.choice[title="Digit 7"]').click();
    await panel.ready();
    await panel.layer('relu1').getByRole('button').first().click();
    await page.getByLabel('Compare with').selectOption({ label: 'Digit 3' });
    /** All maps of a side, as they are painted. */
    const maps = (side: number) =>
      page
        .locator('.side')
        .nth(side)
        .locator('canvas')
        .evaluateAll((all) => (all as HTMLCanvasElement[]).map((canvas) => canvas.toDataURL()).join());
    await expect.poll(() => page.locator('.side canvas').count(), soon).toBe(12);
    const blank = await page.evaluate(() => document.createElement('canvas').toDataURL());
    for (const side of [0, 1]) await expect.poll(() => maps(side), soon).not.toContain(blank);
    const [seven, three] = [await maps(0), await maps(1)];
    expect(three).not.toBe(seven);
    // The colours are right for both sides: those of equal pictures are equal, and those of a pair are whichever side is which.
    await page.getByLabel('Compare with').selectOption({ label: 'Digit 7' });
    await expect.poll(async () => (await maps(1)) === (await maps(0)), soon).toBe(true);
    await page.locator('.choice[title="Digit 3"]').click();
    await expect.poll(() => maps(0), soon).toBe(three);
    expect(await maps(1)).toBe(seven);
    expect(await panel.violations()).toEqual([]);
  });
});
