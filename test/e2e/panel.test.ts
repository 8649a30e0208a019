import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../host/repository.js';
import { Workbench } from './workbench.js';

/** How often and how long to look again for what VS Code does in its own time. */
const soon = { interval: 50, timeout: 30_000 };

describe('A student with lenet.convnet in the panel', () => {
  let code: Workbench;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);
  const number = async (selector: string, attribute: string) =>
    Number(await inPanel(selector).first().getAttribute(attribute));

  beforeAll(async () => {
    const vsix = process.env.CONVNET_VSIX;
    if (!vsix) throw new Error('Run by test/host/run.ts, which says in CONVNET_VSIX where the package is');
    code = await Workbench.open(vsix);
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
