import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packagedExtension, soon, Workbench } from './workbench.js';

const CONV = 'conv2: conv 16 5x5';

describe('A developer who moves sliders, and looks at two networks', () => {
  let code: Workbench;
  let line: number;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      settings: { 'workbench.colorTheme': 'Default Dark Modern' },
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

  it('drags the padding of conv2: the text follows, and the panel tells what changed', async () => {
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
    // fc1 reads 9×9 pixels instead of 5×5: (81 − 25)·16·120 weights more.
    await expect
      .poll(() => inPanel('[data-change="parameters"]').getAttribute('data-difference'), soon)
      .toBe(String((81 - 25) * 16 * 120));
    await expect.poll(() => code.panel.layer('conv2').locator('.was').first().textContent(), soon).toBe('was 10×10×16');
    await code.screenshot('sliders');
  });

  it('takes the whole drag back at once', async () => {
    await code.goTo(line);
    await code.page.keyboard.press('ControlOrMeta+z');
    await expect.poll(() => code.lineText(line), soon).not.toContain('pad');
    await expect.poll(() => inPanel('.changes').count(), soon).toBe(0);
  });

  it('moves the stride by the keyboard to where it fits', async () => {
    const stride = inPanel('[data-attribute="stride"] input');
    await stride.focus();
    await code.page.keyboard.press('ArrowRight');
    await code.panel.until('error');
    await code.page.keyboard.press('ArrowRight');
    await expect.poll(() => code.lineText(line), soon).toContain('stride 3');
    await code.panel.until('ready');
    await code.page.keyboard.press('Home');
    await expect.poll(() => code.lineText(line), soon).toContain('stride 1');
    await code.goTo(line);
    await code.save();
  });

  it('covers the picture, and sees what a unit of conv2 needs of it', async () => {
    await code.panel
      .layer('conv2')
      .locator('.strip canvas')
      .first()
      .click({ position: { x: 30, y: 30 } });
    await inPanel('.sight select').selectOption('occlusion');
    await expect.poll(() => inPanel('.sight').getAttribute('aria-busy'), soon).toBe('false');
    const most = async () => Number(await inPanel('.sight [data-most]').getAttribute('data-most'));
    await expect.poll(most, soon).toBeGreaterThan(0);
    await code.screenshot('occlusion');
  });

  it('locks the preview, and opens another beside it that follows', async () => {
    await inPanel('h1').click();
    await code.runCommand('ConvNet: Lock or Unlock Preview');
    await code.page
      .locator('.tab[data-resource-name*="[Preview] lenet"], .tab[aria-label^="[Preview] lenet"]')
      .waitFor();
    await code.openFile('digits.convnet');
    await code.openPreview();
    await code.page.locator('.tab[aria-label^="Preview digits"]').waitFor();
    expect(await code.page.locator('.tab[aria-label^="[Preview] lenet"]').count()).toBe(1);
    await code.screenshot('two-previews');
  });

  it('finds both again after a reload', async () => {
    await code.page.waitForTimeout(1500);
    await code.page.reload();
    await code.page.locator('.tab[aria-label^="[Preview] lenet"]').waitFor();
    await code.page.locator('.tab[aria-label^="Preview digits"]').waitFor();
    await code.page.locator('.tab[aria-label^="[Preview] lenet"]').click();
    const shown = code.page
      .frameLocator('iframe.webview >> visible=true')
      .frameLocator('iframe#active-frame')
      .locator('#preview[data-state="ready"] h1');
    await expect.poll(() => shown.textContent(), soon).toBe('LeNet');
  });
});
