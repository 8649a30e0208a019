import type { LayerAttributes } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import { formatShape, sameShape, volumeOf } from '../../network/shape.js';
import { changesPictures, rateAt, type TrainingSettings } from '../../network/training.js';
import type { Dataset, SplitDataset } from '../datasets/dataset.js';
import { EngineError } from '../error.js';
import type { LayerWeights } from '../ops/op.js';
import { pauseWith } from '../pause.js';
import type { Tensor } from '../tensor.js';
import { seededWeights } from '../weights.js';
import { weightsFromTensors, weightsToTensors } from '../weights-file.js';
import { type Batch, fillBatch, shuffled } from './batches.js';
import { KnownFeatures } from './known-features.js';
import { type BatchInput, Learner } from './learner.js';
import { learnFilters, unlabelledLayers } from './unlabelled.js';

/** Tensors by name, as weights files hold them. */
type Tensors = ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;

/** Where training stands, after a step. */
export interface StepProgress {
  /** Counted from 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Of this step's pictures. */
  readonly loss: number;
  /** The part of this step's pictures that were given their class. */
  readonly stepAccuracy: number;
  /** Means over the steps of this epoch so far. */
  readonly meanLoss: number;
  readonly accuracy: number;
  readonly rate: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** What an epoch came to. */
export interface EpochReport {
  /** Counted from 1. */
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Whether no epoch before did better on the test. */
  readonly isBest: boolean;
}

/** How a network does on a set of pictures. */
export interface TestReport {
  readonly loss: number;
  readonly accuracy: number;
  readonly count: number;
  /** How many pictures of each class (row) were taken for which (column). */
  readonly confusion: readonly (readonly number[])[];
  /** The pictures that were taken for another class. */
  readonly wrong: readonly { readonly index: number; readonly is: number; readonly taken: number }[];
}

export interface TrainerOptions {
  /** What to begin with; by default random weights by the seed of the settings. */
  readonly weights?: (layer: number) => LayerWeights | undefined;
  /** What {@link Trainer.checkpoint} gave: training goes on from there. */
  readonly checkpoint?: Tensors;
  readonly backend?: 'fast' | 'reference';
  /** In bytes; a network that needs more is refused before anything is allocated. Default: no limit. */
  readonly memoryLimit?: number;
}

export interface RunCallbacks {
  readonly onStep?: (progress: StepProgress) => void;
  /** Awaited: time to write a checkpoint. `test` is what the report's numbers of the test come from. */
  readonly onEpoch?: (report: EpochReport, test: TestReport) => void | Promise<void>;
  /** Stops within a batch; the promise rejects with the signal's reason. The weights are those of the last whole step. */
  readonly signal?: AbortSignal;
}

const STEP_TENSOR = 'training.step';
const HISTORY_TENSOR = 'training.history';
const SLOT_PREFIX = 'training.optimiser.';
const HISTORY_COLUMNS = 4;

/** Bytes of what fixed layers made of pictures that are kept at most, in what the network leaves of its memory. */
const MOST_KNOWN = 2 ** 28;

/**
 * Trains a network on a dataset: in a worker, in Node and on the main thread alike. `run` does the rest of the epochs; it can be
 * stopped and called again. While it runs, training can be paused and the rate changed. All chance comes from the seed and the
 * count of steps, so that the same settings give the same weights, however often it was stopped on the way.
 *
 * Throws an {@link EngineError} where the pictures are not of the input's size, the classes not as many as the scores, and where
 * {@link Learner} does.
 */
export class Trainer {
  readonly learner: Learner;
  readonly history: EpochReport[] = [];
  /** Multiplies the rate of the schedule; may be changed while training runs. */
  rateFactor = 1;
  readonly #checked: Pick<CheckedNetwork, 'network' | 'facts'>;
  readonly #data: SplitDataset;
  readonly #settings: TrainingSettings;
  readonly #input: LayerAttributes<'input'>;
  readonly #batch: Batch;
  readonly #stepsAnEpoch: number;
  /** Of the pictures to learn from and of those of the test. */
  readonly #known: { readonly train: KnownFeatures; readonly test: KnownFeatures };
  /** Sums over the epoch under way. */
  #sums = { loss: 0, correct: 0, steps: 0 };
  /** Layers whose filters are to be found in the pictures before the first step. */
  #unlabelled: readonly number[];
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;

  constructor(
    checked: Pick<CheckedNetwork, 'network' | 'facts'>,
    data: SplitDataset,
    settings: TrainingSettings,
    { weights, checkpoint, backend = 'fast', memoryLimit = Number.POSITIVE_INFINITY }: TrainerOptions = {},
  ) {
    const { network, facts } = checked;
    this.#checked = checked;
    this.#data = data;
    this.#settings = settings;
    this.#input = inputOf(checked, data);
    // A small set is one batch.
    const size = Math.min(settings.batch, data.train.count);
    if (size === 0) throw new EngineError('There are no pictures to learn from');
    const stored = checkpoint && weightsFromTensors(checked, checkpoint);
    this.learner = new Learner(checked, {
      loss: settings.loss,
      optimiser: settings.optimiser,
      decay: settings.decay,
      batch: size,
      seed: settings.seed,
      weights: (layer) =>
        stored?.[layer] ??
        weights?.(layer) ??
        seededWeights(facts[layer]?.weights ?? [], network.layers[layer]?.name ?? '', settings.seed),
      backend,
      memoryLimit,
    });
    refuseOtherClasses(this.learner.scores, data.train);
    this.#batch = {
      pictures: new Float32Array(size * volumeOf(this.#input.size)),
      classes: new Int32Array(size),
    };
    this.#stepsAnEpoch = Math.floor(data.train.count / size);
    const room = Math.min(MOST_KNOWN, memoryLimit - this.learner.bytes);
    // A picture that is changed by chance is another one each time.
    const train = new KnownFeatures(this.learner, data.train.count, size, changesPictures(settings.augment) ? 0 : room);
    this.#known = { train, test: new KnownFeatures(this.learner, data.test.count, size, room - train.bytes) };
    this.#unlabelled = unlabelledLayers(checked).filter((layer) => !stored?.[layer] && !weights?.(layer));
    if (checkpoint) this.#restore(checkpoint);
  }

  /** All steps of all epochs. */
  get steps(): number {
    return this.#stepsAnEpoch * this.#settings.epochs;
  }

  get isDone(): boolean {
    return this.learner.steps >= this.steps;
  }

  get isPaused(): boolean {
    return this.#paused !== undefined;
  }

  /** Training stops after the step under way, until {@link resume} or {@link stepOnce}. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume?.();
    this.#paused = undefined;
    this.#resume = undefined;
  }

  /** One step more, paused again after it. */
  stepOnce(): void {
    const go = this.#resume;
    this.#paused = undefined;
    this.#resume = undefined;
    this.pause();
    go?.();
  }

  /** The steps that are left, and a test after each epoch. */
  async run({ onStep, onEpoch, signal }: RunCallbacks = {}): Promise<readonly EpochReport[]> {
    const { epochs, seed } = this.#settings;
    const size = this.#batch.classes.length;
    let order: { readonly epoch: number; readonly indices: Uint32Array } | undefined;
    let [began, seen] = [performance.now(), 0];
    // Steps may be shorter than a slice of time: messages must come through all the same.
    const pause = pauseWith(signal);
    await this.findFilters({ signal });
    while (!this.isDone) {
      if (this.#paused) {
        await Promise.race([this.#paused, aborted(signal)]);
        // Time spent paused is not time spent learning.
        [began, seen] = [performance.now(), 0];
      }
      signal?.throwIfAborted();
      const step = this.learner.steps;
      const epoch = Math.floor(step / this.#stepsAnEpoch);
      if (order?.epoch !== epoch) order = { epoch, indices: shuffled(this.#data.train.count, seed, epoch) };
      const first = (step % this.#stepsAnEpoch) * size;
      if (first === 0) this.#sums = { loss: 0, correct: 0, steps: 0 };
      const indices = order.indices.subarray(first, first + size);
      const known = this.#known.train.find(indices, this.#batch.classes);
      if (!known)
        await fillBatch(this.#batch, this.#data.train, indices, this.#input, pause, {
          augmentation: this.#settings.augment,
          seed: `${seed} ${epoch}`,
        });
      const rate = rateAt(this.#settings, step / this.#stepsAnEpoch) * this.rateFactor;
      const { pictures, classes } = this.#batch;
      const { loss, correct } = await this.learner.step(known ?? pictures, { type: 'classes', classes }, rate, signal);
      if (!known) this.#known.train.keep(indices, classes);
      this.#sums.loss += loss;
      this.#sums.correct += correct;
      this.#sums.steps++;
      seen += size;
      const imagesPerSecond = seen / ((performance.now() - began) / 1000);
      onStep?.({
        epoch: epoch + 1,
        epochs,
        step: step + 1,
        steps: this.steps,
        loss,
        stepAccuracy: correct / size,
        ...this.#means(),
        rate,
        imagesPerSecond,
        secondsLeft: ((this.steps - step - 1) * size) / imagesPerSecond,
      });
      if (first + size > this.#stepsAnEpoch * size - 1) await this.#endEpoch(epoch, onEpoch, signal);
    }
    return this.history;
  }

  /**
   * Finds the filters that start as what pictures have in common, layer by layer from the pixels on, which may take many seconds;
   * {@link run} does so if nobody has. `onLayer` is told whose are next.
   */
  async findFilters({
    onLayer,
    signal,
  }: {
    onLayer?: (layer: string) => void;
    signal?: AbortSignal | undefined;
  } = {}): Promise<void> {
    const pause = pauseWith(signal);
    const { seed } = this.#settings;
    const order = shuffled(this.#data.train.count, seed, 0);
    const { pictures, classes } = this.#batch;
    let seen = 0;
    const look = async () => {
      const indices = Array.from(classes, () => order[seen++ % order.length] as number);
      await fillBatch(this.#batch, this.#data.train, indices, this.#input, pause);
      await this.learner.evaluate(pictures, { type: 'classes', classes });
    };
    for (const layer of this.#unlabelled) {
      onLayer?.(this.#checked.network.layers[layer]?.name ?? '');
      await learnFilters(this.#checked, layer, this.learner, look, `${seed} ${layer}`, pause);
    }
    this.#unlabelled = [];
  }

  #means(): { readonly meanLoss: number; readonly accuracy: number } {
    const { loss, correct, steps } = this.#sums;
    return { meanLoss: loss / steps, accuracy: correct / (steps * this.#batch.classes.length) };
  }

  async #endEpoch(epoch: number, onEpoch: RunCallbacks['onEpoch'], signal: AbortSignal | undefined): Promise<void> {
    const { meanLoss, accuracy } = this.#means();
    const test = await this.test(this.#data.test, signal);
    const { loss: testLoss, accuracy: testAccuracy } = test;
    const best = Math.max(0, ...this.history.map((report) => report.testAccuracy));
    const isBest = testAccuracy >= best;
    const report = { epoch: epoch + 1, loss: meanLoss, accuracy, testLoss, testAccuracy, isBest };
    this.history.push(report);
    await onEpoch?.(report, test);
  }

  /**
   * How the network, as it is now, does on pictures; by default those of the test. `seen` is told the classes of each batch while
   * {@link activation} gives what the layers made of it.
   */
  async test(
    dataset: Dataset = this.#data.test,
    signal?: AbortSignal,
    seen?: (classes: readonly number[]) => void,
  ): Promise<TestReport> {
    const size = this.#batch.classes.length;
    const classCount = dataset.classes.length;
    const confusion = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
    const wrong: TestReport['wrong'][number][] = [];
    let loss = 0;
    const pause = pauseWith(signal);
    for (let first = 0; first < dataset.count; first += size) {
      const indices = Array.from({ length: Math.min(size, dataset.count - first) }, (_, i) => first + i);
      const { pictures, classes } = this.#batch;
      // Filters that are still to be found would make something else of them.
      const isFixed = dataset === this.#data.test && this.#unlabelled.length === 0;
      const features = isFixed ? this.#known.test : null;
      // Of what is known already, layers at the beginning are left out.
      const known: BatchInput | null = seen ? null : (features?.find(indices, classes) ?? null);
      if (!known) await fillBatch(this.#batch, dataset, indices, this.#input, pause);
      const targets = { type: 'classes', classes } as const;
      const result = await this.learner.evaluate(known ?? pictures, targets, indices.length, signal);
      if (!known) features?.keep(indices, classes);
      loss += result.loss * indices.length;
      seen?.([...classes.subarray(0, indices.length)]);
      for (const [n, taken] of result.classes.entries()) {
        const is = this.#batch.classes[n] as number;
        const row = confusion[is];
        if (row) row[taken] = (row[taken] ?? 0) + 1;
        if (taken !== is) wrong.push({ index: first + n, is, taken });
      }
    }
    const { count } = dataset;
    return { loss: loss / count, accuracy: (count - wrong.length) / count, count, confusion, wrong };
  }

  /** What a layer made of the last batch; a view that the next step overwrites. */
  activation(layer: number): Tensor | null {
    return this.learner.activation(layer);
  }

  /** The weights now, copied, as a weights file holds them. */
  weights(): Tensors {
    return weightsToTensors(this.#checked, (layer) => this.learner.weights(layer));
  }

  /** The weights and all else that is needed to go on as if nothing had happened; any weights file reader takes it, too. */
  checkpoint(): Tensors {
    const { step, slots } = this.learner.state();
    const tensors = new Map(this.weights());
    for (const [name, tensor] of slots) tensors.set(`${SLOT_PREFIX}${name}`, tensor);
    tensors.set(STEP_TENSOR, { shape: [], values: Float32Array.of(step) });
    const rows = this.history.flatMap(({ loss, accuracy, testLoss, testAccuracy }) => [
      loss,
      accuracy,
      testLoss,
      testAccuracy,
    ]);
    tensors.set(HISTORY_TENSOR, { shape: [this.history.length, HISTORY_COLUMNS], values: Float32Array.from(rows) });
    return tensors;
  }

  #restore(checkpoint: Tensors): void {
    const step = checkpoint.get(STEP_TENSOR)?.values[0] ?? 0;
    const slots = new Map(
      [...checkpoint].flatMap(([name, tensor]) =>
        name.startsWith(SLOT_PREFIX) ? [[name.slice(SLOT_PREFIX.length), tensor] as const] : [],
      ),
    );
    this.learner.restore({ step, slots });
    const rows = checkpoint.get(HISTORY_TENSOR)?.values ?? [];
    for (let i = 0; i + HISTORY_COLUMNS <= rows.length; i += HISTORY_COLUMNS) {
      const [loss = 0, accuracy = 0, testLoss = 0, testAccuracy = 0] = rows.slice(i, i + HISTORY_COLUMNS);
      const isBest = this.history.every((report) => report.testAccuracy <= testAccuracy);
      this.history.push({ epoch: this.history.length + 1, loss, accuracy, testLoss, testAccuracy, isBest });
    }
  }
}

/** Rejects when the signal aborts. */
const aborted = (signal: AbortSignal | undefined): Promise<never> =>
  new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

function inputOf(
  { network }: Pick<CheckedNetwork, 'network' | 'facts'>,
  { train, test }: SplitDataset,
): LayerAttributes<'input'> {
  const [input] = network.layers;
  if (input?.kind !== 'input' || !input.attributes) throw new EngineError(`${network.name} has no input`);
  const { size } = input.attributes;
  for (const { shape } of [train, test])
    if (!sameShape(shape, size))
      throw new EngineError(`The pictures are ${formatShape(shape)}, the network's input is ${formatShape(size)}`);
  return input.attributes;
}

/** A single score tells two classes apart. */
function refuseOtherClasses(scores: number, { classes }: Dataset): void {
  if (classes.length === (scores === 1 ? 2 : scores)) return;
  throw new EngineError(
    `The network gives ${scores} ${scores === 1 ? 'score' : 'scores'} a picture, but there are ${classes.length} classes: ${classes.slice(0, 5).join(', ')}${classes.length > 5 ? ', …' : ''}`,
  );
}
