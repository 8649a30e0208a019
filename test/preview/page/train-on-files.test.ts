import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PART } from '../../../src/formats/pictures/source.js';
import { readSafetensors } from '../../../src/formats/safetensors.js';
import { convnet } from '../../cli/driver.js';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 50, timeout: 60_000 };

const text = (dataset: string, settings = 'epochs 30') => `network Tiny {
  input 4x4x1
  weights "tiny.safetensors"
  training { dataset "${dataset}"; rate 0.05; batch 4; ${settings} }
  fc 2
}
`;

/** A picture of one grey. */
function grey(value: number): Uint8Array {
  const png = new PNG({ width: 6, height: 6 });
  png.data.fill(value);
  for (let i = 3; i < png.data.length; i += 4) png.data[i] = 255;
  return PNG.sync.write(png);
}

/** The beginning of an IDX file. */
const idx = (...lengths: readonly number[]) => Uint8Array.of(0, 0, 8, lengths.length, ...lengths.flatMap(word));

const word = (value: number) => [(value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255];

describe.skipIf(browserIsMissing())('training in the panel on pictures in files', () => {
  let panel: PanelPage;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'convnet-'));
    for (const [name, from] of [
      ['dark', 0],
      ['light', 200],
    ] as const) {
      mkdirSync(join(folder, 'photos', name), { recursive: true });
      for (let i = 0; i < 10; i++) writeFileSync(join(folder, 'photos', name, `${i}.png`), grey(from + 5 * i));
    }
    const row = (i: number) =>
      `${i % 2},${Array<number>(16)
        .fill((i % 2) * 200 + i)
        .join(',')}`;
    writeFileSync(join(folder, 'grey.csv'), Array.from({ length: 20 }, (_, i) => row(i)).join('\n'));
    mkdirSync(join(folder, 'broken'));
    writeFileSync(join(folder, 'broken', 'train-images-idx3-ubyte'), Uint8Array.of(0, 0, 8, 3, 0));
    writeFileSync(join(folder, 'broken', 'train-labels-idx1-ubyte'), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0));
    mkdirSync(join(folder, 'mnist'));
    const pictures = Array.from({ length: 400 * 16 }, (_, i) => (Math.floor(i / 16) % 2) * 255);
    const labels = Array.from({ length: 400 }, (_, i) => i % 2);
    writeFileSync(join(folder, 'mnist', 'train-images-idx3-ubyte'), Uint8Array.of(...idx(400, 4, 4), ...pictures));
    writeFileSync(join(folder, 'mnist', 'train-labels-idx1-ubyte'), Uint8Array.of(...idx(400), ...labels));
    const count = 2 ** 19;
    mkdirSync(join(folder, 'large'));
    for (const [name, header, size] of [
      ['train-images-idx3-ubyte', idx(count, 4, 4), count * 16],
      ['train-labels-idx1-ubyte', idx(count), count],
    ] as const) {
      writeFileSync(join(folder, 'large', name), header);
      truncateSync(join(folder, 'large', name), header.length + size);
    }
    panel = await PanelPage.open();
  }, PATIENCE);

  afterAll(async () => {
    await panel?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const section = () => panel.page.getByRole('region', { name: 'Training' });
  const button = (name: string) => section().getByRole('button', { name, exact: true });
  const phase = () => section().getAttribute('data-phase');
  const problem = () => section().getByRole('alert').textContent();
  const show = async (dataset: string, settings?: string) => {
    await panel.show(text(dataset, settings), 'tiny.convnet', folder);
    await panel.ready();
  };
  const train = async () => {
    await panel.page.getByRole('button', { name: 'Train', exact: true }).click();
  };

  /** The weights that the panel comes to. */
  async function learnedFrom(dataset: string, settings?: string) {
    await show(dataset, settings);
    await train();
    await expect.poll(phase, soon).toBe('done');
    if (dataset === 'photos') {
      const names = await panel.page.locator('.scores li .label').allTextContents();
      expect(names.toSorted()).toEqual(['dark', 'light']);
    }
    await button('Save weights').click();
    const saved = () => panel.sent.findLast((message) => message.type === 'saveWeights');
    await expect.poll(() => saved()?.type, soon).toBe('saveWeights');
    await button('Close').click();
    return readSafetensors(Uint8Array.from(Object.values(saved()?.bytes ?? {})));
  }

  it.each(['photos', 'grey.csv'])(
    'learns %s as the command line does, to the bit',
    async (dataset) => {
      panel.sent.length = 0;
      const weights = await learnedFrom(dataset);
      writeFileSync(join(folder, 'tiny.convnet'), text(dataset));
      expect((await convnet(['train', 'tiny.convnet', '--fresh'], { cwd: folder })).status).toBe(0);
      const last = readSafetensors(readFileSync(join(folder, 'tiny.last.safetensors')));
      for (const [name, { values }] of weights) expect(last.get(name)?.values, name).toEqual(values);
    },
    120_000,
  );

  it('reads picture by picture what does not fit memory, and learns the same', async () => {
    // Half of it is for pictures, which have 6,400 bytes.
    await panel.post({ type: 'settings', settings: { followCursor: true, memoryLimit: 12_000 } });
    panel.sent.length = 0;
    const weights = await learnedFrom('mnist', 'epochs 2');
    const reads = panel.sent.filter(({ type }) => type === 'readData').length;
    // 320 pictures to learn from and 80 to test with, twice.
    expect(reads).toBeGreaterThan(800);
    await panel.post({ type: 'settings', settings: { followCursor: true, memoryLimit: 1e9 } });
    panel.sent.length = 0;
    expect(await learnedFrom('mnist', 'epochs 2')).toEqual(weights);
    expect(panel.sent.filter(({ type }) => type === 'readData').length).toBeLessThan(20);
  }, 120_000);

  it('tells what is wrong with them', async () => {
    await show('nowhere');
    await train();
    await expect
      .poll(problem, soon)
      .toContain('there is no file or folder nowhere to learn from; built in are digits and shapes.');
    await button('Close').click();
    await show('broken');
    await train();
    await expect
      .poll(problem, soon)
      .toContain('broken cannot be read: pictures: the file is cut short: its header is not complete.');
    await button('Close').click();
  });

  it('keeps the weights that were to be gone on with, where there is nothing to go on with', async () => {
    await show('grey.csv');
    await train();
    await expect.poll(phase, soon).toBe('done');
    await show('nowhere');
    await button('Train on').click();
    await expect.poll(phase, soon).toBe('failed');
    panel.sent.length = 0;
    await button('Save weights').click();
    const saved = () => panel.sent.findLast((message) => message.type === 'saveWeights');
    await expect.poll(() => saved()?.type, soon).toBe('saveWeights');
    const weights = readSafetensors(Uint8Array.from(Object.values(saved()?.bytes ?? {})));
    // As the command line came to them above.
    const last = readSafetensors(readFileSync(join(folder, 'tiny.last.safetensors')));
    for (const [name, { values }] of weights) expect(last.get(name)?.values, name).toEqual(values);
    expect(weights.size).toBeGreaterThan(0);
    await button('Close').click();
  });

  it('tells how far reading is, and stops while it waits for a file', async () => {
    panel.withholds = (ask) => ask.type === 'read' && (ask.part?.from ?? 0) > PART;
    await show('large');
    await train();
    await expect
      .poll(() => section().locator('.training-head .hint').textContent(), soon)
      .toBe('reading pictures: 4 MiB of 8 MiB');
    expect(await phase()).toBe('starting');
    await button('Stop').click();
    await expect.poll(phase, soon).toBe('stopped');
    panel.withholds = () => false;
    await button('Close').click();
    expect(panel.complaints).toEqual([]);
  });
});
