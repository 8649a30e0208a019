/**
 * Patches of what a layer looks at, made ready to learn from without labels: each loses its mean and its contrast, and all are
 * whitened (ZCA), so that no two numbers of them go together any more (Coates & Ng 2011).
 */

/** How strongly whitening spares directions in which patches hardly differ, in parts of their mean variance. */
const WHITENING = 0.1;
/** Of contrast normalisation: patches without contrast are noise, which it must not enlarge. */
const CONTRAST = 0.1;
const SWEEPS = 12;

/** Patches one after the other, `size` numbers each. */
export interface Patches {
  readonly values: Float64Array;
  readonly size: number;
  readonly count: number;
}

/** Filters as rows of as many numbers as a patch has, and a bias for each. */
export interface LearnedFilters {
  readonly filters: Float64Array;
  readonly biases: Float64Array;
}

/** Finds so many filters in patches, to be multiplied with patches as they are. Yields between the patches. */
export type LearnFilters = (patches: Patches, filters: number, seed: string) => Generator<void, LearnedFilters>;

/** Patches made ready, and the way from them back to patches as they are. */
export interface WhitePatches extends Patches {
  /** Makes of filters for white patches, rows, such for patches as they are: whitening and the loss of the mean are worked in. */
  readonly undo: (filters: Float64Array) => Float64Array;
  /** How many times larger the contrast of patches as they are is, in the mean. */
  readonly contrast: number;
}

export function* whiten(patches: Patches): Generator<void, WhitePatches> {
  const { size, count } = patches;
  const { values: normal, contrast } = withoutContrast(patches);
  yield;
  const whitening = yield* zca({ ...patches, values: normal });
  const values = new Float64Array(count * size);
  for (let n = 0; n < count; n++) {
    multiply(whitening, normal.subarray(n * size, (n + 1) * size), values, n * size);
    yield;
  }
  const undo = (filters: Float64Array): Float64Array => {
    const found = new Float64Array(filters.length);
    for (let at = 0; at < filters.length; at += size) {
      // (W c)·(x − mean x) = (W c − mean (W c))·x, W being symmetric.
      multiply(whitening, filters.subarray(at, at + size), found, at);
      const filter = found.subarray(at, at + size);
      const mean = filter.reduce((sum, value) => sum + value, 0) / size;
      for (let i = 0; i < size; i++) filter[i] = (filter[i] as number) - mean;
    }
    return found;
  };
  return { values, size, count, undo, contrast };
}

function withoutContrast({ values, size, count }: Patches): { values: Float64Array; contrast: number } {
  const result = values.slice();
  const variances = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const patch = result.subarray(n * size, (n + 1) * size);
    const mean = patch.reduce((sum, value) => sum + value, 0) / size;
    for (let i = 0; i < size; i++) patch[i] = (patch[i] as number) - mean;
    variances[n] = dot(patch, 0, patch, 0, size) / size;
  }
  const variance = variances.reduce((sum, value) => sum + value, 0) / count;
  const least = CONTRAST * variance || 1;
  for (let n = 0; n < count; n++) {
    const scale = 1 / Math.sqrt((variances[n] as number) + least);
    for (let i = n * size; i < (n + 1) * size; i++) result[i] = (result[i] as number) * scale;
  }
  return { values: result, contrast: Math.sqrt(variance + least) };
}

/** V·(Λ + ε)^−½·Vᵀ of the patches' covariance V·Λ·Vᵀ. */
function* zca({ values, size, count }: Patches): Generator<void, Float64Array> {
  const covariance = new Float64Array(size * size);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) {
      const value = (values[n * size + i] as number) / count;
      for (let j = 0; j < size; j++)
        covariance[i * size + j] = (covariance[i * size + j] as number) + value * (values[n * size + j] as number);
    }
    yield;
  }
  const vectors = yield* diagonalise(covariance, size);
  let trace = 0;
  for (let i = 0; i < size; i++) trace += covariance[i * size + i] as number;
  const spared = (WHITENING * trace) / size || 1;
  const result = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const scale = 1 / Math.sqrt(Math.max(0, covariance[k * size + k] as number) + spared);
    for (let i = 0; i < size; i++) {
      const value = scale * (vectors[i * size + k] as number);
      for (let j = 0; j < size; j++)
        result[i * size + j] = (result[i * size + j] as number) + value * (vectors[j * size + k] as number);
    }
  }
  return result;
}

/** Jacobi's method: turns a symmetric matrix into the diagonal one of its eigenvalues; the columns of the result are their vectors. */
export function* diagonalise(matrix: Float64Array, size: number): Generator<void, Float64Array> {
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  const turn = (values: Float64Array, a: number, b: number, sine: number, cosine: number) => {
    const [x, y] = [values[a] as number, values[b] as number];
    values[a] = cosine * x - sine * y;
    values[b] = sine * x + cosine * y;
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = matrix[p * size + q] as number;
        if (off === 0) continue;
        const theta = ((matrix[q * size + q] as number) - (matrix[p * size + p] as number)) / (2 * off);
        const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const cosine = 1 / Math.hypot(tangent, 1);
        const sine = tangent * cosine;
        for (let k = 0; k < size; k++) turn(matrix, k * size + p, k * size + q, sine, cosine);
        for (let k = 0; k < size; k++) turn(matrix, p * size + k, q * size + k, sine, cosine);
        for (let k = 0; k < size; k++) turn(vectors, k * size + p, k * size + q, sine, cosine);
      }
      yield;
    }
  return vectors;
}

/** y = M·x, M square. */
function multiply(matrix: Float64Array, x: Float64Array, to: Float64Array, at: number): void {
  for (let i = 0; i < x.length; i++) to[at + i] = dot(matrix, i * x.length, x, 0, x.length);
}

export function dot(a: Float64Array, from: number, b: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[from + i] as number) * (b[start + i] as number);
  return sum;
}
