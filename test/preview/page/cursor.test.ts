import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../host/repository.js';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const name = 'lenet.convnet';
const file = join(root, 'examples', name);
const line = readFileSync(file, 'utf8')
  .split('\n')
  .findIndex((line) => line.includes('conv2:'));

describe.skipIf(browserIsMissing())('the layer at the cursor', () => {
  let panel: PanelPage;

  beforeAll(async () => {
    panel = await PanelPage.open({ width: 450, height: 900 });
  }, PATIENCE);
  afterAll(() => panel?.close());

  it('is on the screen when the panel opens, while its window takes its size', async () => {
    // The extension sends the cursor right after the document.
    await panel.page.evaluate(
      (place) =>
        addEventListener('message', ({ data }) => {
          if (data.type === 'document') postMessage({ type: 'cursor', place }, '*');
        }),
      { file: `file://${file}`, line, character: 4 },
    );
    await panel.showExample(name);
    // A window that opens takes its size step by step, which ends what scrolls.
    for (let height = 840; height >= 540; height -= 60) {
      await panel.page.setViewportSize({ width: 450, height });
      await panel.page.waitForTimeout(40);
    }
    await panel.ready();
    const isSeen = () =>
      panel.layer('conv2').evaluate((row) => {
        const { top, bottom } = row.querySelector('.head')?.getBoundingClientRect() ?? row.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      });
    await expect.poll(isSeen, { interval: 30, timeout: 1400 }).toBe(true);
    // Nothing moves it away afterwards.
    await panel.page.waitForTimeout(1000);
    expect(await isSeen()).toBe(true);
  });
});
