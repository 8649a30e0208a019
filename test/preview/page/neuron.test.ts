import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 10_000 };

/** The weights are random, but what they come to must be what the map shows. */
describe.skipIf(browserIsMissing())('the neuron view', () => {
  let panel: PanelPage;
  const result = () => panel.page.locator('.result');
  const value = async () => Number(await panel.page.locator('.unit-value').getAttribute('data-value'));
  const filled = () => panel.page.locator('[data-filled]').getAttribute('data-filled');
  const place = async () =>
    Promise.all(['map', 'row', 'column'].map((name) => panel.page.getByLabel(name, { exact: true }).inputValue()));

  beforeAll(async () => {
    panel = await PanelPage.open();
  }, PATIENCE);
  beforeEach(async () => {
    await panel.showExample('lenet.convnet');
    await panel.ready();
  });
  afterEach(() => expect(panel.complaints).toEqual([]));
  afterAll(() => panel?.close());

  it('opens at the pixel that is clicked, and works out its number', async () => {
    await panel
      .layer('conv1')
      .locator('.strip canvas')
      .nth(2)
      .click({ position: { x: 20, y: 10 } });
    await result().waitFor();
    expect(await place()).toEqual(['2', '5', '10']);
    expect(await panel.page.locator('.working').textContent()).toContain('75 products + bias');
    // 3 channels of a patch, a filter and their products, 25 numbers each.
    expect(await panel.page.locator('.matrix span').count()).toBe(3 * 3 * 25);
    const sums = await panel.page
      .locator('[data-channel-sum]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-channel-sum'))));
    expect(sums.reduce((total, sum) => total + sum, 0)).toBeCloseTo(await value(), 4);
    expect(Number(await result().getAttribute('data-result'))).toBeCloseTo(await value(), 4);
  });

  it('slides by the keyboard, and stays on the map', async () => {
    await panel.page.getByRole('application', { name: /^Map 2 of conv1/ }).focus();
    await panel.page.keyboard.press('ArrowRight');
    await panel.page.keyboard.press('ArrowDown');
    await panel.page.keyboard.press('PageDown');
    await expect.poll(place, soon).toEqual(['3', '6', '11']);
    await panel.page.keyboard.press('End');
    await panel.page.keyboard.press('ArrowRight');
    await expect.poll(place, soon).toEqual(['3', '6', '27']);
  });

  it('fills the map in, step by step and running', async () => {
    expect(await filled()).toBe('all');
    await panel.page.getByRole('button', { name: 'Back to the first place' }).click();
    await expect.poll(place, soon).toEqual(['3', '0', '0']);
    expect(await filled()).toBe('0');
    await panel.page.getByRole('button', { name: 'One place on' }).click();
    await expect.poll(filled, soon).toBe('1');
    await panel.page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(async () => Number(await filled()), soon).toBeGreaterThan(3);
    await panel.page.getByRole('button', { name: 'Pause' }).click();
    const stopped = await filled();
    await panel.page.waitForTimeout(400);
    expect(await filled()).toBe(stopped);
    await panel.page.getByRole('button', { name: 'Whole map' }).click();
    await expect.poll(filled, soon).toBe('all');
  });

  it('sees 14×14 pixels from conv2, and goes on to what it reads', async () => {
    await panel
      .layer('conv2')
      .locator('.strip canvas')
      .first()
      .click({ position: { x: 1, y: 1 } });
    // Row 0 and column 0: from the very corner, 5 + (5 − 1)·2 and the pool's 2 pixels more.
    const field = panel.page.locator('[data-field]');
    await expect.poll(() => field.getAttribute('data-field'), soon).toBe('0 0 14 14');
    await panel.page.getByRole('application', { name: /^maxpool1 with its padding/ }).focus();
    await panel.page.keyboard.press('Enter');
    await panel.page.getByText('The largest of 4').waitFor();
    expect(Number(await result().getAttribute('data-result'))).toBeCloseTo(await value(), 5);
  });

  it('multiplies all that a fully connected unit reads, no more', async () => {
    await panel
      .layer('fc2')
      .locator('.strip canvas')
      .click({ position: { x: 5, y: 5 } });
    // Inputs, weights and products, 120 of each, in rows of 32.
    await expect.poll(() => panel.page.locator('.dot-product .matrix span').count(), soon).toBe(3 * 120);
  });

  it('shows which pixels move the unit, inside its receptive field', async () => {
    await panel.page.getByLabel('what it sees').selectOption('gradient');
    await panel.page.getByRole('img', { name: /^Gradient/ }).waitFor();
    await expect.poll(() => panel.page.locator('.sight').getAttribute('aria-busy'), soon).toBe('false');
  });

  it('breaks no rule of accessibility', async () => {
    expect(await panel.violations()).toEqual([]);
  });

  it('follows an edit that leaves a smaller map', async () => {
    await panel
      .layer('conv1')
      .locator('.strip canvas')
      .first()
      .click({ position: { x: 55, y: 55 } });
    await expect.poll(place, soon).toEqual(['0', '27', '27']);
    await panel.show('network LeNet { input 16x16x3\n conv1: conv 6 5x5 stride 1\n relu }', 'lenet.convnet');
    await expect.poll(place, soon).toEqual(['0', '11', '11']);
    await expect
      .poll(async () => Number(await result().getAttribute('data-result')), soon)
      .toBeCloseTo(await value(), 4);
  });

  it('comes back after a reload', async () => {
    const state = { unit: { layer: 'conv1', channel: 4, row: 3, column: 2 }, picked: 'conv1' };
    const again = await PanelPage.open({ theme: 'light', state });
    await again.showExample('lenet.convnet');
    await again.page.locator('.result').waitFor();
    expect(await again.page.getByLabel('row', { exact: true }).inputValue()).toBe('3');
    expect(await again.violations()).toEqual([]);
    await again.close();
  });
});

it.skipIf(browserIsMissing())('nothing glides where motion is to be reduced', async () => {
  const panel = await PanelPage.open({ reducedMotion: true });
  await panel.showExample('lenet.convnet');
  await panel.ready();
  await panel.layer('conv1').locator('.strip canvas').first().click();
  const frame = panel.page.locator('.frame').first();
  await frame.waitFor();
  expect(await frame.evaluate((element) => getComputedStyle(element).transitionDuration)).toBe('0s');
  await panel.close();
});
