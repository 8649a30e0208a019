import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Tensor, toNCHW } from '../../src/engine/tensor.js';
import type { StoredTensor } from '../../src/formats/format.js';
import { check } from '../network/build.js';
import { cases, nets, readTensors, type TorchCase, translateFunction, translateModule } from '../torch.js';
import { type Backend, backends, type Started } from './backends.js';
import { relativeError } from './build.js';
import { arranged, tensorOf, weightsUnder } from './torch-tensors.js';

const worst = new Map<string, number>();

function expectClose(
  what: string,
  { name, tolerance }: Backend,
  found: ArrayLike<number>,
  reference: ArrayLike<number>,
): void {
  const error = relativeError(found, reference);
  const key = `${name}: ${what}`;
  worst.set(key, Math.max(worst.get(key) ?? 0, error));
  expect(error).toBeLessThan(tolerance);
}

for (const { name, missing } of backends) if (missing) console.info(`Not tried: ${name}: ${missing}`);

/** The cases of one backend, while it is started. */
const onEach = (title: string, tests: (backend: Backend, compute: Started['compute']) => void) =>
  describe.each(backends.map((backend) => [backend.name, backend] as const))(`${title}, %s`, (_, backend) => {
    if (backend.missing !== undefined) {
      test.skip(backend.missing);
      return;
    }
    let started: Started | undefined;
    beforeAll(async () => {
      started = await backend.start();
    });
    afterAll(() => started?.stop());
    tests(backend, (...given) => (started as Started).compute(...given));
  });

afterAll(() => {
  const lines = [...worst].map(([what, error]) => `${what} ${error.toExponential(1)}`);
  console.info(`Largest errors against PyTorch: ${lines.join(', ')}`);
});

onEach('single layers', (backend, compute) => {
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
      const tensor = tensorOf(get(torchCase, 'in.x'));
      const { height, width, channels } = tensor;
      const network = check([line], { input: [height, width, channels], like: 'pytorch' });
      const found = (await compute(network, tensor, { 1: weights })).at(-1) as Tensor;
      const reference = tensorOf(get(torchCase, 'out'));
      expect({ ...found, data: null }).toEqual({ ...reference, data: null });
      expectClose(torchCase.op, backend, found.data, reference.data);
    });
  }

  afterAll(() => console.info(`Not run: ${notRun.join(', ')}`));
});

onEach('networks', (backend, compute) => {
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
    const activations = await compute(network, picture, weights);
    const last = net.layers.length - 1;
    expect(activations.at(-1)).toBeDefined();
    for (const i of net.layers.keys()) {
      const found = activations[i + 1];
      // A predictor has the last one only.
      if (!found && i !== last && activations[0] === undefined) continue;
      if (!found) throw new Error(`layer ${i} did not run`);
      expectClose('nets', backend, toNCHW(found), (tensors.get(`act.${i}`) as StoredTensor).values);
    }
  });
});
