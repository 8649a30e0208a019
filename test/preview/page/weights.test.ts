import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../host/repository.js';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 20_000 };
const digits = readFileSync(join(root, 'examples/digits.convnet'), 'utf8');
const uri = pathToFileURL(join(root, 'examples/digits.convnet')).href;

describe.skipIf(browserIsMissing())('the weights that a network names', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open();
    await panel.showExample('digits.convnet');
  }, PATIENCE);
  afterAll(() => panel?.close());

  const strongest = () => panel.page.locator('.scores li .label').first().textContent({ timeout: 20_000 });
  const certainty = async () =>
    Number.parseFloat((await panel.page.locator('.scores .value').first().textContent()) ?? '');
  const inForce = () => panel.page.locator('.facts').textContent();
  const problem = () => panel.page.locator('.header .hint').allTextContents();
  const asked = () => panel.sent.filter(({ type }) => type === 'readWeights').length;

  it('tell the 7 that comes with the extension', async () => {
    await expect.poll(strongest, soon).toBe('class 7');
    await expect.poll(certainty, soon).toBeGreaterThan(90);
    expect(await inForce()).toContain('Weightsdigits.safetensors');
    expect(await panel.page.locator('.scores .hint').count()).toBe(0);
    expect(await panel.violations()).toEqual([]);
    expect(panel.complaints).toEqual([]);
  });

  it('tell what is drawn by hand', async () => {
    const { page } = panel;
    await page.getByRole('button', { name: 'Draw…' }).click();
    const box = await page.locator('.drawing-pad canvas').boundingBox();
    if (!box) throw new Error('no pad');
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    // A ring is a 0.
    const angles = Array.from({ length: 25 }, (_, i) => (i / 24) * 2 * Math.PI);
    await page.mouse.move(...at(0.5, 0.2));
    await page.mouse.down();
    for (const angle of angles) await page.mouse.move(...at(0.5 + 0.2 * Math.sin(angle), 0.5 - 0.3 * Math.cos(angle)));
    await page.mouse.up();
    await expect.poll(strongest, soon).toBe('class 0');
    await page.getByRole('radio', { name: 'Digit 7' }).check({ force: true });
    await expect.poll(strongest, soon).toBe('class 7');
  });

  it('are not asked for again after an edit, and a layer they do not fit has random ones', async () => {
    const before = asked();
    await panel.show(digits.replace('conv 16 5x5', 'conv 8 5x5'), 'digits.convnet');
    await expect
      .poll(problem, soon)
      .toEqual([
        '2 of 5 layers have random weights, for digits.safetensors differs: conv2.weight is 16×6×5×5 in it and must be 8×6×5×5, and 2 more differ.',
      ]);
    await expect.poll(() => panel.page.locator('.banner').count(), soon).toBe(0);
    expect(await panel.page.locator('.scores .hint').textContent()).toContain('Some of the weights are random');
    await panel.show(digits, 'digits.convnet');
    await expect.poll(strongest, soon).toBe('class 7');
    expect(asked()).toBe(before);
  });

  it('are gone with their file, and back with it', async () => {
    await panel.sendWeights(uri, 'digits.safetensors', null);
    await expect.poll(inForce, soon).toContain('Weightsrandom, seed 1');
    expect(await problem()).toEqual(['digits.safetensors is not there, or outside the workspace.']);
    await panel.sendWeights(uri, 'digits.safetensors', new Uint8Array(3));
    await expect
      .poll(problem, soon)
      .toEqual(['digits.safetensors cannot be read: The file is cut short: it has no header.']);
    await panel.sendWeights(uri, 'digits.safetensors');
    await expect.poll(strongest, soon).toBe('class 7');
    await expect.poll(certainty, soon).toBeGreaterThan(90);
  });

  it('are random where a network names none', async () => {
    await panel.showExample('lenet.convnet');
    await expect.poll(inForce, soon).toContain('Weightsrandom, seed 1');
    expect(await problem()).toEqual([]);
  });
});
