import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packagedExtension, soon, Workbench } from './workbench.js';

/** What lenet's second convolution says. */
const CONV = 'conv2: conv 16 5x5';

/** Stripes: unlike any picture that ships. */
function stripes(): Uint8Array {
  const png = new PNG({ width: 48, height: 48 });
  for (let i = 0; i < 48 * 48; i++) png.data.set(i % 48 < 24 ? [255, 40, 0, 255] : [0, 40, 255, 255], 4 * i);
  return PNG.sync.write(png);
}

describe('A developer with lenet.convnet', () => {
  let code: Workbench;
  let secondConv: number;
  let keyword: number;
  let endOfConv: number;

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension());
    const lines = readFileSync(join(code.folder, 'lenet.convnet'), 'utf8').split('\n');
    secondConv = 1 + lines.findIndex((line) => line.includes(CONV));
    keyword = 1 + (lines[secondConv - 1]?.indexOf('conv 16') ?? 0);
    endOfConv = 1 + (lines[secondConv - 1]?.indexOf(CONV) ?? 0) + CONV.length;
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('failure');
  });

  afterAll(() => code?.close());

  it('opens it and sees sizes, and nothing wrong', async () => {
    await code.openFile('lenet.convnet');
    await code.hint('10x10x16', '10×10×16').waitFor();
    expect(await code.squiggles.count()).toBe(0);
  });

  it('reads in a hover how a size comes about', async () => {
    await code.goTo(secondConv, keyword);
    const hover = await code.hoverAtCursor();
    expect(hover).toMatch(/\(14 − 5\)/);
    expect(hover).toContain('2,416');
  });

  it('adds a stride that does not fit, and sees why', async () => {
    await code.typeAt(secondConv, endOfConv, ' stride 2');
    await code.squiggles.first().waitFor();
    await code.screenshot('squiggle');
    await code.goTo(secondConv, keyword);
    expect(await code.hoverAtCursor()).toContain('5.5');
  });

  it('takes the first fix from the light bulb', async () => {
    await code.openQuickFixes('stride 1 (output 10×10)');
    await code.screenshot('light-bulb');
    await code.page.keyboard.press('Enter');
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
    expect(await code.lineText(secondConv)).toContain('stride 1');
  });

  it('opens the preview from the editor title, and sees the network run', async () => {
    await code.openPreview();
    await code.panel.until('ready');
    for (const layer of ['conv1', 'relu1', 'maxpool1', 'conv2']) {
      const maps = await code.panel.maps(layer);
      expect(
        maps.some(({ flat }) => !flat),
        `${layer} shows a picture`,
      ).toBe(true);
    }
  });

  it('changes to a dark theme, and the preview follows', async () => {
    const textColour = () => code.panel.preview.evaluate((preview) => getComputedStyle(preview).color);
    await code.screenshot('light');
    const inLight = await textColour();
    await code.runCommand('Preferences: Toggle between Light/Dark Themes');
    await expect.poll(textColour, soon).not.toBe(inLight);
    await code.screenshot('dark');
  });

  it('edits a layer: what is below changes, what is above stays', async () => {
    const above = ['conv1', 'relu1', 'maxpool1'];
    const mapsAbove = () => Promise.all(above.map((layer) => code.panel.maps(layer)));
    const before = {
      above: await mapsAbove(),
      conv2: await code.panel.maps('conv2'),
      last: await code.panel.maps('relu2'),
    };

    await code.replaceLine(secondConv, `${CONV} pad 1`);
    await expect.poll(() => code.panel.maps('conv2'), soon).not.toEqual(before.conv2);
    await code.panel.until('ready');
    expect(await code.panel.maps('relu2')).not.toEqual(before.last);
    expect(await mapsAbove()).toEqual(before.above);
  });

  it('keeps the last good picture while the network is wrong', async () => {
    const padded = await code.panel.maps('conv2');
    await code.replaceLine(secondConv, CONV);
    await expect.poll(() => code.panel.maps('conv2'), soon).not.toEqual(padded);
    await code.panel.until('ready');
    const before = await code.panel.maps('conv2');
    await code.typeAt(secondConv, endOfConv, ' stride 2');
    await code.squiggles.first().waitFor();
    await code.panel.until('error');
    expect(await code.panel.maps('conv2')).toEqual(before);
    await code.replaceLine(secondConv, CONV);
    await code.panel.until('ready');
  });

  it('clicks a layer, and the cursor goes there', async () => {
    await code.goTo(1);
    await code.panel.layer('conv2').getByRole('button').first().click();
    await expect.poll(() => code.cursorLine(), soon).toBe(String(secondConv));
  });

  it('drops a picture in, and sees it run', async () => {
    const before = await code.panel.maps('conv1');
    await code.panel.drop('stripes.png', 'image/png', stripes());
    await expect.poll(() => code.panel.maps('conv1'), soon).not.toEqual(before);
    await code.panel.until('ready');
  });

  it('drops a file that is no picture, and is told so', async () => {
    const before = await code.panel.maps('conv1');
    await code.panel.drop('letter.png', 'image/png', new TextEncoder().encode('Dear Sir or Madam'));
    await code.panel.preview.getByText('letter.png').first().waitFor();
    expect(await code.panel.maps('conv1')).toEqual(before);
  });
});
