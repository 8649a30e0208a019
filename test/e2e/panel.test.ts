import { existsSync, readFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../host/repository.js';
import { packagedExtension, soon, Workbench } from './workbench.js';

describe('A student with lenet.convnet in the panel, in a light theme', () => {
  let code: Workbench;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);
  const number = async (selector: string, attribute: string) =>
    Number(await inPanel(selector).first().getAttribute(attribute));

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      settings: { 'workbench.colorTheme': 'Default Light Modern' },
    });
    await code.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await code.openFile('lenet.convnet');
    await code.openPreview();
    await code.panel.until('ready');
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('panel-failure');
  });

  afterAll(() => code?.close());

  it('clicks a pixel of a map, and its number is worked out to what the map shows', async () => {
    await code.panel
      .layer('conv1')
      .locator('.strip canvas')
      .nth(1)
      .click({ position: { x: 30, y: 30 } });
    await inPanel('.result').waitFor();
    expect(await inPanel('.working').textContent()).toContain('75 products + bias');
    const value = await number('.unit-value', 'data-value');
    expect(await number('.result', 'data-result')).toBeCloseTo(value, 4);
    await code.screenshot('neuron');
  });

  it('slides the filter by the keyboard, and the map fills in', async () => {
    const first = await number('.unit-value', 'data-value');
    await inPanel('[data-filled] .plane').focus();
    await code.page.keyboard.press('ArrowRight');
    await expect.poll(() => number('.unit-value', 'data-value'), soon).not.toBe(first);
    await code.page.keyboard.press('Space');
    await expect.poll(() => number('[data-filled]', 'data-filled'), soon).toBeGreaterThan(2);
    await code.page.keyboard.press('Space');
  });

  it('sees what a unit of conv2 looks at: 14×14 pixels', async () => {
    await code.panel
      .layer('conv2')
      .locator('.strip canvas')
      .first()
      .click({ position: { x: 1, y: 1 } });
    await expect.poll(() => inPanel('[data-field]').getAttribute('data-field'), soon).toBe('0 0 14 14');
  });

  it('gets about by the keyboard alone', async () => {
    const focused = () => inPanel(':focus').getAttribute('aria-controls');
    await code.panel.layer('input1').locator('.head').focus();
    for (const _ of ['conv1', 'relu1', 'maxpool1']) await code.page.keyboard.press('ArrowDown');
    expect(await inPanel(':focus .name').textContent()).toBe('maxpool1');
    await code.page.keyboard.press('Enter');
    await inPanel('[aria-label="maxpool1 in detail"]').waitFor();
    expect(await focused()).toBe(await inPanel('.close-up').getAttribute('id'));
    // Visible, as VS Code shows it.
    const outline = await inPanel(':focus').evaluate((element) => getComputedStyle(element).outlineStyle);
    expect(outline).toBe('solid');
    await inPanel('.close-up').getByRole('button', { name: 'Look at one unit' }).focus();
    await code.page.keyboard.press('Enter');
    await expect.poll(() => inPanel('.working').textContent(), soon).toContain('The largest of 4');
    await code.panel.layer('maxpool1').locator('.head').focus();
    await code.page.keyboard.press('Enter');
    await inPanel('.close-up').waitFor({ state: 'hidden' });
    await inPanel('[data-view="layers"]').focus();
    await code.page.keyboard.press('ArrowRight');
    await inPanel('.graph').focus();
    const world = () => inPanel('.world').getAttribute('style');
    for (const key of ['+', 'ArrowDown', '0']) {
      const before = await world();
      await code.page.keyboard.press(key);
      await expect.poll(world, soon).not.toBe(before);
    }
    await inPanel('[data-view="graph"]').focus();
    await code.page.keyboard.press('ArrowLeft');
  });

  it('sorts all maps of a layer, each by itself, and saves them', async () => {
    await code.panel.layer('conv2').locator('.head').click();
    const order = () =>
      inPanel('.grid canvas').evaluateAll((maps) => maps.map((map) => (map as HTMLElement).dataset.channel));
    await expect.poll(async () => (await order()).length, soon).toBe(16);
    const before = await order();
    await inPanel('.order select').selectOption('deviation');
    await expect.poll(order, soon).not.toEqual(before);
    const pixels = () =>
      inPanel('.grid canvas')
        .first()
        .evaluate((map) => (map as HTMLCanvasElement).toDataURL());
    const together = await pixels();
    await inPanel('.legend input').check();
    await expect.poll(async () => (await pixels()) !== together || (await order())[0] !== before[0], soon).toBe(true);
    await inPanel('.legend input').uncheck();
    await inPanel('.tools').getByText('Save as PNG…').click();
    await code.saveAs('conv2.png');
    const sheet = () => {
      try {
        const { width, height } = PNG.sync.read(readFileSync(join(code.folder, 'conv2.png')));
        return [width, height];
      } catch {
        return [];
      }
    };
    // Four by four maps of 10×10, two pixels between them.
    await expect.poll(sheet, soon).toEqual([46, 46]);
  });

  it('takes the network out: as SVG, as a page, as a table', async () => {
    const choose = async (entry: string) => {
      await inPanel('.menu summary').focus();
      await code.page.keyboard.press('Enter');
      await inPanel('.menu').getByRole('button', { name: entry }).focus();
      await code.page.keyboard.press('Enter');
    };
    const saved = async (name: string) => {
      await code.saveAs(name);
      await expect.poll(() => existsSync(join(code.folder, name)), soon).toBe(true);
      return code.onDisk(name);
    };
    await choose('Drawing as SVG…');
    const svg = await saved('LeNet.svg');
    await choose('Page as HTML…');
    const html = await saved('LeNet.html');
    const found = await code.page.evaluate(
      ({ svg, html }) => {
        const drawing = new DOMParser().parseFromString(svg, 'image/svg+xml');
        const page = new DOMParser().parseFromString(html, 'text/html');
        const layersIn = (root: ParentNode) =>
          [...root.querySelectorAll('[data-layer]')].map((card) => card.getAttribute('data-layer'));
        return {
          errors: drawing.querySelectorAll('parsererror').length,
          layers: layersIn(drawing),
          inPage: layersIn(page),
          rows: page.querySelectorAll('tbody tr').length,
          maps: page.querySelectorAll('img[src^="data:image/png"]').length,
        };
      },
      { svg, html },
    );
    const layers = 'input1 conv1 relu1 maxpool1 conv2 relu2 maxpool2 fc1 relu3 fc2 relu4 fc3 softmax1'.split(' ');
    // Of the seven whose maps have more than a pixel.
    expect(found).toEqual({ errors: 0, layers, inPage: layers, rows: 13, maps: 7 });
    await choose('Copy as Markdown table');
    const copied = () => code.page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied, soon).toContain('| conv2 | conv | 10×10×16 | 2,416 | 240,000 | 14×14 |');
    expect((await copied()).trim().split('\n')).toHaveLength(13 + 2);
  });

  it('looks at the graph: every layer with its size', async () => {
    await inPanel('[data-view="graph"]').click();
    await expect.poll(() => inPanel('[data-graph-layer]').count(), soon).toBeGreaterThan(3);
    expect(await inPanel('.edges').textContent()).toContain('28×28×6');
    await code.screenshot('graph');
  });

  it('finds the layer with most parameters', async () => {
    await inPanel('[data-view="performance"]').click();
    await inPanel('.performance thead button').filter({ hasText: 'Parameters' }).click();
    await expect.poll(() => inPanel('.performance tbody tr').nth(1).locator('th').textContent(), soon).toBe('fc1');
    await code.screenshot('performance');
  });

  it('has a network with trained weights tell a 7, until their file is gone', async () => {
    await inPanel('[data-view="layers"]').click();
    await code.openFile('digits.convnet');
    // It opens where the keyboard is, over the panel.
    await code.openPreview();
    await expect.poll(() => inPanel('.facts').textContent(), soon).toContain('digits.safetensors');
    await expect.poll(() => inPanel('.scores .label').first().textContent(), soon).toBe('class 7');
    await code.screenshot('weights');
    await rm(join(code.folder, 'digits.safetensors'));
    await expect.poll(() => inPanel('.facts').textContent(), soon).toContain('random, seed 1');
    await cp(join(root, 'examples/digits.safetensors'), join(code.folder, 'digits.safetensors'));
    await expect.poll(() => inPanel('.facts').textContent(), soon).toContain('digits.safetensors');
  });
});
