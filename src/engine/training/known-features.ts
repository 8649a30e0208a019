import type { BatchInput, Learner } from './learner.js';

/**
 * What the fixed layers at the beginning of a network made of the pictures of a dataset: it is worked out once a picture. Where
 * there are none, or no room for all, nothing is kept.
 */
export class KnownFeatures {
  readonly #size: number;
  /** Picture after picture of the dataset. */
  readonly #features: Float32Array | null;
  readonly #classes: Int32Array;
  readonly #isKnown: Uint8Array;
  /** Those of a batch, one after the other. */
  readonly #batch: Float32Array;

  /** `room` is in bytes. */
  constructor(
    private readonly learner: Learner,
    count: number,
    batch: number,
    room: number,
  ) {
    const size = learner.fixedSize;
    const isKept = size > 0 && count * size * 4 <= room;
    this.#size = size;
    this.#features = isKept ? new Float32Array(count * size) : null;
    this.#batch = new Float32Array(isKept ? batch * size : 0);
    this.#classes = new Int32Array(isKept ? count : 0);
    this.#isKnown = new Uint8Array(isKept ? count : 0);
  }

  /** Bytes that it takes. */
  get bytes(): number {
    return this.#features?.byteLength ?? 0;
  }

  /** What is known of a batch, if all of it is; the classes of its pictures are filled in. */
  find(indices: ArrayLike<number>, classes: Int32Array): BatchInput | null {
    const size = this.#size;
    if (!this.#features) return null;
    for (let n = 0; n < indices.length; n++) if (!this.#isKnown[indices[n] as number]) return null;
    for (let n = 0; n < indices.length; n++) {
      const index = indices[n] as number;
      this.#batch.set(this.#features.subarray(index * size, (index + 1) * size), n * size);
      classes[n] = this.#classes[index] as number;
    }
    return { fixed: this.#batch };
  }

  /** Keeps what came of the batch that the learner has just seen. */
  keep(indices: ArrayLike<number>, classes: Int32Array): void {
    const size = this.#size;
    if (!this.#features) return;
    for (let n = 0; n < indices.length; n++) {
      const index = indices[n] as number;
      this.learner.fixedFeatures(n, this.#features.subarray(index * size, (index + 1) * size));
      this.#classes[index] = classes[n] as number;
      this.#isKnown[index] = 1;
    }
  }
}
