import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packagedExtension, soon, Workbench } from './workbench.js';

/** One is true, one is not. */
const EXPECTING = `network Expecting {
  input 8x8x3
  conv 4 3x3 expect 6x6x4
  expect params 100
}
`;

describe('Somebody who looks at what is beside the text', () => {
  let code: Workbench;

  beforeAll(async () => {
    const prepare = (folder: string) => writeFile(join(folder, 'expecting.convnet'), EXPECTING);
    code = await Workbench.open(packagedExtension(), { prepare });
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('failure-views');
  });

  afterAll(() => code?.close());

  it('reads the totals in the status bar, and opens the Network view from there', async () => {
    await code.openFile('lenet.convnet');
    await expect.poll(() => code.totals.textContent(), soon).toContain('LeNet: 62,006 parameters');
    await code.totals.click();
    await code.page.locator('.quick-input-list', { hasText: '32×32×3 → 1×1×10' }).waitFor();
    await code.pick('Show in the Network View');
    // So that the view has room for all rows.
    await code.page.locator('.pane-header[aria-label^="Explorer Section"]').click();
    await code.network.row('conv2').waitFor();
    expect(await code.network.row('conv2').getAttribute('aria-label')).toContain('10×10×16 · 2,416 parameters');
  });

  it('clicks a layer, and the cursor is there; moves the cursor, and the layer is selected', async () => {
    await code.network.row('maxpool2').click();
    const line = code.lineOf('conv2:') + 2;
    await expect.poll(() => code.cursorLine(), soon).toBe(String(line));
    await code.goTo(code.lineOf('conv1:'), 5);
    await code.network.selected('conv1').waitFor();
    expect(await code.cursorLine()).toBe(String(code.lineOf('conv1:')));
  });

  it('filters the view, and takes the filter off', async () => {
    await code.network.action('Filter Network View');
    await code.page.locator('.quick-input-box input').fill('relu');
    await expect.poll(() => code.network.row('conv1').count(), soon).toBe(0);
    await code.page.keyboard.press('Enter');
    await code.network.message.getByText("4 matches for 'relu'").waitFor();
    await code.network.action('Clear Filter');
    await code.network.row('conv1').waitFor();
  });

  it('sees in the view and in the status bar what is wrong, and what is not known for it', async () => {
    const line = code.lineOf('conv2:');
    await code.replaceLine(line, 'conv2: covn 16 5x5');
    await code.network.row(`line ${line}`).waitFor();
    await code.network.row('relu2').waitFor();
    expect(await code.network.row('relu2').getAttribute('aria-label')).toContain('size unknown');
    await expect.poll(() => code.totals.textContent(), soon).toContain('totals unknown');
    await code.screenshot('tree-error');
    await code.replaceLine(line, 'conv2: conv 16 5x5');
    await expect.poll(() => code.totals.textContent(), soon).toContain('62,006');
  });

  it('has the network follow the rules of another framework', async () => {
    await code.totals.click();
    await code.pick('Change Framework');
    await code.pick('Follow the rules of PyTorch');
    await expect.poll(() => code.totals.textContent(), soon).toContain('PyTorch');
    await expect.poll(() => code.lineText(code.lineOf('network LeNet')), soon).toContain('like pytorch');
    await code.page.keyboard.press('ControlOrMeta+z');
  });

  it('shows a text that becomes ConvNet while it is open', async () => {
    await code.page.keyboard.press('ControlOrMeta+Alt+n');
    await code.page.locator('.tab.active[data-resource-name^="Untitled"]').waitFor();
    await code.page.keyboard.insertText('network Late {\n  input 8x8x3\n  tanh\n}\n');
    await code.openByCommand('Change Language Mode');
    await code.page.locator('.quick-input-box input').fill('ConvNet');
    await code.page.locator('.quick-input-list .monaco-list-row.focused[aria-label^="ConvNet"]').waitFor();
    await code.page.keyboard.press('Enter');
    await expect.poll(() => code.totals.textContent(), soon).toContain('Late: 0 parameters');
    await code.network.row('tanh1').waitFor();
  });

  it('runs an expectation from the margin, and sees the difference where it fails', async () => {
    await code.quickOpen('expecting.convnet');
    const glyphs = code.page.locator('.editor-instance .testing-run-glyph');
    await expect.poll(() => glyphs.count(), soon).toBe(3);
    await glyphs.first().click();
    await code.page.locator('.editor-instance .codicon-testing-failed-icon').first().waitFor();
    await code.page.locator('.editor-instance .codicon-testing-passed-icon').first().waitFor();
    // 3·3·3·4 + 4
    await code.page.getByText('Expected params 100, found 112').first().waitFor();
    await code.screenshot('test-failed');
    await code.page.keyboard.press('Escape');
  });

  it('finds the expectations in the Test Explorer, and sees one pass when the text is right', async () => {
    await code.runCommand('Testing: Focus on Test Explorer View');
    const row = (label: string) => code.page.locator(`.test-explorer .monaco-list-row[aria-label*="${label}"]`).first();
    await row('expecting.convnet').waitFor();
    await row('lecture/16-stride.convnet').waitFor();
    await code.replaceLine(4, 'expect params 112');
    await row('expecting.convnet').hover();
    await row('expecting.convnet').locator('.action-label[aria-label^="Run Test"]').click();
    await code.page.locator('.editor-instance .codicon-testing-failed-icon').first().waitFor({ state: 'hidden' });
    await row('expecting.convnet').locator('.codicon-testing-passed-icon').waitFor();
    await code.screenshot('test-explorer');
  });

  it('begins a network from a template, and is done with the first step of the walkthrough', async () => {
    const openWalkthrough = async () => {
      await code.openByCommand('Welcome: Open Walkthrough');
      await code.pick('Design Convolutional Networks');
    };
    await openWalkthrough();
    const step = code.page.locator('.getting-started-step', { hasText: 'Write a network' });
    await step.waitFor();
    const picture = code.page.locator('.getting-started-media img').first();
    await picture.waitFor();
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(300);
    await code.screenshot('walkthrough');
    await step.getByRole('button', { name: 'New Network' }).click();
    await code.pick('Residual network');
    await code.page.locator('.editor-instance .view-line', { hasText: 'network' }).first().waitFor();
    // The cursor is in the name.
    await code.page.keyboard.type('Mine');
    await expect.poll(() => code.totals.textContent(), soon).toMatch(/Mine: [\d,]+ parameters/);
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
    await openWalkthrough();
    await step.locator('[role="checkbox"][aria-checked="true"]').first().waitFor();
  });
});
