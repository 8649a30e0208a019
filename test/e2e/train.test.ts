import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PNG } from 'pngjs';
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
      prepare: async (folder) => {
        await rm(join(folder, 'digits.safetensors'));
        // On a slow machine five epochs would be over before everything is tried.
        const network = join(folder, 'digits.convnet');
        await writeFile(network, readFileSync(network, 'utf8').replace('epochs 5', 'epochs 100'));
        await writePhotos(folder);
      },
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

  it('draws a 7 with the mouse, and the panel says 7', async () => {
    await expect.poll(() => inPanel('.training').getAttribute('data-epochs'), long).not.toBe('0');
    await code.panel.preview.getByRole('button', { name: 'Draw…' }).click();
    const pad = inPanel('.drawing-pad canvas');
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    if (!box) throw new Error('The pad is not there');
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    const { mouse } = code.page;
    await mouse.move(...at(0.26, 0.24));
    await mouse.down();
    await mouse.move(...at(0.74, 0.24), { steps: 12 });
    await mouse.move(...at(0.44, 0.8), { steps: 12 });
    await mouse.up();
    await code.panel.preview.locator('.resized').getByText('Your drawing').waitFor();
    await expect.poll(() => text('.scores li .label'), soon).toMatch(/7$/);
    await code.screenshot('drawn');
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

  it('learns a folder of pictures beside the network', async () => {
    await code.openFile('photos.convnet');
    await expect.poll(() => code.totals.textContent(), soon).toContain('Photos');
    await code.runCommand('ConvNet: Train');
    await expect.poll(() => inPanel('.training').getAttribute('data-phase'), long).toBe('done');
    await inPanel('.confusion summary').waitFor();
    expect(await text('.confusion summary')).toContain(': 0 of 4');
    await code.screenshot('photos');
  });
});

/** Dark and light pictures, a folder for each, and a network that tells them apart. */
async function writePhotos(folder: string): Promise<void> {
  const network = `network Photos {
  input 8x8x3
  training { dataset "photos"; rate 0.05; batch 4; epochs 30 }
  fc 2
  softmax
}
`;
  await writeFile(join(folder, 'photos.convnet'), network);
  for (const [name, from] of [
    ['dark', 0],
    ['light', 200],
  ] as const) {
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const png = new PNG({ width: 12, height: 12 });
      for (let at = 0; at < png.data.length; at += 4) png.data.set([from + 5 * i, from + 5 * i, from + 5 * i, 255], at);
      await writeFile(join(folder, 'photos', name, `${i}.png`), PNG.sync.write(png));
    }
  }
}
