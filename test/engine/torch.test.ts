import { afterAll, describe, expect, test } from 'vitest';
import { toNCHW } from '../../src/engine/tensor.js';
import type { StoredTensor } from '../../src/formats/format.js';
import { check } from '../network/build.js';
import { cases, nets, readTensors, type TorchCase, translateFunction, translateModule } from '../torch.js';
import { relativeError, run, runLayer } from './build.js';
import { arranged, tensorOf, weightsUnder } from './torch-tensors.js';

/** The largest difference allowed, of the largest reference value: `precise` sums in float32, `fast` transforms in it. */
const tolerances = { reference: 1e-6, precise: 3e-6, fast: 2e-5 } as const;

const backends = ['reference', 'precise', 'fast'] as const;

const worst = new Map<string, number>();

function expectClose(
  what: string,
  backend: keyof typeof tolerances,
  found: ArrayLike<number>,
  reference: ArrayLike<number>,
): void {
  const error = relativeError(found, reference);
  const key = `${backend} ${what}`;
  worst.set(key, Math.max(worst.get(key) ?? 0, error));
  expect(error).toBeLessThan(tolerances[backend]);
}

afterAll(() => {
  const lines = [...worst].map(([what, error]) => `${what} ${error.toExponential(1)}`);
  console.info(`Largest errors against PyTorch: ${lines.join(', ')}`);
});

describe.each(backends)('single layers, %s', (backend) => {
  const tensors = readTensors('layers.safetensors');
  const get = (torchCase: TorchCase, key: string): StoredTensor => {
    const tensor = tensors.get(`${torchCase.name}/${key}`);
    if (!tensor) throw new Error(`${torchCase.name} has no ${key}`);
    return arranged(torchCase, tensor);
  };
  const notRun: string[] = [];

  for (const torchCase of cases) {
    const line = translateFunction(torchCase);
    if (typeof line === 'object' && 'reason' in line) {
      notRun.push(`${torchCase.name} (${line.reason})`);
      test.skip(`${torchCase.name}: ${line.reason}`);
      continue;
    }
    test(`${torchCase.name} ${JSON.stringify(torchCase.attrs)}`, async () => {
      const weights = weightsUnder(tensors, `${torchCase.name}/in.`);
      const found = await runLayer(line, tensorOf(get(torchCase, 'in.x')), { like: 'pytorch', weights, backend });
      const reference = tensorOf(get(torchCase, 'out'));
      expect({ ...found, data: null }).toEqual({ ...reference, data: null });
      expectClose(torchCase.op, backend, found.data, reference.data);
    });
  }

  afterAll(() => console.info(`Not run: ${notRun.join(', ')}`));
});

describe.each(backends)('networks, %s', (backend) => {
  test.each(nets.map((net) => [net.name, net] as const))('%s', async (_, net) => {
    const tensors = readTensors(net.tensors);
    const picture = tensorOf(tensors.get('input') as StoredTensor);
    const network = check(net.layers.map(translateModule), {
      input: [picture.height, picture.width, picture.channels],
      like: 'pytorch',
    });
    const weights = Object.fromEntries(
      net.layers.map((_, i) => [i + 1, weightsUnder(tensors, `state.${i}.`)] as const),
    );
    const runs = await run(network, picture, weights, { backend });
    for (const i of net.layers.keys()) {
      const found = runs[i + 1]?.activation;
      if (!found) throw new Error(`layer ${i} did not run`);
      expectClose('nets', backend, toNCHW(found), (tensors.get(`act.${i}`) as StoredTensor).values);
    }
  });
});
