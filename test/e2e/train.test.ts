import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packagedExtension, soon, Workbench } from './workbench.js';

/** Steps that the network takes for an epoch and a bit, on a machine that has other things to do. */
const long = { ...soon, timeout: 170_000 };

/** A stranger, who has the network but none of the weights that come with it. */
describe('A stranger who trains digits.convnet', () => {
  let code: Workbench;
  const inPanel = (selector: string) => code.panel.preview.locator(selector);
  const text = (selector: string) => inPanel(selector).first().textContent();
  const loss = async () => Number.parseFloat((await text('.curves figcaption span')) ?? '');

  beforeAll(async () => {
    code = await Workbench.open(packagedExtension(), {
      prepare: (folder) => rm(join(folder, 'digits.safetensors')),
    });
    await code.openFile('digits.convnet');
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await code.screenshot('train-failure');
  });

  afterAll(() => code?.close());

  it('runs the command, and the loss falls', async () => {
    // The command is there when the extension knows the network.
    await code.totals.waitFor();
    await code.runCommand('ConvNet: Train');
    await expect.poll(loss, soon).toBeGreaterThan(1.5);
    await expect.poll(loss, long).toBeLessThan(0.5);
    await code.screenshot('training');
  });

  it('chooses a 7, and the panel says 7', async () => {
    await expect.poll(() => inPanel('.training').getAttribute('data-epochs'), long).not.toBe('0');
    await inPanel('input[aria-label="Digit 7"]').check({ force: true });
    await expect.poll(() => text('.scores li .label'), soon).toMatch(/7$/);
    await inPanel('.confusion summary').click();
    await code.screenshot('trained');
  });

  it('stops, and saves the weights into the file that the network names', async () => {
    await inPanel('.training-buttons').getByText('Stop', { exact: true }).click();
    await expect.poll(() => inPanel('.training').getAttribute('data-phase'), soon).toBe('stopped');
    await inPanel('.training-buttons').getByText('Save weights').click();
    const saved = () => {
      try {
        return readFileSync(join(code.folder, 'digits.safetensors')).byteLength;
      } catch {
        return 0;
      }
    };
    // 61,706 numbers of four bytes, and a header.
    await expect.poll(saved, soon).toBeGreaterThan(4 * 61_706);
    await inPanel('.training-buttons').getByText('Close').click();
    await expect.poll(() => text('.facts'), soon).toContain('digits.safetensors');
    await expect.poll(() => text('.scores li .label'), soon).toMatch(/7$/);
  });
});
