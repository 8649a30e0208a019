import type { LayerWeights } from '../../src/engine/ops/op.js';
import { randomFrom } from '../../src/engine/random.js';
import { type Run, runNetwork } from '../../src/engine/run.js';
import { createTensor, type Tensor } from '../../src/engine/tensor.js';
import type { StoredTensor } from '../../src/formats/format.js';
import { type CheckedNetwork, checkNetwork, sizeOf } from '../../src/network/check.js';
import type { Group } from '../../src/network/network.js';
import { check } from '../language/check.js';
import { samples } from '../language/corpus.js';

/** The networks of the examples, with weights and an input, for the tests of what is exported. */

export interface ExampleNetwork {
  /** `resnet18.convnet ResNet18`, with what was made smaller of the text. */
  readonly title: string;
  readonly checked: CheckedNetwork;
}

/** What a network may cost, so that a run of all examples takes seconds. `CONVNET_ALL_EXAMPLES=1` takes them as they are. */
const MOST_MACS = 200e6;
const MOST_PARAMS = 12e6;
/** What is not run, if it cannot be made smaller. */
const TOO_MANY_PARAMS = 25e6;
const asTheyAre = process.env.CONVNET_ALL_EXAMPLES !== undefined;

const isLarge = ({ totals }: CheckedNetwork): boolean =>
  (totals.macs ?? 0) > MOST_MACS || (totals.params ?? 0) > MOST_PARAMS;

/** Every network of the examples; large ones on smaller pictures and with fewer filters, unless they are wanted in full. */
export async function exampleNetworks(full = asTheyAre): Promise<readonly ExampleNetwork[]> {
  const found: ExampleNetwork[] = [];
  for (const { name, text, uri } of samples) {
    if (!name.startsWith('examples')) continue;
    const { networks } = await check(text, uri);
    for (const { network, checked } of networks) {
      const title = `${name.replace(/^examples\//, '')} ${network.name}`;
      const small = full || !isLarge(checked) ? undefined : await smaller(text, uri, network.name);
      if ((small?.checked.totals.params ?? 0) > TOO_MANY_PARAMS) {
        console.warn(`Not run: ${title} cannot be made small; CONVNET_ALL_EXAMPLES=1 runs it`);
        continue;
      }
      found.push(small ? { title: `${title} ${small.title}`, checked: small.checked } : { title, checked });
    }
  }
  return found;
}

/** The same, deep ones without the softmax at their end, for runtimes that give what comes last. */
export const exampleLogits = async (): Promise<readonly ExampleNetwork[]> =>
  (await exampleNetworks()).map(({ title, checked }) => ({ title, checked: withLogits(checked) }));

/** From so many layers on, what seeded weights make is too large for probabilities that are not all 0 and 1. */
const DEEP = 20;

/** A deep network without the softmax at its end: what is compared is what the probabilities are made of. */
function withLogits(checked: CheckedNetwork): CheckedNetwork {
  const { network } = checked;
  const last = network.layers.length - 1;
  if (last < DEEP || network.layers[last]?.kind !== 'softmax') return checked;
  const without = (nodes: Group['children']): Group['children'] =>
    nodes.flatMap((node): (number | Group)[] => {
      if (typeof node === 'number') return node === last ? [] : [node];
      const children = without(node.children);
      return children.length > 0 ? [{ ...node, children }] : [];
    });
  const { structure } = network;
  return checkNetwork({
    ...network,
    layers: network.layers.slice(0, -1),
    structure: { ...structure, children: without(structure.children) },
  });
}

/** The first that is small enough: the picture, its numbers of filters, or both a part of what they were; else the smallest. */
async function smaller(text: string, uri: string, name: string): Promise<ExampleNetwork | undefined> {
  let least: ExampleNetwork | undefined;
  for (const part of [1, 4, 8, 16])
    for (const size of [undefined, 96, 64, 32]) {
      const changed = withSize(withFilters(text, part), size).replaceAll(/\s*\bexpect\b[^\n/;}]*/g, '');
      const { networks, findings } = await check(changed, uri);
      const checked = networks.find(({ network }) => network.name === name)?.checked;
      if (!checked || findings.some(({ severity }) => severity === 'error')) continue;
      const title = [size ? `at ${size}x${size}` : '', part > 1 ? `with 1/${part} of the filters` : ''];
      const found = { title: title.filter((said) => said !== '').join(' '), checked };
      if (!isLarge(checked)) return found;
      if ((checked.totals.macs ?? 0) < (least?.checked.totals.macs ?? Number.POSITIVE_INFINITY)) least = found;
    }
  return least;
}

const withSize = (text: string, size: number | undefined): string =>
  size === undefined ? text : text.replaceAll(/\binput \d+x\d+/g, `input ${size}x${size}`);

/** Numbers of filters and units: those from 64 on that are no sizes. */
const withFilters = (text: string, part: number): string =>
  part === 1
    ? text
    : text.replaceAll(/(?<![\dx.])\d{2,4}(?![\dx.])/g, (number) =>
        Number(number) >= 64 && Number(number) % part === 0 ? `${Number(number) / part}` : number,
      );

/** Normal numbers, as many as a prime, so that no row or filter begins where another does. */
const noise = (() => {
  const random = randomFrom('noise');
  return Float32Array.from({ length: 65_521 }, () => random.normal());
})();

/** Fills with noise that is the same for the same name. */
function fillWithNoise(values: Float32Array, name: string, mean: number, deviation: number): void {
  let at = Math.floor(randomFrom(name).uniform() * noise.length);
  for (let i = 0; i < values.length; i++) {
    values[i] = mean + deviation * (noise[at] as number);
    at = at + 1 === noise.length ? 0 : at + 1;
  }
}

/** Weights of a network that training might have left: running statistics and shifts that are not 0 and 1. */
export function testWeights({ network, facts }: CheckedNetwork): ReadonlyMap<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [index, { name }] of network.layers.entries())
    for (const spec of facts[index]?.weights ?? []) {
      const values = new Float32Array(sizeOf(spec));
      const fanIn = values.length / (spec.shape[0] ?? 1);
      const [mean, deviation] = typeof spec.initial === 'number' ? [spec.initial, 0.2] : [0, Math.sqrt(2 / fanIn)];
      fillWithNoise(values, `${name}/${spec.name}`, mean, deviation);
      if (spec.name === 'running_var')
        for (let i = 0; i < values.length; i++) values[i] = 0.2 + Math.abs(values[i] ?? 0);
      tensors.set(`${name}.${spec.name}`, { shape: spec.shape, values });
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
