import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createChecker } from '../../../src/language/index.js';
import { reportOf } from '../../../src/language/server/networks-message.js';
import type { PanelMessage } from '../../../src/preview/protocol.js';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 30, timeout: 10_000 };
const text = 'network N { input 14x14x3\n conv1: conv 4 5x5\n relu\n fc 10 }';

describe.skipIf(browserIsMissing())('changes', () => {
  let panel: PanelPage;
  const sets = () =>
    panel.sent.filter((message): message is PanelMessage & { type: 'setAttribute' } => message.type === 'setAttribute');

  beforeAll(async () => {
    panel = await PanelPage.open();
    await panel.show(text);
    await panel.ready();
  }, PATIENCE);
  afterEach(() => expect(panel.complaints).toEqual([]));
  afterAll(() => panel?.close());

  it('moves sliders, each move of the hand one change, and marks what does not fit', async () => {
    await panel.layer('conv1').getByRole('button').first().click();
    const stride = panel.page.getByRole('slider', { name: /^stride/ });
    await stride.waitFor();
    // (14 − 5)/S + 1 is whole for 1 and 3.
    const impossible = () =>
      panel.page
        .locator('[data-attribute="stride"] [data-impossible]')
        .evaluateAll((marks) => marks.map((mark) => Number(mark.getAttribute('data-impossible'))));
    await expect.poll(impossible, soon).toEqual([2, 4, 5, 6, 7, 8]);
    await stride.focus();
    await panel.page.keyboard.press('ArrowRight');
    expect(sets().at(-1)).toMatchObject({
      layer: 'conv1',
      network: 'N',
      attribute: 'stride',
      value: '2',
      begins: true,
    });
    await panel.page
      .getByText(/5\.5|4\.5/)
      .first()
      .waitFor();
    const box = await stride.boundingBox();
    if (!box) throw new Error('The slider is not on the screen');
    await panel.page.mouse.move(box.x + 10, box.y + box.height / 2);
    await panel.page.mouse.down();
    for (const share of [0.3, 0.5, 0.7, 0.9])
      await panel.page.mouse.move(box.x + share * box.width, box.y + box.height / 2);
    await panel.page.mouse.up();
    const dragged = sets().slice(1);
    expect(dragged.length).toBeGreaterThan(2);
    expect(dragged.map(({ begins }) => begins)).toEqual(dragged.map((_, index) => index === 0));
  });

  it('tells what an edit has changed', async () => {
    const uri = 'file:///other.convnet';
    const checked = async (of: string) => {
      const { networks } = await createChecker().check(uri, of);
      return networks.map((network) => reportOf(uri, network));
    };
    await panel.post({
      type: 'document',
      isLocked: false,
      document: { uri, title: 'other.convnet', networks: await checked(text.replace('fc 10', 'fc 12')) },
    });
    await panel.post({ type: 'baselines', uri, saved: await checked(text), committed: null });
    const parameters = panel.page.locator('[data-change="parameters"]');
    await parameters.waitFor();
    // 10·10·4 weights and a bias for each of two more.
    expect(await parameters.getAttribute('data-difference')).toBe('802');
    await panel.page.locator('.changes summary').click();
    await expect
      .poll(() => panel.page.locator('.changes tbody tr').allTextContents(), soon)
      .toEqual([expect.stringContaining('units 10 → 12')]);
    expect(await panel.layer('fc1').locator('.was').textContent()).toBe('was 1×1×10');
    expect(await panel.violations()).toEqual([]);
  });
});
