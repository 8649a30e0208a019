import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 10_000 };
const textWith = (padding: number) => `network N { input 14x14x3\n c: conv 4 5x5 pad ${padding}\n relu\n fc: fc 10 }`;

declare global {
  interface Window {
    asked?: string[];
  }
}

describe.skipIf(browserIsMissing())('what is on the screen', () => {
  let [edited, fresh]: PanelPage[] = [];

  beforeAll(async () => {
    [edited, fresh] = await Promise.all([PanelPage.open(), PanelPage.open()]);
    await edited.show(textWith(0));
    await fresh.show(textWith(2));
    await Promise.all([edited.ready(), fresh.ready()]);
  }, PATIENCE);
  afterAll(() => Promise.all([edited?.close(), fresh?.close()]));

  const pictures = (panel: PanelPage) =>
    panel.page
      .locator('[data-layer] canvas')
      .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));

  it('is drawn anew after an edit without being asked for', async () => {
    if (!edited || !fresh) throw new Error('No pages');
    const expected = async () => {
      const drawn = await pictures(fresh as PanelPage);
      // Of the picture and its three channels, of two layers of four maps, and of a vector.
      expect(new Set(drawn).size).toBe(13);
      return drawn;
    };
    await expect.poll(() => expected().then(() => true), soon).toBe(true);
    expect(await pictures(edited)).not.toEqual(await pictures(fresh));
    await edited.page.evaluate(() => {
      const asked: string[] = [];
      window.asked = asked;
      const post = Worker.prototype.postMessage;
      Worker.prototype.postMessage = function (this: Worker, message: { type: string; question?: string }) {
        // Those of the pictures that can be chosen are still on their way.
        if (message.type === 'ask' && message.question !== 'thumbnail') asked.push(message.question ?? '');
        (post as (message: unknown) => void).call(this, message);
      };
    });
    await edited.show(textWith(2));
    await expect.poll(async () => (await pictures(edited as PanelPage)).join(), soon).toBe((await expected()).join());
    expect(await edited.page.evaluate(() => window.asked)).toEqual([]);
    expect([...edited.complaints, ...fresh.complaints]).toEqual([]);
  });
});
