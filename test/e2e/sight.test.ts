import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../host/repository.js';
import { packagedExtension, soon, Workbench } from './workbench.js';

/** Without anything that is not linear, every pixel of a receptive field counts. */
const LINEAR = `network Linear {
  input 16x16x1
  concat {
    branch { conv 2 1x1 }
    branch { conv 2 3x3 pad 1 }
  }
  last: conv 1 3x3
}
`;

const AVERAGES = `network Averages {
  input 16x16x3
  conv 4 3x3; relu
  globalavgpool
  fc 6
  softmax
}
`;

function picture(width: number, height: number, red: number): Uint8Array {
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) png.data.set([red, i % 256, 90, 255], 4 * i);
  return PNG.sync.write(png);
}

describe('A student who asks what a network sees, in a dark theme', () => {
  let code: Workbench;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);
  const number = async (selector: string, attribute: string) =>
    Number(await inPanel(selector).first().getAttribute(attribute));
  const sight = () => inPanel('.sight');
  const look = async (way: string) => {
    await inPanel('.sight select').selectOption(way);
    await inPanel('.sight .plane').waitFor();
    await expect.poll(() => sight().getAttribute('aria-busy'), soon).toBe('false');
    // What is not on the screen is not painted.
    await inPanel('.sight .plane').scrollIntoViewIfNeeded();
  };
  const show = async (file: string) => {
    await code.page.keyboard.press('ControlOrMeta+1');
    await code.quickOpen(file);
    await code.page.locator(`.tab[aria-label^="Preview ${file}"]`).waitFor();
    await code.panel.until('ready');
  };
  const chooses = (label: string) => inPanel(`input[aria-label="${label}"]`).isChecked();

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      settings: { 'workbench.colorTheme': 'Default Dark Modern' },
      prepare: async (folder) => {
        await writeFile(join(folder, 'linear.convnet'), LINEAR);
        await writeFile(join(folder, 'averages.convnet'), AVERAGES);
        await mkdir(join(folder, 'film'));
        await writeFile(join(folder, 'film', 'frame10.png'), picture(48, 48, 255));
        await writeFile(join(folder, 'film', 'frame2.png'), picture(80, 64, 10));
      },
    });
    await code.openFile('digits.convnet');
    await code.openPreview();
    await code.panel.until('ready');
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('sight-failure');
  });

  afterAll(() => code?.close());

  it('covers the picture of a 7, square after square', async () => {
    await code.panel
      .layer('fc3')
      .locator('.strip canvas')
      .click({ position: { x: 145, y: 8 } });
    await look('occlusion');
    expect(await sight().locator('[data-most]').textContent()).toContain('Squares of 4×4 pixels');
    expect(await number('.sight [data-most]', 'data-most')).toBeGreaterThan(0);
    expect(await number('.sight [data-most]', 'data-least')).toBeLessThan(0);
    await code.screenshot('occlusion');
  });

  it('sees the region of the picture where a map answers, smaller the more is asked for', async () => {
    await code.panel
      .layer('relu2')
      .locator('.strip canvas')
      .nth(1)
      .click({ position: { x: 20, y: 20 } });
    await look('region');
    const covered = () => number('.sight [data-covered]', 'data-covered');
    await expect.poll(covered, soon).toBeGreaterThan(0);
    const half = await covered();
    await inPanel('.sight input[type="range"]').focus();
    await code.page.keyboard.press('End');
    await expect.poll(covered, soon).toBeLessThan(half);
    await code.screenshot('region');
  });

  it('finds the strokes that a channel answers to', async () => {
    await inPanel('.top-samples button').first().click();
    const first = inPanel('[data-top-channel="3"] button').first();
    await first.waitFor();
    expect(await inPanel('[data-dead]').textContent()).toBe('No channel is dead on all 15 pictures.');
    const value = Number(await first.getAttribute('data-value'));
    await first.click();
    await expect.poll(() => number('.unit-value', 'data-value'), soon).toBeCloseTo(value, 3);
  });

  it('reads which channels are dead, and sees that their maps are empty', async () => {
    const cell = inPanel('.statistics div').filter({ hasText: 'Dead channels' }).locator('dd');
    const said = (await cell.textContent()) ?? '';
    const dead = said.split(': ')[1]?.split(', ').map(Number) ?? [];
    expect(said).toMatch(new RegExp(`^${dead.length} of 16`));
    const maps = inPanel('.grid canvas');
    await expect.poll(() => maps.first().getAttribute('width'), soon).not.toBeNull();
    const flat = await maps.evaluateAll((all) =>
      all.flatMap((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const { data } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {};
        return data?.every((byte, i) => byte === data[i % 4]) ? [Number((canvas as HTMLElement).dataset.channel)] : [];
      }),
    );
    expect(flat).toEqual(dead);
  });

  it('puts two pictures side by side', async () => {
    await inPanel('.comparison select').selectOption({ label: 'Digit 3' });
    await expect.poll(() => inPanel('.side').count(), soon).toBe(2);
    /** The colours of the first map; how many there are of them. */
    const colours = (side: number) =>
      inPanel('.side')
        .nth(side)
        .locator('canvas')
        .first()
        .evaluate((canvas) => {
          const { width, height } = canvas as HTMLCanvasElement;
          const { data } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {};
          const pixels = new Uint32Array(data?.buffer ?? new ArrayBuffer(0));
          return { pixels: pixels.join(), count: new Set(pixels).size };
        });
    for (const side of [0, 1]) await expect.poll(async () => (await colours(side)).count, soon).toBeGreaterThan(3);
    expect((await colours(1)).pixels).not.toBe((await colours(0)).pixels);
    await code.screenshot('comparison');
  });

  it('draws a digit, and the network runs on it', async () => {
    const before = await code.panel.maps('conv1');
    await inPanel('.pictures').getByText('Draw…').click();
    const box = await inPanel('.drawing-pad canvas').boundingBox();
    if (!box) throw new Error('The pad is not on the screen');
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await code.page.mouse.move(...at(0.5, 0.15));
    await code.page.mouse.down();
    await code.page.mouse.move(...at(0.5, 0.85), { steps: 8 });
    await code.page.mouse.up();
    await expect.poll(() => chooses('Your drawing'), soon).toBe(true);
    await expect.poll(() => code.panel.maps('conv1'), soon).not.toEqual(before);
    await expect.poll(() => inPanel('.scores .label').first().textContent(), soon).toBe('class 1');
    await code.screenshot('drawing');
    await inPanel('.pad-tools').getByText('Done').click();
  });

  it('pastes a picture', async () => {
    await code.panel.paste('pasted.png', 'image/png', picture(56, 28, 200));
    await expect.poll(() => chooses('pasted.png'), soon).toBe(true);
    await expect.poll(() => inPanel('.resized').textContent(), soon).toContain('28×56, cut to the middle 28×28');
  });

  it('opens a folder as a film strip, and goes through it by the keyboard', async () => {
    await inPanel('input[aria-label="Open a folder of pictures"]').setInputFiles(join(code.folder, 'film'));
    await expect.poll(() => chooses('frame2.png'), soon).toBe(true);
    // The others come after the first is shown.
    await inPanel('input[aria-label="frame10.png"]').waitFor({ state: 'attached' });
    const before = await code.panel.maps('conv1');
    await inPanel('input[aria-label="frame2.png"]').focus();
    await code.page.keyboard.press('ArrowRight');
    await expect.poll(() => chooses('frame10.png'), soon).toBe(true);
    await expect.poll(() => code.panel.maps('conv1'), soon).not.toEqual(before);
  });

  it('sees that the gradient reaches just the receptive field, through both branches', async () => {
    await show('linear.convnet');
    await code.panel
      .layer('last')
      .locator('.strip canvas')
      .first()
      .click({ position: { x: 26, y: 18 } });
    await inPanel('[data-field]').waitFor();
    const field = (await inPanel('[data-field]').getAttribute('data-field'))?.split(' ').map(Number);
    // 3×3 of what sees 3×3, and nothing of it in the padding.
    expect(field?.slice(2)).toEqual([5, 5]);
    await look('gradient');
    const reached = () =>
      inPanel('.sight canvas').evaluate((element) => {
        const canvas = element as HTMLCanvasElement;
        const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
        const places = [...(data ?? [])]
          .map((red, i) => ({ place: i / 4, isZero: red === data?.[0] && data?.[i + 1] === data?.[1] }))
          .filter(({ place, isZero }) => Number.isInteger(place) && !isZero)
          .map(({ place }) => [Math.floor(place / canvas.width), place % canvas.width] as const);
        const rows = places.map(([row]) => row);
        const columns = places.map(([, column]) => column);
        const [top, left] = [Math.min(...rows), Math.min(...columns)];
        return [top, left, Math.max(...rows) - top + 1, Math.max(...columns) - left + 1];
      });
    await expect.poll(reached, soon).toEqual(field);
    await look('guided');
    await code.screenshot('gradient');
  });

  it('sees what speaks for a class where the network ends in an average', async () => {
    await show('averages.convnet');
    const map = inPanel('.class-map');
    await map.waitFor();
    const label = await inPanel('.scores .label').first().getAttribute('title');
    expect(label).toBe(`class ${await map.getAttribute('data-class')}`);
    const before = await map.getAttribute('data-most');
    await inPanel('.class-map select').selectOption({ index: 3 });
    await expect.poll(() => map.getAttribute('data-most'), soon).not.toBe(before);
  });

  it('calls classes by the names that the network has for them', async () => {
    await show('shapes.convnet');
    const names = readFileSync(join(root, 'examples/shapes.txt'), 'utf8').trimEnd().split('\n');
    await expect
      .poll(async () => names.includes((await inPanel('.scores .label').first().textContent()) ?? ''), soon)
      .toBe(true);
  });
});
