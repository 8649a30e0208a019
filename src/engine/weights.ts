import { sizeOf } from '../network/check.js';
import type { WeightSpec } from '../network/layer.js';
import { gaborFilter, gaussianFilter } from './fixed-filters.js';
import type { LayerWeights, Steps } from './ops/op.js';
import { randomFrom } from './random.js';

/** Numbers drawn between two steps. */
const STEP = 16384;

/**
 * Random weights for one layer. They depend on the seed, the layer's name and the shapes, and on nothing else: editing one
 * layer leaves the weights of all others alone. What they start as, their specs say. Layouts are those of the specs
 * (PyTorch's).
 */
export function seededWeights(specs: readonly WeightSpec[], name: string, seed: number): LayerWeights {
  const weights = allocateWeights(specs);
  for (const _ of seedWeights(weights, specs, name, seed));
  return weights;
}

/** Buffers of zeros for the weights of one layer. */
export function allocateWeights(specs: readonly WeightSpec[]): LayerWeights {
  const weights: Partial<Record<WeightSpec['name'], Float32Array>> = {};
  for (const spec of specs) weights[spec.name] = new Float32Array(sizeOf(spec));
  return weights;
}

/** {@link seededWeights} into existing buffers, in steps. */
export function* seedWeights(weights: LayerWeights, specs: readonly WeightSpec[], name: string, seed: number): Steps {
  for (const spec of specs) {
    const values = weights[spec.name];
    if (!values) continue;
    if (typeof spec.initial === 'number') values.fill(spec.initial);
    else yield* initialisers[spec.initial](values, spec, `${seed}/${name}/${spec.name}/${spec.shape.join('x')}`);
  }
}

type Initialiser = (values: Float32Array, spec: WeightSpec, seed: string) => Steps;

/** Normal numbers around 0. */
const normal = (deviation: (spec: WeightSpec) => number): Initialiser =>
  function* (values, spec, seed) {
    const scale = deviation(spec);
    const random = randomFrom(seed);
    for (let from = 0; from < values.length; from += STEP) {
      const to = Math.min(from + STEP, values.length);
      for (let i = from; i < to; i++) values[i] = scale * random.normal();
      yield;
    }
  };

/** One fixed filter an output, the same for all its input channels, which share its weight: OIHW. */
const fixedFilters = (
  filterOf: (filter: number, filters: number, height: number, width: number) => Float64Array,
): Initialiser =>
  function* (values, { shape: [filters = 1, depth = 1, height = 1, width = 1] }) {
    const area = height * width;
    for (let filter = 0; filter < filters; filter++) {
      const fixed = filterOf(filter, filters, height, width);
      for (let channel = 0; channel < depth; channel++)
        for (let i = 0; i < area; i++) values[(filter * depth + channel) * area + i] = (fixed[i] as number) / depth;
      yield;
    }
  };

/** √(2/fan in): He et al. 2015. */
const he = normal((spec) => Math.sqrt(2 / fanIn(spec)));

const initialisers: Readonly<Record<Exclude<WeightSpec['initial'], number>, Initialiser>> = {
  he,
  /** Until there are pictures: training/unlabelled.ts. */
  kmeans: he,
  sparse: he,
  /** √(2/(fan in + fan out)): Glorot & Bengio 2010. */
  xavier: normal((spec) => Math.sqrt(2 / (fanIn(spec) + fanOut(spec)))),
  /** Wave packets in all orientations, two waves a kernel. */
  gabor: fixedFilters((filter, filters, height, width) =>
    gaborFilter(
      (filter * Math.PI) / filters,
      { wavelength: Math.max(height, width) / 2, sigma: Math.max(height, width) / 5 },
      height,
      width,
    ),
  ),
  /** Blurs, from slight to strong: the last is as wide as the kernel. */
  gaussian: fixedFilters((filter, filters, height, width) =>
    gaussianFilter((Math.max(height, width) / 4) * ((filter + 1) / filters), height, width),
  ),
};

/** How many inputs one output sums over: everything but the first axis of OIHW or [out, in]; of a
 * transposed convolution's IOHW too, as PyTorch counts it. */
const fanIn = ({ shape }: WeightSpec): number => shape.slice(1).reduce((product, length) => product * length, 1);

/** How many outputs one input has a part in. */
const fanOut = ({ shape: [filters = 1, , ...kernel] }: WeightSpec): number =>
  kernel.reduce((product, length) => product * length, filters);
