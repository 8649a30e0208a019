import type { Shape } from '../../network/shape.js';
import type { LossName } from '../../network/training.js';
import { EngineError } from '../error.js';

/** What pictures should give: the class of each, counted from 0, or the very numbers of the last layer. */
export type Targets =
  | { readonly type: 'classes'; readonly classes: ArrayLike<number> }
  | { readonly type: 'values'; readonly values: ArrayLike<number> };

/** Scores of a batch: `each` numbers a picture, picture after picture. */
interface Scores {
  readonly values: Float32Array;
  readonly batch: number;
  readonly each: number;
}

/** The loss, the mean over the batch; fills `gradient` with its gradient by the scores. */
export type Loss = (scores: Scores, targets: Targets, gradient: Float32Array) => number;

/**
 * Adds up what `ofPicture` says of each picture's scores and the class that is right; of a single score the classes are −1
 * (class 0) and 1. It fills the gradient of its picture, which is then divided by the batch.
 */
const perPicture =
  (ofPicture: (scores: Float32Array, right: number, gradient: Float32Array) => number): Loss =>
  ({ values, batch, each }, targets, gradient) => {
    if (targets.type !== 'classes') throw new RangeError('This loss takes classes');
    let sum = 0;
    gradient.fill(0);
    for (let n = 0; n < batch; n++) {
      const mine = gradient.subarray(n * each, (n + 1) * each);
      sum += ofPicture(values.subarray(n * each, (n + 1) * each), targets.classes[n] as number, mine);
      for (let i = 0; i < each; i++) mine[i] = (mine[i] as number) / batch;
    }
    return sum / batch;
  };

/** −ln softmax(s)_y; its gradient is softmax(s) − 1_y. */
const crossentropy = perPicture((scores, right, gradient) => {
  let largest = Number.NEGATIVE_INFINITY;
  for (const score of scores) largest = Math.max(largest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - largest);
  for (const [i, score] of scores.entries()) gradient[i] = Math.exp(score - largest) / sum - (i === right ? 1 : 0);
  return Math.log(sum) + largest - (scores[right] as number);
});

/** Σ_{i≠y} max(0, s_i − s_y + 1) (Weston & Watkins 1999); of a single score max(0, 1 − y·s). */
const hinge = perPicture((scores, right, gradient) => {
  if (scores.length === 1) return oneSided(scores, right, gradient, 1);
  let sum = 0;
  for (const [i, score] of scores.entries()) {
    const margin = score - (scores[right] as number) + 1;
    if (i === right || margin <= 0) continue;
    sum += margin;
    gradient[i] = 1;
    gradient[right] = (gradient[right] as number) - 1;
  }
  return sum;
});

/**
 * max_i s_i − s_y: nothing where the answer is right, else the scores of the wrong and the right class are moved (Rosenblatt 1958).
 * Of a single score max(0, −y·s), and a step where it is 0.
 */
const perceptron = perPicture((scores, right, gradient) => {
  if (scores.length === 1) return oneSided(scores, right, gradient, 0);
  const best = largestOf(scores);
  if (best === right) return 0;
  gradient[best] = 1;
  gradient[right] = -1;
  return (scores[best] as number) - (scores[right] as number);
});

function oneSided([score = 0]: Float32Array, right: number, gradient: Float32Array, margin: number): number {
  const sign = right > 0 ? 1 : -1;
  const lacking = margin - sign * score;
  if (lacking < 0) return 0;
  gradient[0] = -sign;
  return lacking;
}

/** The mean of (s − t)² over all numbers of the batch; t of a class is 1 where it is right, else 0 (of a single score ±1). */
const mse: Loss = ({ values, each }, targets, gradient) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const difference = (values[i] as number) - targetAt(targets, i, each);
    sum += difference * difference;
    gradient[i] = (2 * difference) / values.length;
  }
  return sum / values.length;
};

function targetAt(targets: Targets, index: number, each: number): number {
  if (targets.type === 'values') return targets.values[index] as number;
  const right = targets.classes[Math.floor(index / each)] as number;
  if (each === 1) return right > 0 ? 1 : -1;
  return index % each === right ? 1 : 0;
}

export const losses: Readonly<Record<LossName, Loss>> = { crossentropy, mse, hinge, perceptron };

/** Throws an {@link EngineError} where a loss does not go with what a layer gives. */
export function refuseScores(loss: LossName, layer: string, { height, width, channels }: Shape): void {
  if (loss !== 'mse' && height * width > 1)
    throw new EngineError(`${loss} takes one score a class: ${layer} gives ${height}×${width} of them`);
  if (loss === 'crossentropy' && channels === 1)
    throw new EngineError(
      'crossentropy needs a score for each class, two at least; with a single one take hinge or mse',
    );
}

function largestOf(scores: Float32Array): number {
  let best = 0;
  for (const [i, score] of scores.entries()) if (score > (scores[best] as number)) best = i;
  return best;
}

/** The class that scores speak for: the largest; of a single one 1 above 0. */
export const classOf = (scores: Float32Array): number =>
  scores.length === 1 ? Number((scores[0] as number) > 0) : largestOf(scores);
