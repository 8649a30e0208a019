import { expect, test } from 'vitest';
import type { Format } from '../../src/formats/format.js';
import { formats } from '../../src/formats/index.js';
import { exampleNetworks } from './networks.js';

/** Exports as a reviewer reads them, beside this test in baselines/; `vitest run --update` writes them anew. */

const networks = await exampleNetworks(true);

test.each([
  ['lenet', ['pytorch', 'keras', 'caffe', 'torch7', 'lasagne']],
  ['resnet18', ['pytorch', 'keras']],
  ['densenet121', ['pytorch', 'keras']],
  ['unet', ['pytorch', 'keras']],
] as const)('%s', async (example, targets) => {
  const found = networks.find(({ title }) => title.startsWith(`${example}.convnet`));
  if (!found) throw new Error(`there is no example ${example}`);
  for (const target of targets) {
    const entry = formats[target];
    const format: Format | undefined = await entry?.load();
    const exported = await format?.write?.({ checked: found.checked, fileName: example }, {});
    const path = `baselines/${example}.${target}${entry?.writes?.extension}`;
    await expect(exported?.files[0]?.content).toMatchFileSnapshot(path);
  }
});
