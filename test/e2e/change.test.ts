import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commitAll, git, hasGit } from './git.js';
import { packagedExtension, soon, Workbench } from './workbench.js';

const CONV = 'conv2: conv 16 5x5';

describe('A developer who changes a network and sees what it does, in a dark theme', () => {
  let code: Workbench;
  let line: number;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);
  const change = (name: string) => inPanel(`[data-change="${name}"]`);

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      settings: { 'workbench.colorTheme': 'Default Dark Modern', 'files.autoSave': 'off' },
      prepare: async (folder) => commitAll(folder),
    });
    await code.openFile('lenet.convnet');
    line = code.lineOf(CONV);
    await code.openPreview();
    await code.panel.until('ready');
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('change-failure');
  });

  afterAll(() => code?.close());

  it('drags the padding of conv2, and the text follows', async () => {
    await code.panel.layer('conv2').getByRole('button').first().click();
    const pad = inPanel('[data-attribute="pad"] input');
    await pad.waitFor();
    // 10 + 2·pad must be even for the pool, which it always is.
    expect(await inPanel('[data-attribute="pad"] [data-impossible]').count()).toBe(0);
    // (14 − 5)/S + 1 is whole for 1 and 3; 3 leaves 4×4, which the pool halves.
    await expect.poll(() => inPanel('[data-attribute="stride"] [data-impossible]').count(), soon).toBe(6);
    const box = await pad.boundingBox();
    if (!box) throw new Error('The slider is not on the screen');
    const y = box.y + box.height / 2;
    await code.page.mouse.move(box.x + 8, y);
    await code.page.mouse.down();
    for (let share = 0.1; share <= 0.51; share += 0.1) {
      await code.page.mouse.move(box.x + 8 + share * (box.width - 16), y);
      await code.page.waitForTimeout(150);
    }
    await code.page.mouse.up();
    await expect.poll(() => code.lineText(line), soon).toContain('conv 16 5x5 pad 4');
    // fc1 reads 9×9 pixels instead of 5×5: 62,006 + (81 − 25)·16·120.
    await expect.poll(() => inPanel('.facts').textContent(), soon).toContain('169,526');
    await code.screenshot('sliders');
  });

  it('takes the whole drag back in one step, and does it again', async () => {
    await code.goTo(line);
    await code.page.keyboard.press('ControlOrMeta+z');
    await expect.poll(() => code.lineText(line), soon).not.toContain('pad');
    await expect.poll(() => inPanel('.facts').textContent(), soon).toContain('62,006');
    await code.page.keyboard.press('ControlOrMeta+Shift+z');
    await expect.poll(() => code.lineText(line), soon).toContain('pad 4');
  });

  it('moves a slider by the keyboard, each key a step of its own', async () => {
    const pad = inPanel('[data-attribute="pad"] input');
    await pad.focus();
    await code.page.keyboard.press('ArrowRight');
    await expect.poll(() => code.lineText(line), soon).toContain('pad 5');
    await code.page.keyboard.press('ArrowRight');
    await expect.poll(() => code.lineText(line), soon).toContain('pad 6');
    await code.goTo(line);
    await code.page.keyboard.press('ControlOrMeta+z');
    await expect.poll(() => code.lineText(line), soon).toContain('pad 5');
    await code.page.keyboard.press('ControlOrMeta+z');
    await expect.poll(() => code.lineText(line), soon).toContain('pad 4');
  });

  it('sees on the slider what does not fit, and what is wrong with it', async () => {
    const stride = inPanel('[data-attribute="stride"] input');
    await stride.focus();
    await code.page.keyboard.press('ArrowRight');
    // 14 + 2·4 − 5 = 17 is odd.
    await expect.poll(() => stride.getAttribute('aria-invalid'), soon).toBe('true');
    await expect
      .poll(() => inPanel('[data-attribute="stride"] .hint').textContent(), soon)
      .toContain('(14 + 2·4 − 5)/2 + 1 = 9.5');
    await code.panel.until('error');
    await code.page.keyboard.press('ArrowLeft');
    await code.panel.until('ready');
  });

  it('reads what has changed since the last save, in sizes and counts', async () => {
    await expect.poll(() => change('parameters').getAttribute('data-difference'), soon).toBe(String(56 * 16 * 120));
    expect(await inPanel('.changes summary').textContent()).toContain('Since the last save');
    // 18·18 places instead of 10·10, 400 products each, for 16 filters; and what fc1 reads more.
    expect(await change('MACs').getAttribute('data-difference')).toBe(String((324 - 100) * 150 * 16 + 56 * 16 * 120));
    expect(await code.panel.layer('maxpool2').locator('.was').textContent()).toBe('was 5×5×16');
    await inPanel('.changes summary').click();
    await expect
      .poll(() => inPanel('.changes tbody tr').first().textContent(), soon)
      .toMatch(/conv2.*pad 0 → 4.*10×10×16 → 18×18×16/);
    await code.screenshot('changes');
  });

  it.skipIf(!hasGit)('saves, and reads what has changed since the last commit, until it commits', async () => {
    await code.goTo(line);
    await code.save();
    await expect.poll(() => inPanel('.changes summary').textContent(), soon).toContain('Since the last commit');
    expect(await change('parameters').getAttribute('data-difference')).toBe(String(56 * 16 * 120));
    git(code.folder, 'commit', '-qam', 'Padding');
    await expect.poll(() => inPanel('.changes').count(), soon).toBe(0);
  });
});

describe('A developer with two networks side by side', () => {
  let code: Workbench;
  const title = (index: number) => code.panelNumber(index).preview.locator('h1').textContent();

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), { settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
    await code.openFile('lenet.convnet');
    await code.openPreview();
    await code.panel.until('ready');
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('lock-failure');
  });

  afterAll(() => code?.close());

  it('locks the panel to its file, and opens another for the next', async () => {
    await code.panel.preview.locator('h1').click();
    await code.page.locator('.editor-actions [aria-label*="Lock"]').click();
    await code.page.locator('.tab[aria-label*="[Preview] lenet.convnet"]').waitFor();
    await code.page.keyboard.press('ControlOrMeta+1');
    await code.quickOpen('digits.convnet');
    expect(await title(0)).toBe('LeNet');
    await code.openPreview();
    await code.page.locator('.tab[aria-label*="Preview digits.convnet"]').waitFor();
    await expect.poll(() => title(1), soon).toBe('Digits');
    await code.panelNumber(1).until('ready');
    expect(await code.page.locator('iframe.webview').count()).toBe(2);
    await code.screenshot('two-panels');
  });

  it('edits one file: its panel follows, the other stays', async () => {
    const facts = (index: number) => code.panelNumber(index).preview.locator('.facts').textContent();
    const before = await facts(0);
    const maps = await code.panelNumber(1).maps('conv1');
    await code.replaceLine(code.lineOf('conv 6', 'digits.convnet'), 'conv 7 5x5 pad 2; relu');
    await expect.poll(() => facts(1), soon).not.toContain('61,706');
    await expect.poll(() => code.panelNumber(1).maps('conv1'), soon).not.toEqual(maps);
    expect(await facts(0)).toBe(before);
    // In a browser VS Code may be reloaded before it has written down a text that is not saved.
    await code.save();
  });

  it('reloads the window: both are there again, with what was open in them', async () => {
    const panel = code.panelNumber(1);
    await panel.until('ready');
    await panel
      .layer('conv1')
      .locator('.strip canvas')
      .nth(2)
      .click({ position: { x: 28, y: 12 } });
    const unit = (index: number) =>
      Promise.all([
        ...['map', 'row', 'column'].map((name) =>
          code.panelNumber(index).preview.getByLabel(name, { exact: true }).inputValue(),
        ),
        code.panelNumber(index).preview.locator('.unit-value').getAttribute('data-value'),
      ]);
    await panel.preview.locator('.unit-value[data-value]').waitFor();
    const before = await unit(1);
    expect(before[0]).toBe('2');
    // By its command: VS Code writes down what it keeps before it goes.
    const reloaded = code.page.waitForEvent('load');
    await code.openByCommand('Developer: Reload Window');
    await reloaded;
    await code.page.locator('.monaco-workbench').waitFor();
    // The one in front comes first, the other when it is looked at.
    await expect.poll(() => title(0), soon).toBe('Digits');
    await code.panelNumber(0).preview.locator('.unit-value[data-value]').waitFor();
    await expect.poll(() => unit(0), soon).toEqual(before);
    await code.page.locator('.tab[aria-label*="[Preview] lenet.convnet"]').click();
    await expect.poll(() => title(1), soon).toBe('LeNet');
  });
});
