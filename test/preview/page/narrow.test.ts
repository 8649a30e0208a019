import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 20_000 };

/** A panel of 400 pixels, or one of 800 in a window that is enlarged to 200 %. */
describe.skipIf(browserIsMissing())('a narrow panel', () => {
  let panel: PanelPage;
  const inside = (selector: string) => panel.page.locator(selector);
  /** What reaches beyond the right edge, though nothing around it can be scrolled. */
  const outside = () =>
    panel.page.evaluate(() => {
      const scrolls = (element: Element | null): boolean =>
        element !== null &&
        element !== document.documentElement &&
        (getComputedStyle(element).overflowX !== 'visible' || scrolls(element.parentElement));
      return [...document.querySelectorAll('#preview *')]
        .filter(
          (element) => element.getBoundingClientRect().right > innerWidth + 0.5 && !scrolls(element.parentElement),
        )
        .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class')}`);
    });

  beforeAll(async () => {
    panel = await PanelPage.open({ theme: 'light', width: 400, scale: 2 });
    await panel.showExample('digits.convnet');
    await panel.ready();
  }, PATIENCE);
  afterEach(async () => {
    expect(await outside()).toEqual([]);
    expect(await panel.violations()).toEqual([]);
    expect(panel.complaints).toEqual([]);
  });
  afterAll(() => panel?.close());

  it('has the layers below their heads', async () => {
    const [head, strip] = await Promise.all(
      ['.head', '.strip'].map((selector) => panel.layer('conv2').locator(selector).boundingBox()),
    );
    expect(strip?.y).toBeGreaterThanOrEqual((head?.y ?? 0) + (head?.height ?? 0));
    expect(strip?.width).toBeGreaterThan(300);
  });

  it('has a close-up with sliders, statistics and pictures side by side', async () => {
    await panel.layer('conv2').locator('.head').click();
    await inside('.statistics').waitFor();
    await inside('.comparison select').selectOption({ label: 'Digit 3' });
    await expect.poll(() => inside('.side').count(), soon).toBe(2);
    await inside('.top-samples button').first().click();
    await inside('[data-top-channel="0"]').waitFor();
  });

  it('works out a unit, and shows what it sees', async () => {
    await panel.layer('conv2').locator('.strip canvas').first().click();
    await inside('.sight select').selectOption('occlusion');
    await inside('.sight .plane').waitFor();
    await inside('.result').first().waitFor();
  });

  it('has the graph and the costs', async () => {
    await inside('[data-view="graph"]').click();
    await inside('[data-graph-layer]').first().waitFor();
    expect(await outside()).toEqual([]);
    await inside('[data-view="performance"]').click();
    await inside('.performance tbody tr').first().waitFor();
  });

  it('trains', async () => {
    await inside('[data-view="layers"]').click();
    await inside('.title').getByRole('button', { name: 'Train' }).click();
    await inside('.curves').waitFor();
  });
});
