import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileChecker } from '../../../src/cli/checker.js';
import { builtInDatasets, Trainer } from '../../../src/engine/index.js';
import { readSafetensors } from '../../../src/formats/safetensors.js';
import type { PanelMessage } from '../../../src/preview/protocol.js';
import { browserIsMissing, PATIENCE, PanelPage } from './driver.js';

const soon = { interval: 50, timeout: 40_000 };
/** Small, so that the test is quick: the set has 8000 pictures, which are 125 steps an epoch. */
const digits = `network Digits {
  input 14x14x1 sample "digit-7"
  weights "digits.safetensors"
  training { dataset digits; rate 0.005; batch 64; epochs 2 }
  conv 6 5x5; relu
  maxpool 2x2 stride 2
  fc 10
  softmax
}
`;
/** An epoch, on a machine that has other things to do. */
const LONG = 180_000;

describe.skipIf(browserIsMissing())('training in the panel', () => {
  let panel: PanelPage;
  beforeAll(async () => {
    panel = await PanelPage.open();
    await panel.show(digits, 'digits.convnet');
    await panel.ready();
  }, PATIENCE);
  afterAll(() => panel?.close());

  const section = () => panel.page.getByRole('region', { name: 'Training' });
  const button = (name: string) => section().getByRole('button', { name, exact: true });
  const phase = () => section().getAttribute('data-phase');
  const weights = async () => /Weights(.*)/.exec((await panel.page.locator('.facts').textContent()) ?? '')?.[1];
  const loss = async () => Number.parseFloat((await section().locator('figcaption span').first().textContent()) ?? '');

  const savedWeights = () =>
    panel.sent.find(
      (message): message is Extract<PanelMessage, { type: 'saveWeights' }> => message.type === 'saveWeights',
    );

  it('begins with random weights, and the loss falls', async () => {
    await panel.page.getByRole('button', { name: 'Train' }).click();
    await expect.poll(weights, soon).toBe('as training began');
    await expect.poll(loss, soon).toBeGreaterThan(1.5);
    await expect.poll(loss, soon).toBeLessThan(1.2);
    await button('Pause').click();
    expect(await section().locator('.uplot canvas').count()).toBe(2);
    await expect.poll(weights, soon).toContain('learned, step');
    expect(await panel.violations()).toEqual([]);
  });

  it('pauses, and takes one step at a time', async () => {
    await expect.poll(phase, soon).toBe('paused');
    // What was under way is shown yet.
    await panel.page.waitForTimeout(1500);
    const before = Number((await weights())?.replace(/\D+/g, ''));
    await panel.page.waitForTimeout(300);
    expect(await weights()).toBe(`learned, step ${before}`);
    await button('Step').click();
    await expect.poll(weights, soon).toBe(`learned, step ${before + 1}`);
    await button('Resume').click();
    await expect.poll(phase, soon).not.toBe('paused');
  });

  it(
    'tells the 7 after two epochs, and what it confuses',
    async () => {
      await expect.poll(phase, { ...soon, timeout: LONG }).toBe('done');
      await expect.poll(weights, soon).toBe('learned, step 250');
      // The engine's is left.
      await expect.poll(() => panel.page.workers().length, soon).toBe(1);
      await panel.page.getByRole('radio', { name: 'Digit 7' }).check({ force: true });
      await expect.poll(() => panel.page.locator('.scores li .label').first().textContent(), soon).toBe('class 7');
      await section().locator('.confusion summary').click();
      const mistakes = section().locator('.mistake');
      const [wrong] =
        /\d+/.exec((await section().locator('.confusion summary').textContent())?.split(':')[1] ?? '') ?? [];
      expect(Number(wrong)).toBeLessThan(300);
      expect(await mistakes.count()).toBe(Math.min(60, Number(wrong)));
      const title = await mistakes.first().getAttribute('title');
      await mistakes.first().click();
      await expect.poll(() => panel.page.locator('.choice').last().getAttribute('title'), soon).toBe(title);
      const taken = /taken for (\d)/.exec(title ?? '')?.[1];
      await expect
        .poll(() => panel.page.locator('.scores li .label').first().textContent(), soon)
        .toBe(`class ${taken}`);
      expect(await panel.violations()).toEqual([]);
    },
    LONG,
  );

  it('replays the filters of past epochs', async () => {
    const filters = () =>
      section()
        .locator('.forming canvas')
        .evaluateAll((list) => list.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()).join());
    const last = await filters();
    const scrubber = section().locator('input.epochs');
    await scrubber.fill('0');
    await expect.poll(weights, soon).toBe('as training began');
    await expect.poll(filters, soon).not.toBe(last);
    await scrubber.press('ArrowRight');
    await expect.poll(weights, soon).toBe('learned, epoch 1');
    await scrubber.fill('3');
    await expect.poll(weights, soon).toBe('learned, step 250');
    await expect.poll(filters, soon).toBe(last);
  });

  it('hands the weights over to be saved, and forgets them when it is closed', async () => {
    await button('Save weights').click();
    await expect
      .poll(() => panel.sent.find(({ type }) => type === 'saveWeights'), soon)
      .toMatchObject({
        path: 'digits.safetensors',
        name: 'Digits.safetensors',
      });
    await button('Close').click();
    await expect.poll(weights, soon).toBe('digits.safetensors');
    expect(await section().count()).toBe(0);
    expect(panel.complaints).toEqual([]);
  });

  it(
    'comes to the weights that Node comes to, to the bit',
    async () => {
      const [trained] = (await createFileChecker().check('file:///test.convnet', digits)).networks;
      const settings = trained?.network.training;
      if (!trained || !settings) throw new Error('no network');
      const data = builtInDatasets.digits({ height: 14, width: 14, channels: 1 });
      const trainer = new Trainer(trained.checked, data, settings);
      await trainer.run();
      // The browser hands an array of bytes over as an object.
      const found = readSafetensors(Uint8Array.from(Object.values(savedWeights()?.bytes ?? {})));
      for (const [name, { values }] of trainer.weights()) expect(found.get(name)?.values, name).toEqual(values);
      expect(found.size).toBe(4);
    },
    LONG,
  );

  it('tells in which layer the numbers got out of hand', async () => {
    await panel.show(digits.replace('rate 0.005', 'rate 1e30; optimiser sgd'), 'digits.convnet');
    await panel.post({ type: 'train' });
    await expect.poll(phase, soon).toBe('failed');
    expect(await section().getByRole('alert').textContent()).toMatch(
      /^Training diverged at step \d+: the .+ of \w+ .*A smaller rate usually helps\. Show \w+$/,
    );
    await section().getByRole('button', { name: /^Show/ }).click();
    await expect.poll(() => panel.sent.at(-1)?.type, soon).toBe('reveal');
    await button('Close').click();
  });

  it('finds filters without labels before training starts, and shows them as what it began with', async () => {
    const kmeans = digits.replace('conv 6 5x5', 'strokes: conv 6 5x5 init kmeans frozen');
    await panel.show(kmeans, 'digits.convnet');
    await panel.page.getByRole('button', { name: 'Train' }).click();
    await expect
      .poll(() => section().locator('.training-head .hint').textContent(), { ...soon, interval: 5 })
      .toBe('looking for the filters of strokes in the pictures');
    const filters = () =>
      section()
        .locator('.forming canvas')
        .evaluateAll((list) => list.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()).join());
    await expect.poll(weights, soon).toContain('learned, step');
    const later = await filters();
    await section().locator('input.epochs').fill('0');
    await expect.poll(weights, soon).toBe('as training began');
    expect(await filters()).toBe(later);
    await button('Close').click();
  });

  it('moves the rate while it learns, and stops within a batch', async () => {
    await panel.show(digits.replace('batch 64', 'batch 4000').replace('conv 6 5x5', 'conv 64 5x5'), 'digits.convnet');
    await panel.page.getByRole('button', { name: 'Train' }).click();
    await expect.poll(() => section().locator('.training-head .hint').textContent(), soon).toContain('to test');
    const slider = section().getByRole('slider', { name: /^Rate/ });
    await expect.poll(() => slider.getAttribute('aria-valuetext'), soon).toBe('0.005');
    await slider.fill('-1');
    await expect.poll(() => slider.getAttribute('aria-valuetext'), soon).toBe('5.00e−4');
    await button('as written').click();
    await expect.poll(() => slider.getAttribute('aria-valuetext'), soon).toBe('0.005');
    await button('Stop').click();
    await expect.poll(phase, { interval: 20, timeout: 3000 }).toBe('stopped');
  });
});
