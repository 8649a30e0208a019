import type { LayerWeights } from '../../src/engine/ops/op.js';
import { randomFrom } from '../../src/engine/random.js';
import { type Run, runNetwork } from '../../src/engine/run.js';
import { createTensor, type Tensor } from '../../src/engine/tensor.js';
import { seededWeights } from '../../src/engine/weights.js';
import type { StoredTensor } from '../../src/formats/format.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { check } from '../language/check.js';
import { samples } from '../language/corpus.js';

/** The networks of the examples, with weights and an input, for the tests of what is exported. */

export interface ExampleNetwork {
  /** `resnet18.convnet ResNet18`, with the size of its input where that is not the text's. */
  readonly title: string;
  readonly checked: CheckedNetwork;
}

/** Networks that need more multiply-accumulates, or hold more parameters, run on a smaller picture. */
const MOST_MACS = 200e6;
const MOST_PARAMS = 50e6;

const isLarge = ({ totals }: CheckedNetwork): boolean =>
  (totals.macs ?? 0) > MOST_MACS || (totals.params ?? 0) > MOST_PARAMS;

/** Every network of the examples; large ones on the largest picture below their own that is quick, or as they are. */
export async function exampleNetworks(full = false): Promise<readonly ExampleNetwork[]> {
  const found: ExampleNetwork[] = [];
  for (const { name, text, uri } of samples) {
    if (!name.startsWith('examples')) continue;
    const { networks } = await check(text, uri);
    for (const { network, checked } of networks) {
      const title = `${name.replace(/^examples\//, '')} ${network.name}`;
      const small = full || !isLarge(checked) ? undefined : await smaller(text, uri, network.name);
      found.push(small ? { title: `${title} ${small.title}`, checked: small.checked } : { title, checked });
    }
  }
  return found;
}

async function smaller(text: string, uri: string, name: string): Promise<ExampleNetwork | undefined> {
  for (const size of [96, 64, 32]) {
    const changed = text
      .replaceAll(/\binput \d+x\d+/g, `input ${size}x${size}`)
      .replaceAll(/\s*\bexpect\b[^\n/;}]*/g, '');
    const { networks, findings } = await check(changed, uri);
    const found = networks.find(({ network }) => network.name === name);
    if (found && !findings.some(({ severity }) => severity === 'error') && !isLarge(found.checked))
      return { title: `at ${size}x${size}`, checked: found.checked };
  }
  return undefined;
}

/** Weights of a network that training might have left: running statistics and shifts that are not 0 and 1. */
export function testWeights({ network, facts }: CheckedNetwork): ReadonlyMap<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [index, { name }] of network.layers.entries()) {
    const specs = facts[index]?.weights ?? [];
    const weights = seededWeights(specs, name, 1);
    for (const spec of specs) {
      const values = weights[spec.name] as Float32Array;
      if (typeof spec.initial === 'number') {
        const random = randomFrom(`${name}/${spec.name}`);
        for (let i = 0; i < values.length; i++) values[i] = spec.initial + 0.2 * random.normal();
        if (spec.name === 'running_var')
          for (let i = 0; i < values.length; i++) values[i] = 0.2 + Math.abs(values[i] ?? 0);
      }
      tensors.set(`${name}.${spec.name}`, { shape: spec.shape, values });
    }
  }
  return tensors;
}

/** A picture of noise, of the size that a network takes. */
export function testInput({ facts }: CheckedNetwork): Tensor {
  const shape = facts[0]?.output;
  if (!shape) throw new Error('the network has no input');
  const tensor = createTensor(shape);
  const random = randomFrom('picture');
  for (let i = 0; i < tensor.data.length; i++) tensor.data[i] = random.normal();
  return tensor;
}

/** What our engine makes of it. */
export const runOurs = (
  checked: CheckedNetwork,
  tensor: Tensor,
  weights: ReadonlyMap<string, StoredTensor>,
): Promise<Run> =>
  runNetwork(
    checked,
    { tensor, id: 'test' },
    {
      givenWeights: (index) => {
        const { name = '' } = checked.network.layers[index] ?? {};
        const values: LayerWeights = Object.fromEntries(
          (checked.facts[index]?.weights ?? []).flatMap((spec) => {
            const tensor = weights.get(`${name}.${spec.name}`);
            return tensor ? [[spec.name, tensor.values]] : [];
          }),
        );
        return Object.keys(values).length > 0 ? { id: name, values } : undefined;
      },
    },
  );
