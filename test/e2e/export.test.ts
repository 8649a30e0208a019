import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packagedExtension, soon, Workbench } from './workbench.js';

describe('Somebody who takes a network to another tool', () => {
  let code: Workbench;
  /** The second editor: the code. */
  const beside = () => code.page.locator('.editor-instance').nth(1);
  const line = (text: string | RegExp) => beside().locator('.view-line', { hasText: text }).first();
  /** What is marked in an editor, by the text of the lines that stand at the same height. */
  const marked = (editor: number) =>
    code.page.evaluate((editor) => {
      const instance = document.querySelectorAll('.editor-instance')[editor];
      const top = (element: Element) => Math.round(element.getBoundingClientRect().top);
      const rows = [...(instance?.querySelectorAll('.view-line') ?? [])];
      const marks = [...(instance?.querySelectorAll('.view-overlays [class*="TextEditorDecorationType"]') ?? [])];
      const heights = new Set(marks.map(top));
      return rows
        .filter((row) => heights.has(top(row)))
        .map((row) => row.textContent?.replaceAll('\u00a0', ' ').trim());
    }, editor);

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension());
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('failure-export');
  });

  afterAll(() => code?.close());

  it('sees the code beside, in the language of the tool', async () => {
    await code.openFile('lenet.convnet');
    await code.hint('10×10×16').waitFor();
    await code.goTo(code.lineOf('conv2:'), 5);
    await code.openByCommand('ConvNet: Show Export Beside');
    await code.pick('PyTorch');
    await line('nn.Conv2d(6, 16, 5)').waitFor();
    // Coloured as Python: more than one colour in a line.
    await expect.poll(() => line('class LeNet').locator('span > span').count(), soon).toBeGreaterThan(2);
    await code.screenshot('export-beside');
  });

  it('sees which line became which, both ways', async () => {
    await expect
      .poll(() => marked(1), soon)
      .toEqual(expect.arrayContaining([expect.stringContaining('nn.Conv2d(6, 16')]));
    await code.goTo(code.lineOf('fc 84'), 5);
    await expect.poll(() => marked(1), soon).toEqual(expect.arrayContaining([expect.stringContaining('120, 84')]));
    expect((await marked(1)).join()).not.toContain('nn.Conv2d');
    await line('nn.Conv2d(3, 6').click();
    await expect.poll(() => marked(0), soon).toEqual([expect.stringContaining('conv1: conv 6 5x5')]);
    expect(await marked(1)).toEqual([]);
  });

  it('types, and the code follows', async () => {
    await code.replaceLine(code.lineOf('conv2:'), 'conv2: conv 24 5x5');
    await line('nn.Conv2d(6, 24, 5)').waitFor();
    await line('nn.Linear(24 * 5 * 5, 120)').waitFor();
  });

  it('keeps the last good code below a note while there is an error', async () => {
    await code.replaceLine(code.lineOf('conv2:'), 'conv2: conv 24 5x5 stride 2');
    await line('# The network has errors').waitFor();
    await line('nn.Conv2d(6, 24, 5)').waitFor();
    // The note takes lines: the marks move with it.
    await code.goTo(code.lineOf('conv1:'), 5);
    await expect
      .poll(() => marked(1), soon)
      .toEqual(expect.arrayContaining([expect.stringContaining('nn.Conv2d(3, 6')]));
    await code.screenshot('export-beside-error');
    await code.replaceLine(code.lineOf('conv2:'), 'conv2: conv 16 5x5');
    await line('nn.Conv2d(6, 16, 5)').waitFor();
    await line('# The network has errors').waitFor({ state: 'hidden' });
  });

  it('exports it to a file of the folder, which opens', async () => {
    await code.save();
    await code.openByCommand('ConvNet: Export…');
    await code.pick('Torch7');
    const input = code.page.locator('.quick-input-widget .quick-input-box input');
    await expect.poll(() => input.inputValue(), soon).toContain('lenet.lua');
    await code.screenshot('export-to');
    await code.page.keyboard.press('Enter');
    await code.page.locator('.tab.active[data-resource-name="lenet.lua"]').waitFor();
    expect(code.onDisk('lenet.lua')).toContain('SpatialConvolution(6, 16, 5, 5');
  });

  it('is told why a network is not exported', async () => {
    await code.quickOpen('lenet.convnet');
    await code.replaceLine(code.lineOf('conv2:'), 'conv2: conv 16 5x5 stride 2');
    await code.squiggles.first().waitFor();
    await code.openByCommand('ConvNet: Export…');
    await code.page.getByText('LeNet has errors and is not exported').first().waitFor();
  });
});
