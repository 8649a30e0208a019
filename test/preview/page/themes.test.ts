import { describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

/** One layer of every category, in blocks and branches. */
const NETWORK = `network Kinds { input 16x16x3
  conv 4 3x3 pad 1; batchnorm; relu
  add { branch { gaussian sigma 1 } branch { } }
  maxpool 2x2
  flatten
  fc 5 }`;

describe.skipIf(browserIsMissing())('every view', () => {
  it.each(['dark', 'light', 'high-contrast', 'high-contrast-light'] as const)(
    'can be read in a theme that is %s',
    async (theme) => {
      const panel = await PanelPage.open({ theme });
      const inside = (selector: string) => panel.page.locator(selector);
      await panel.show(NETWORK);
      await panel.ready();
      const dots = await inside('.layer .row').evaluateAll((rows) =>
        rows.map((row) => getComputedStyle(row, '::before').backgroundColor),
      );
      expect(dots).toHaveLength(9);
      // None is left out, or so faint that it is not seen: transparent colours are written as rgba.
      for (const dot of dots) expect(dot).toMatch(/^rgb\(/);
      await panel.layer('conv1').locator('.strip canvas').first().click();
      await inside('.result').first().waitFor();
      expect(await panel.violations()).toEqual([]);
      const frame = await inside('.frame rect:not(.halo)')
        .first()
        .evaluate((rect) => getComputedStyle(rect).stroke);
      expect(frame).toMatch(/^rgb\(/);
      for (const view of ['graph', 'performance']) {
        await inside(`[data-view="${view}"]`).click();
        await inside(view === 'graph' ? '[data-graph-layer]' : '.performance tbody')
          .first()
          .waitFor();
        expect(await panel.violations()).toEqual([]);
      }
      expect(panel.complaints).toEqual([]);
      await panel.close();
    },
    PATIENCE,
  );
});
