import { describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 50, timeout: 50_000 };

/** What somebody wants to know who has never seen the panel, by what is on the screen and may be clicked. */
describe.skipIf(browserIsMissing())('a stranger finds out', () => {
  it(
    'which layer of AlexNet has most parameters, and what one unit of conv5 sees',
    async () => {
      const panel = await PanelPage.open();
      await panel.showExample('alexnet.convnet');
      const { page } = panel;
      await page.getByRole('tab', { name: 'Performance' }).click();
      await page.getByRole('button', { name: 'Parameters' }).click();
      // After the row that has the totals.
      await expect.poll(() => page.locator('.performance tbody th').nth(1).textContent(), soon).toBe('fc6');
      await page.getByRole('tab', { name: 'Layers' }).click();
      await panel.layer('conv5').locator('.head').click();
      // 11, then 2·4, 4·8, 2·8, and 2·16 for each of the last three.
      await page.getByText('each unit sees 163×163 pixels of the image').waitFor();
      await page.getByRole('button', { name: 'Look at one unit' }).click();
      await page.getByText('sees 163×163 pixels of the picture').waitFor();
      expect(panel.complaints).toEqual([]);
      await panel.close();
    },
    2 * PATIENCE,
  );

  it(
    'which channels of a trained network are dead, and which strokes a filter answers to',
    async () => {
      const panel = await PanelPage.open();
      await panel.showExample('digits.convnet');
      await panel.ready();
      const { page } = panel;
      await panel.layer('relu1').locator('.head').click();
      await expect.poll(() => page.locator('.statistics').textContent(), soon).toContain('Dead channels0 of 6');
      await page.getByRole('button', { name: 'Which pictures move its channels most?' }).click();
      await page.getByText('No channel is dead on all 15 pictures.').waitFor();
      // Five pieces of pictures for each, painted.
      await expect.poll(() => page.locator('[data-top-channel] canvas').count(), soon).toBe(6 * 5);
      const isPainted = () =>
        page.locator('[data-top-channel="3"] canvas').evaluateAll((all) =>
          all.every((canvas) => {
            const { width, height } = canvas as HTMLCanvasElement;
            const { data } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? {};
            return data?.some((byte) => byte > 0) ?? false;
          }),
        );
      await page.locator('[data-top-channel="3"]').scrollIntoViewIfNeeded();
      await expect.poll(isPainted, soon).toBe(true);
      await panel.close();
    },
    PATIENCE,
  );
});
