import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 20_000 };

const BRANCHES = `block Two(n) { concat { branch { conv n 1x1; relu } branch { conv n 3x3 pad 1; relu } } }
network Small { input 16x16x3
  Two(2)
  Two(4)
  fc 10 }`;

describe.skipIf(browserIsMissing())('the graph', () => {
  let panel: PanelPage;
  const cards = () => panel.page.locator('[data-graph-layer]');
  const names = () => cards().evaluateAll((all) => all.map((card) => card.getAttribute('data-graph-layer')));

  beforeAll(async () => {
    panel = await PanelPage.open();
    await panel.show(BRANCHES);
    await panel.ready();
    await panel.page.getByRole('tab', { name: 'Graph' }).click();
  }, PATIENCE);
  afterEach(() => expect(panel.complaints).toEqual([]));
  afterAll(() => panel?.close());

  it('shows every layer with its map', async () => {
    // input, two blocks of five layers, fc
    await expect.poll(names, soon).toHaveLength(12);
    await expect.poll(() => panel.page.locator('.face canvas').first().getAttribute('width'), soon).not.toBeNull();
  });

  it('folds a block to a card with its call, and unfolds it', async () => {
    await panel.page.getByRole('button', { name: 'Two(2)', exact: true }).click();
    await expect.poll(names, soon).toHaveLength(8);
    await panel.page.getByRole('button', { name: 'Unfold Two(2)' }).click();
    await expect.poll(names, soon).toHaveLength(12);
    await panel.page.getByRole('button', { name: 'Fold all', exact: true }).click();
    await expect.poll(names, soon).toEqual(['input1', 'Two1/concat1', 'Two2/concat1', 'fc1']);
    await panel.page.getByRole('button', { name: 'Unfold all' }).click();
  });

  it('is moved and zoomed by the keyboard', async () => {
    const transform = () => panel.page.locator('.world').evaluate((world) => (world as HTMLElement).style.transform);
    const before = await transform();
    await panel.page.getByRole('application', { name: /^The graph of Small/ }).focus();
    await panel.page.keyboard.press('+');
    await panel.page.keyboard.press('ArrowDown');
    await expect.poll(transform, soon).not.toBe(before);
    await panel.page.keyboard.press('0');
    await expect.poll(transform, soon).toMatch(/scale\(0\.\d+\)|scale\(1\)/);
  });

  it('opens a layer close up, and moves the cursor there', async () => {
    await cards().first().getByRole('button').click();
    await panel.page.getByRole('region', { name: 'input1 in detail' }).waitFor();
    expect(panel.sent.some(({ type }) => type === 'reveal')).toBe(true);
    expect(await panel.violations()).toEqual([]);
  });

  it('marks the layer of an error', async () => {
    await panel.show('network Wrong { input 16x16x3\n conv 2 5x5 stride 2\n relu }', 'wrong.convnet');
    await panel.page.locator('.card-box.wrong').waitFor();
    expect(await panel.page.locator('.card-box.wrong').count()).toBe(1);
    expect(await panel.page.locator('.card-box.wrong').textContent()).toContain('does not fit');
  });

  it('draws only what is on the screen', async () => {
    await panel.show(`network Long { input 8x8x2\n${'relu\n'.repeat(1000)} }`);
    await panel.ready();
    await expect.poll(async () => (await names()).length, soon).toBeGreaterThan(3);
    expect((await names()).length).toBeLessThan(80);
  });

  it('compares what layers cost', async () => {
    await panel.show(BRANCHES);
    await panel.page.getByRole('tab', { name: 'Performance' }).click();
    await panel.page.getByRole('button', { name: 'Parameters' }).click();
    const first = panel.page.locator('.performance tbody tr').nth(1);
    await expect.poll(() => first.locator('th').textContent(), soon).toBe('fc1');
    expect(await first.locator('.params').textContent()).toBe('20.49 k');
    expect(await panel.violations()).toEqual([]);
  });

  it('begins anew with another network of the file, whatever was looked at before', async () => {
    const lines = Array.from({ length: 6 }, () => 'conv 4 3x3 pad 1; relu').join('\n');
    const two = `network First { input 8x8x3\n${lines} }\nnetwork Second { input 8x8x3\nTwo(2)\n fc 2 }`;
    await panel.show(`${BRANCHES.split('\n')[0]}\n${two}`, 'two.convnet');
    await panel.ready();
    await panel.page.getByRole('tab', { name: 'Graph' }).click();
    await cards().first().waitFor();
    for (let step = 0; step < 4; step++) await panel.page.getByRole('button', { name: 'Zoom in' }).click();
    await panel.page.getByRole('combobox', { name: 'Network' }).selectOption('Second');
    await expect.poll(names, soon).toContain('fc1');
    // The first card is in the middle of the screen, below the tools.
    const place = async () => {
      const [card, screen] = [await cards().first().boundingBox(), await panel.page.locator('.graph').boundingBox()];
      return card && screen ? Math.abs(card.x + card.width / 2 - (screen.x + screen.width / 2)) : Number.NaN;
    };
    await expect.poll(place, soon).toBeLessThan(30);
  });
});
