import { type Random, randomFrom } from '../random.js';
import { dot, type LearnFilters, type Patches, whiten } from './patches.js';

/** Filters that k-means finds without labels (Coates & Ng 2011). */

const ROUNDS = 12;

/**
 * Filters whose responses, cut at 0 by a relu, are the triangle activation of Coates & Ng 2011, but of squared distances, which a
 * convolution can compute: max(0, mean(z²) − z_k²), where z_k is the distance of a white patch x from the centre c_k. For centres of length 1, z_k² = x² + 1 − 2·c_k·x, and half of that
 * difference is (c_k − mean c)·x: a product with a filter. So a patch is answered to by the centres that are nearer to it than
 * the mean, about half of them. Their mean square over the patches is 1.
 */
export const kmeansFilters: LearnFilters = function* (patches, filters, seed) {
  const { size, count } = patches;
  const white = yield* whiten(patches);
  const centres = yield* nearestMeans(white, filters, seed);
  for (let i = 0; i < size; i++) {
    let mean = 0;
    for (let k = 0; k < filters; k++) mean += (centres[k * size + i] as number) / filters;
    for (let k = 0; k < filters; k++) centres[k * size + i] = (centres[k * size + i] as number) - mean;
  }
  const found = white.undo(centres);
  let squares = 0;
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < filters; k++) squares += dot(found, k * size, patches.values, n * size, size) ** 2;
    yield;
  }
  const scale = squares > 0 ? 1 / Math.sqrt(squares / (count * filters)) : 1;
  return { filters: found.map((value) => value * scale), biases: new Float64Array(filters) };
};

/** Unit vectors near which most patches are; a round moves each by the patches that are nearest to it. */
function* nearestMeans({ values, size, count }: Patches, wanted: number, seed: string): Generator<void, Float64Array> {
  const random = randomFrom(`kmeans ${seed}`);
  const centres = firstCentres({ values, size, count }, wanted, random);
  const normalise = () => {
    for (let k = 0; k < wanted; k++) {
      const length = Math.sqrt(dot(centres, k * size, centres, k * size, size)) || 1;
      for (let i = k * size; i < (k + 1) * size; i++) centres[i] = (centres[i] as number) / length;
    }
  };
  normalise();
  for (let round = 0; round < ROUNDS; round++) {
    const sums = centres.slice();
    for (let n = 0; n < count; n++) {
      let [best, response] = [0, Number.NEGATIVE_INFINITY];
      for (let k = 0; k < wanted; k++) {
        const value = dot(centres, k * size, values, n * size, size);
        if (value > response) [best, response] = [k, value];
      }
      for (let i = 0; i < size; i++)
        sums[best * size + i] = (sums[best * size + i] as number) + (values[n * size + i] as number);
      yield;
    }
    centres.set(sums);
    normalise();
  }
  return centres;
}

/** Patches as centres to begin with, each chosen by chance, likelier the farther it is from those before (k-means++). */
function firstCentres({ values, size, count }: Patches, wanted: number, random: Random): Float64Array {
  const centres = new Float64Array(wanted * size);
  const lengths = Float64Array.from({ length: count }, (_, n) =>
    Math.sqrt(dot(values, n * size, values, n * size, size)),
  );
  /** 1 − cos of the angle to the nearest one. */
  const far = new Float64Array(count).fill(1);
  for (let k = 0; k < wanted; k++) {
    let left = random.uniform() * far.reduce((sum, value) => sum + value, 0);
    let chosen = 0;
    while (chosen + 1 < count && left >= (far[chosen] as number)) left -= far[chosen++] as number;
    const length = lengths[chosen] || 1;
    for (let i = 0; i < size; i++) centres[k * size + i] = (values[chosen * size + i] as number) / length;
    for (let n = 0; n < count; n++) {
      const cosine = dot(centres, k * size, values, n * size, size) / (lengths[n] || 1);
      far[n] = Math.min(far[n] as number, Math.max(0, 1 - cosine));
    }
  }
  return centres;
}
