import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import { pytorch, stateDictPaths } from '../../../src/formats/code/pytorch/index.js';
import { ExportError, type ExportedFile, type StoredTensor, type Weights } from '../../../src/formats/format.js';
import { readSafetensors, writeSafetensors } from '../../../src/formats/safetensors.js';
import type { CheckedNetwork } from '../../../src/network/check.js';
import { relativeError } from '../../engine/build.js';
import { check } from '../../language/check.js';
import { exampleNetworks, runOurs, testInput, testWeights } from '../networks.js';
import { TorchRuntime, whyNoTorch } from './torch-runtime.js';

const networks = await exampleNetworks();
const write = async (checked: CheckedNetwork, weights: Weights) => {
  const exported = await pytorch.write?.({ checked, fileName: 'model', weights }, {});
  return exported ?? { files: [] };
};

test('a parameter of a block may be called as the code calls the channels of its input', async () => {
  const { networks } = await check(
    'block Pair(in_channels) { conv in_channels 1x1; conv 3 1x1 }\nnetwork N { input 8x8x1; Pair(4); Pair(5) }',
  );
  const { files } = await write(networks[0]?.checked as CheckedNetwork, new Map());
  expect(files[0]?.content).toContain('def __init__(self, in_channels2: int, in_channels: int) -> None:');
  expect(files[0]?.content).toContain('self.conv1 = nn.Conv2d(in_channels2, in_channels, 1)');
  expect(files[0]?.content).toContain('self.pair2 = Pair(3, 5)');
});

const reason = whyNoTorch();
if (reason) console.warn(`Not run: ${reason}`);

describe.skipIf(reason !== null)('exported modules compute in PyTorch what our engine computes', () => {
  let runtime: TorchRuntime;
  let folder: string;
  let worst = 0;
  const refused: string[] = [];
  beforeAll(() => {
    runtime = new TorchRuntime();
    folder = mkdtempSync(join(tmpdir(), 'convnet-torch-'));
  });
  afterAll(() => {
    runtime.end();
    rmSync(folder, { recursive: true });
    console.info(
      `PyTorch: largest error ${worst.toExponential(1)} of the largest logit. Refused: ${refused.join('; ')}`,
    );
  });

  test.each(networks.map(({ title, checked }) => [title, checked] as const))(
    '%s',
    async (title, checked) => {
      const weights = testWeights(checked);
      let files: readonly ExportedFile[];
      try {
        ({ files } = await write(checked, weights));
      } catch (error) {
        if (!(error instanceof ExportError)) throw error;
        refused.push(`${title}: ${error.refusals.map(({ reason: why }) => why).join(', ')}`);
        expect(error.refusals.every(({ layer }) => checked.network.layers[layer]?.kind === 'hog')).toBe(true);
        return;
      }
      const [code, state] = files;
      const module = join(folder, 'model.py');
      writeFileSync(module, code?.content ?? '');
      const input = testInput(checked);
      const tensors = new Map<string, StoredTensor>(readSafetensors(state?.content as Uint8Array));
      tensors.set('input', { shape: [1, input.channels, input.height, input.width], values: toNCHW(input) });
      writeFileSync(join(folder, 'tensors.safetensors'), writeSafetensors(tensors));

      // Logits tell more than probabilities: without the softmax at the end, of both.
      const last = checked.network.layers.at(-1);
      const softmax =
        last?.kind === 'softmax' ? (stateDictPaths(checked).get(checked.network.layers.length - 1) ?? null) : null;
      const output = join(folder, 'output.bin');
      const answer = await runtime.run({
        module,
        class: [...String(code?.content).matchAll(/^class (\w+)/gm)].at(-1)?.[1] ?? '',
        weights: join(folder, 'tensors.safetensors'),
        output,
        identity: softmax === null ? [] : [softmax],
      });
      const runs = await runOurs(checked, input, weights);
      const ours = runs.at(softmax === null ? -1 : -2)?.activation;
      if (!ours) throw new Error('our engine did not run');
      const theirs = readFileSync(output);
      const error = relativeError(
        new Float32Array(theirs.buffer.slice(theirs.byteOffset, theirs.byteOffset + theirs.byteLength)),
        toNCHW(ours),
      );
      worst = Math.max(worst, error);
      expect(error).toBeLessThan(1e-4);
      expect(answer.parameters).toBe(checked.totals.params);
    },
    600_000,
  );
});
