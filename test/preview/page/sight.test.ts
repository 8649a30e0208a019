import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../host/repository.js';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 20_000 };

describe.skipIf(browserIsMissing())('what the network sees', () => {
  let panel: PanelPage;
  const sight = () => panel.page.locator('.sight');
  const told = async (name: string) => Number(await panel.page.locator('[data-most]').first().getAttribute(name));

  beforeAll(async () => {
    panel = await PanelPage.open();
  }, PATIENCE);
  afterEach(() => expect(panel.complaints).toEqual([]));
  afterAll(() => panel?.close());

  it('calls classes by the labels of the network', async () => {
    await panel.showExample('shapes.convnet');
    const names = readFileSync(join(root, 'examples/shapes.txt'), 'utf8').trimEnd().split('\n');
    // What `convnet run` says of it, too.
    const label = panel.page.locator('.scores .label').first();
    await expect.poll(() => label.textContent(), soon).toBe('horizontal edge');
    expect(await label.getAttribute('title')).toBe(`class ${names.indexOf('horizontal edge')}`);
  });

  it('tells of labels that are not those of the classes', async () => {
    await panel.show('network N { input 8x8x1\n labels "shapes.txt"\n fc 4\n softmax }');
    await panel.page.getByText('shapes.txt has 10 labels, the network 4 classes.').waitFor();
    await panel.show('network N { input 8x8x1\n labels "gone.txt"\n fc 4\n softmax }');
    await panel.page.getByText('gone.txt is not there').waitFor();
  });

  it('covers the picture, square after square', async () => {
    await panel.showExample('digits.convnet');
    await panel.ready();
    await panel
      .layer('fc3')
      .locator('.strip canvas')
      .click({ position: { x: 5, y: 5 } });
    await panel.page.getByLabel('what it sees').selectOption('occlusion');
    await expect.poll(() => sight().getAttribute('aria-busy'), soon).toBe('false');
    await panel.page.getByText(/Squares of 4×4 pixels/).waitFor();
    expect(await told('data-most')).toBeGreaterThan(0);
    expect(await told('data-least')).toBeLessThan(0);
  });

  it('shows the region where a map answers, the smaller the more is asked for', async () => {
    await panel.layer('relu2').locator('.strip canvas').nth(1).click();
    await panel.page.getByLabel('what it sees').selectOption('region');
    const share = panel.page.getByRole('slider', { name: /of its largest number/ });
    await expect.poll(() => told('data-covered'), soon).toBeGreaterThan(0);
    const half = await told('data-covered');
    const picture = () =>
      sight()
        .locator('canvas')
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const pictureOfHalf = await picture();
    await share.focus();
    // The picture is of the answer, however alike two answers are.
    await panel.page.keyboard.press('Home');
    await expect.poll(() => told('data-covered'), soon).toBeGreaterThan(half);
    await expect.poll(picture, soon).not.toBe(pictureOfHalf);
    await panel.page.keyboard.press('End');
    await panel.page.keyboard.press('ArrowLeft');
    await panel.page.keyboard.press('ArrowRight');
    // At its largest number, one unit: the picture is 28 pixels wide and units are some pixels apart.
    await expect.poll(() => told('data-covered'), soon).toBeLessThan(Math.min(half, 0.02));
    expect(await told('data-covered')).toBeGreaterThan(0);
  });

  it('finds the picture that moves a channel most, and the unit there has that number', async () => {
    await panel.showExample('digits.convnet');
    await panel.ready();
    await panel.layer('conv2').getByRole('button').first().click();
    await panel.page.getByRole('button', { name: 'Which pictures move its channels most?' }).click();
    const shown = panel.page.locator('[data-top-channel="3"] button');
    await expect.poll(() => shown.count(), soon).toBe(5);
    const values = await shown.evaluateAll((buttons) =>
      buttons.map((button) => Number(button.getAttribute('data-value'))),
    );
    expect(values).toEqual([...values].sort((a, b) => b - a));
    await shown.first().click();
    const value = async () => Number(await panel.page.locator('.unit-value').getAttribute('data-value'));
    await expect.poll(value, soon).toBeCloseTo(values[0] ?? Number.NaN, 3);
    expect(await panel.violations()).toEqual([]);
  });

  it('says how far it is, and can be given up', async () => {
    const convs = Array.from({ length: 4 }, () => 'conv 32 3x3 pad 1; relu').join('\n');
    await panel.show(`network Long { input 96x96x3\n ${convs}\n fc 3 }`);
    await panel.ready();
    // Below the close-up that is open.
    await panel.layer('fc1').scrollIntoViewIfNeeded();
    await panel
      .layer('fc1')
      .locator('.strip canvas')
      .click({ position: { x: 5, y: 5 } });
    await panel.page.getByLabel('what it sees').selectOption('occlusion');
    await panel.page.getByRole('spinbutton', { name: 'square' }).fill('2');
    await panel.page.keyboard.press('Tab');
    const bar = panel.page.getByRole('progressbar', { name: /^Occlusion/ });
    await expect.poll(async () => Number(await bar.getAttribute('value')), soon).toBeGreaterThan(0);
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    await panel.page.getByText('Cancelled').waitFor();
    expect(await sight().getAttribute('aria-busy')).toBe('false');
    // The worker is free again.
    await panel.page.getByLabel('what it sees').selectOption('gradient');
    await panel.page.getByRole('img', { name: /^Gradient/ }).waitFor();
  });

  it('shows what speaks for a class where the network ends in an average', async () => {
    await panel.show('network Averages { input 16x16x3\n conv 4 3x3; relu\n globalavgpool\n fc 6\n softmax }');
    const map = panel.page.locator('.class-map');
    await map.waitFor();
    const first = await map.getAttribute('data-class');
    expect(first).toBe(
      (await panel.page.locator('.scores .label').first().getAttribute('title'))?.slice('class '.length),
    );
    const before = await map.getAttribute('data-most');
    await panel.page.getByLabel('What speaks for').selectOption({ index: 3 });
    await expect.poll(() => map.getAttribute('data-most'), soon).not.toBe(before);
    expect(await panel.violations()).toEqual([]);
  });
});
