import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { soon, Workbench } from './workbench.js';

describe('VS Code for the Web, with the language server in a worker', () => {
  let code: Workbench;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);

  beforeAll(async () => {
    code = await Workbench.openWeb();
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('failure-web');
  });

  afterAll(() => code?.close());

  it('shows sizes at the ends of the lines, and the totals', async () => {
    await code.openFile('lenet.convnet');
    await code.hint('10×10×16').waitFor();
    await expect.poll(() => code.totals.textContent(), soon).toContain('LeNet: 62,006 parameters');
    expect(await code.squiggles.count()).toBe(0);
  });

  it('marks what does not fit, and mends it', async () => {
    const line = code.lineOf('conv2: conv 16 5x5');
    await code.replaceLine(line, 'conv2: conv 16 5x5 stride 2');
    await code.squiggles.first().waitFor();
    await code.goTo(line, 12);
    await code.openQuickFixes('stride 1 (output 10×10)');
    await code.page.keyboard.press('Enter');
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
  });

  it('follows imports into other files', async () => {
    await code.openFile('resnet18.convnet');
    await expect.poll(() => code.totals.textContent(), soon).toContain('ResNet18: 11,689,512 parameters');
    expect(await code.squiggles.count()).toBe(0);
  });

  it('opens an example that ships with the extension', async () => {
    await code.openByCommand('ConvNet: Open Example');
    await code.pick('VGG-16');
    await expect.poll(() => code.totals.textContent(), soon).toContain('138,357,544 parameters');
  });

  it('restarts the language server, and knows the file again', async () => {
    await code.runCommand('ConvNet: Restart Language Server');
    await code.replaceLine(code.lineOf('input', 'vgg16.convnet'), 'input 3x3x3');
    await code.squiggles.first().waitFor();
  });

  it('runs the network in the preview', async () => {
    await code.openFile('lenet.convnet');
    await code.openPreview();
    await code.panel.until('ready');
    expect((await code.panel.maps('conv1')).some(({ flat }) => !flat)).toBe(true);
  });

  it('works out a unit, and sees what of the picture counts for it', async () => {
    await code.panel
      .layer('conv2')
      .locator('.strip canvas')
      .first()
      .click({ position: { x: 20, y: 20 } });
    const value = async () => Number(await inPanel('.unit-value').getAttribute('data-value'));
    await expect.poll(() => inPanel('.working').textContent(), soon).toContain('150 products + bias');
    expect(Number(await inPanel('.result').first().getAttribute('data-result'))).toBeCloseTo(await value(), 4);
    expect((await inPanel('[data-field]').getAttribute('data-field'))?.split(' ').slice(2)).toEqual(['14', '14']);
    await inPanel('.sight select').selectOption('occlusion');
    await inPanel('.sight .plane').waitFor();
    expect(Number(await inPanel('.sight [data-most]').getAttribute('data-most'))).toBeGreaterThan(0);
  });

  it('shows the graph and what layers cost', async () => {
    await inPanel('[data-view="graph"]').click();
    await expect.poll(() => inPanel('[data-graph-layer]').count(), soon).toBeGreaterThan(3);
    await inPanel('[data-view="performance"]').click();
    await inPanel('.performance thead button').filter({ hasText: 'Parameters' }).click();
    await expect.poll(() => inPanel('.performance tbody tr').nth(1).locator('th').textContent(), soon).toBe('fc1');
    await inPanel('[data-view="layers"]').click();
  });

  it('moves a slider, and the text follows', async () => {
    // Its close-up is open.
    const pad = inPanel('[data-attribute="pad"] input');
    await pad.focus();
    await code.page.keyboard.press('ArrowRight');
    await expect.poll(() => code.lineText(code.lineOf('conv2:')), soon).toContain('pad 1');
  });
});
