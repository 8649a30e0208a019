import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packagedExtension, soon, Workbench } from './workbench.js';

const CONV = 'conv2: conv 16 5x5';

describe('A developer who moves sliders', () => {
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
});
