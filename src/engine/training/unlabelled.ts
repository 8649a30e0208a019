import type { CheckedNetwork } from '../../network/check.js';
import type { WeightSpec } from '../../network/layer.js';
import { driveSteps, type Pause } from '../pause.js';
import { randomFrom } from '../random.js';
import type { Tensor } from '../tensor.js';
import { kmeansFilters } from './kmeans.js';
import type { Learner } from './learner.js';
import type { LearnedFilters, LearnFilters, Patches } from './patches.js';
import { sparseFilters } from './sparse.js';

/** How many patches filters are made of: some for each of their numbers, within bounds. */
const patchesFor = (size: number): number => Math.min(6000, Math.max(1500, 40 * size));

/** Larger patches would take minutes: their filters stay random. */
const LARGEST_PATCH = 512;

/** The ways to find filters, by what `init` calls them. */
const learners: Readonly<Partial<Record<WeightSpec['initial'], LearnFilters>>> = {
  kmeans: kmeansFilters,
  sparse: sparseFilters,
};

/** Which layers start as what the pictures have in common, in the order in which they can be made. */
export const unlabelledLayers = ({ facts }: Pick<CheckedNetwork, 'facts'>): readonly number[] =>
  facts.flatMap((fact, layer) => (learners[filtersOf(fact.weights)?.initial ?? 0] ? [layer] : []));

const filtersOf = (weights: readonly WeightSpec[]): WeightSpec | undefined =>
  weights.find(({ name, shape }) => name === 'weight' && shape.length === 4);

/**
 * Gives a layer the filters that are found in patches of its input, and the biases that go with them. `look` puts other pictures
 * through the network as it is, so that layers before it have their filters already.
 */
export async function learnFilters(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  layer: number,
  learner: Learner,
  look: () => Promise<void>,
  seed: string,
  pause: Pause,
): Promise<void> {
  const spec = filtersOf(facts[layer]?.weights ?? []);
  const source = network.layers[layer]?.inputs[0];
  const [filters = 1, depth = 1, height = 1, width = 1] = spec?.shape ?? [];
  const size = depth * height * width;
  const input = source === undefined ? null : learner.activation(source);
  const learn = learners[spec?.initial ?? 0];
  if (!learn || !spec || source === undefined || !input || size > LARGEST_PATCH) return;
  if (input.height < height || input.width < width) return;
  const groups = input.channels / depth;
  const weights = learner.weights(layer);
  const found = { weight: new Float32Array(filters * size), bias: new Float32Array(filters) };
  for (let group = 0; group < groups; group++) {
    const patches = { values: new Float64Array(patchesFor(size) * size), size, count: patchesFor(size) };
    const random = randomFrom(`patches ${seed} ${group}`);
    const each = Math.ceil(patches.count / (input.batch * 4));
    for (let n = 0; n < patches.count; ) {
      await look();
      const seen = learner.activation(source);
      if (!seen) return;
      for (let i = 0; i < seen.batch * each && n < patches.count; i++, n++)
        cut(seen, Math.floor(i / each), { depth, height, width, first: group * depth }, random, patches, n);
      if (pause.isDue()) await pause.take();
    }
    const made = learn(patches, filters / groups, `${seed} ${group}`);
    let result: LearnedFilters | undefined;
    const steps = (function* () {
      result = yield* made;
    })();
    await driveSteps(steps, pause);
    if (!result) continue;
    found.weight.set(result.filters, (group * filters * size) / groups);
    found.bias.set(result.biases, (group * filters) / groups);
  }
  const { weight, bias } = found;
  learner.setWeights(layer, { ...weights, weight, ...(weights.bias && { bias }) });
}

interface Window {
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  /** The first channel. */
  readonly first: number;
}

/** A patch from anywhere in a picture, in the layout of a filter: [channel][row][column]. */
function cut(
  { height, width, channels, data }: Tensor,
  picture: number,
  window: Window,
  random: { uniform(): number },
  { values, size }: Patches,
  index: number,
): void {
  const top = Math.floor(random.uniform() * (height - window.height + 1));
  const left = Math.floor(random.uniform() * (width - window.width + 1));
  let to = index * size;
  for (let c = 0; c < window.depth; c++)
    for (let y = 0; y < window.height; y++)
      for (let x = 0; x < window.width; x++)
        values[to++] = data[((picture * height + top + y) * width + left + x) * channels + window.first + c] as number;
}
