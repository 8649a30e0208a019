import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commitAll, git, hasGit } from './git.js';
import { packagedExtension, soon, Workbench } from './workbench.js';

/** A block that is right at one place and wrong at the other. */
const BLOCK = `block Down(filters) {
  conv filters 3x3 stride 3
  relu
}

network N {
  input 9x9x3
  Down(8)
}

network M {
  input 7x7x3
  Down(8)
}
`;

/** Two mistakes of one kind, each with a fix. */
const TWICE = `network N {
  input 8x8x3
  conv 4 3x3 paad 1
  relu
  conv 4 3x3 paad 1
}
`;

const MESSY = `network N {
input 8x8x3
    conv   4 3x3
 relu
}
`;

/** The folder is a repository, and everything in it is committed. */
async function prepare(folder: string) {
  await writeFile(join(folder, 'block.convnet'), BLOCK);
  await writeFile(join(folder, 'twice.convnet'), TWICE);
  await writeFile(join(folder, 'saved.convnet'), TWICE);
  await writeFile(join(folder, 'messy.convnet'), MESSY);
  commitAll(folder);
}

describe('Somebody who writes a network', () => {
  let code: Workbench;

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      prepare,
      settings: {
        'editor.formatOnSave': true,
        'editor.codeActionsOnSave': { 'source.fixAll.convnet': 'explicit' },
        'files.autoSave': 'off',
      },
    });
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot(`failure-writing-${task.name.replaceAll(/\W+/g, '-')}`);
  });

  afterAll(() => code?.close());

  it('is offered the strides that fit first, each with the size it gives', async () => {
    await code.openFile('lenet.convnet');
    await code.hint('10×10×16').waitFor();
    const line = code.lineOf('conv2: conv 16 5x5');
    await code.replaceLine(line, 'conv2: conv 16 5x5');
    await code.page.keyboard.press('End');
    await code.page.keyboard.type(' stride ');
    const rows = code.page.locator('.suggest-widget.visible .monaco-list-row');
    await rows.first().waitFor();
    // (14 − 5)/S + 1 is whole for 1, 3 and 9.
    const labels = await rows.evaluateAll((list) => list.map((row) => row.getAttribute('aria-label') ?? ''));
    const numbers = labels.map((label) => Number.parseInt(label, 10));
    expect(numbers.slice(0, 2)).toEqual([1, 3]);
    expect(labels[1]).toContain('4×4×16');
    expect(numbers.indexOf(2)).toBeGreaterThan(1);
    await code.page.keyboard.press('ArrowDown');
    await code.page.keyboard.press('Enter');
    await expect.poll(() => code.lineText(line), soon).toContain('stride 3');
    await code.hint('4×4×16').waitFor();
  });

  it.skipIf(!hasGit)('sees in a code lens what changed since the last commit', async () => {
    const lens = code.page.locator('.codelens-decoration', { hasText: 'since the last commit' });
    await lens.first().waitFor();
    // 4·4 instead of 10·10 places, and a smaller fc: fewer of everything.
    expect(await lens.first().textContent()).toMatch(/−[\d,]+ parameters/);
    await code.page.keyboard.press('Escape');
    // A click tells layer by layer.
    const preview = code.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
    const change = preview.getByRole('cell', { name: 'stride 1 → 3' });
    // VS Code drops a click on a lens that it draws anew at that moment.
    const comparison = async () => {
      await lens.getByText('since the last commit').first().click();
      await change.waitFor({ timeout: 10_000 }).catch(() => undefined);
      return change.isVisible();
    };
    await expect.poll(comparison, { timeout: 60_000 }).toBe(true);
    await preview.getByText('Parameters: 62,006 → 21,686').waitFor();
    await code.screenshot('compare');
    await code.runCommand('View: Close All Editors in Group');
    await code.quickOpen('lenet.convnet');
    await code.save();
    git(code.folder, 'commit', '-qam', 'Stride');
    await code.runCommand('Git: Refresh');
    await lens.first().waitFor({ state: 'hidden' });
  });

  it.skipIf(!hasGit)('chooses what to compare with: another commit, or another file', async () => {
    const preview = code.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
    const input = code.page.locator('.quick-input-widget .quick-input-box input');
    await code.openByCommand('ConvNet: Compare With…');
    await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'The last commit' }).waitFor();
    await code.screenshot('compare-with');
    await code.pick('Another commit…');
    await code.page.locator('.quick-input-widget').getByText('such as HEAD~2 or main').waitFor();
    await input.fill('HEAD~1');
    await code.page.keyboard.press('Enter');
    await preview.getByText('Parameters: 62,006 → 21,686').waitFor();
    await preview.getByRole('heading', { name: 'lenet.convnet since HEAD~1' }).waitFor();
    await code.runCommand('View: Close All Editors in Group');
    await code.quickOpen('lenet.convnet');
    await code.openByCommand('ConvNet: Compare With…');
    await code.page.locator('.quick-input-list .monaco-list-row', { hasText: 'The last commit' }).waitFor();
    await input.fill('resnet18');
    await code.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'resnet18.convnet' }).waitFor();
    await code.page.keyboard.press('Enter');
    await preview.getByRole('heading', { name: 'lenet.convnet against resnet18.convnet' }).waitFor();
    await code.runCommand('View: Close All Editors in Group');
  });

  it('renames a block, and the files that import it follow', async () => {
    await code.quickOpen('resnet18.convnet');
    await code.hint('112×112×64', '28×28×128').waitFor();
    const line = code.lineOf('BasicBlock(64); BasicBlock(64)', 'resnet18.convnet');
    await code.goTo(line, 5);
    await code.page.keyboard.press('F2');
    await code.page.locator('.rename-box input').fill('TwoConvs');
    await code.page.keyboard.press('Enter');
    await expect.poll(() => code.lineText(line), soon).toContain('TwoConvs(64)');
    await code.runCommand('File: Save All');
    await expect.poll(() => code.onDisk('blocks.convnet'), soon).toContain('block TwoConvs(');
    await expect.poll(() => code.onDisk('resnet18.convnet'), soon).toMatch(/^import TwoConvs,/m);
    await expect.poll(() => code.onDisk('resnet34.convnet'), soon).toContain('TwoConvs(64)');
    for (const name of ['blocks', 'resnet18', 'resnet34'])
      expect(code.onDisk(`${name}.convnet`)).not.toContain('BasicBlock(');
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
  });

  it('mends a line in a block that is wrong in one of its uses', async () => {
    await code.quickOpen('block.convnet');
    await code.squiggles.first().waitFor();
    await code.goTo(2, 5);
    expect(await code.hoverAtCursor()).toContain('7×7');
    await code.openQuickFixes('Use stride 2');
    await code.page.locator('.action-widget').getByText('Use stride 2').first().click();
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
    expect(await code.lineText(2)).toContain('stride 2');
    await code.save();
  });

  it('mends all of a kind at once', async () => {
    await code.quickOpen('twice.convnet');
    await code.squiggles.first().waitFor();
    await code.goTo(3, 15);
    await code.openQuickFixes('Fix all of this kind (2)');
    await code.page.locator('.action-widget').getByText('Fix all of this kind (2)').first().click();
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
    await code.save();
    expect(code.onDisk('twice.convnet')).toBe(TWICE.replaceAll('paad', 'pad'));
  });

  it('has what can be fixed in one way fixed when a file is saved', async () => {
    await code.quickOpen('saved.convnet');
    await code.squiggles.first().waitFor();
    await code.goTo(2);
    await code.page.keyboard.press('End');
    await code.page.keyboard.type(' ');
    await code.save();
    await expect.poll(() => code.onDisk('saved.convnet'), soon).toBe(TWICE.replaceAll('paad', 'pad'));
    await code.quickOpen('twice.convnet');
  });

  it('extracts lines to a block', async () => {
    await code.goTo(3);
    await code.page.keyboard.press('Shift+ArrowDown');
    await code.page.keyboard.press('Shift+End');
    await code.openRefactorings('Extract to block');
    await code.page.locator('.action-widget').getByText('Extract to block').first().click();
    await expect.poll(() => code.page.locator('.tab.active.dirty').count(), soon).toBe(1);
    await code.save();
    const text = code.onDisk('twice.convnet');
    expect(text).toMatch(/^block \w+\(?.*\{\n {2}conv 4 3x3 pad 1\n {2}relu\n\}/m);
    expect(text.match(/conv 4 3x3 pad 1/g)).toHaveLength(2);
    await expect.poll(() => code.squiggles.count(), soon).toBe(0);
  });

  it('has a file laid out when it is saved', async () => {
    await code.quickOpen('messy.convnet');
    await code.goTo(2);
    await code.page.keyboard.press('End');
    await code.page.keyboard.type(' ');
    await code.save();
    await expect
      .poll(() => code.onDisk('messy.convnet'), soon)
      .toBe('network N {\n  input 8x8x3\n  conv 4 3x3\n  relu\n}\n');
  });
});
