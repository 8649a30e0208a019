import { type CheckedNetwork, sizeOf } from '../../network/check.js';
import type { WeightSpec } from '../../network/layer.js';
import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../../network/shape.js';
import { EngineError } from '../error.js';
import { refuseAbove } from '../memory.js';
import type { LayerWeights } from '../ops/op.js';
import { driveSteps, type Pause, pauseWith } from '../pause.js';
import type { Tensor } from '../tensor.js';
import { hostFeatures, Machine } from '../wasm/machine.js';
import { type LayoutOptions, type LearnedWeight, layOut, type Station } from './layout.js';
import { classOf, losses, refuseScores, type Targets } from './losses.js';
import { optimisers } from './optimisers.js';
import type { WeightName } from './step-op.js';

export interface LearnerOptions extends LayoutOptions {
  /** Weight decay. Default 0. */
  readonly decay?: number;
  /** Chooses what dropout takes away. Default 1. */
  readonly seed?: number;
  /** What a layer's weights start as, in the layout of its facts' specs (PyTorch's). They are copied. */
  readonly weights: (layer: number) => LayerWeights;
  /** `reference` computes every layer by its reference op, slowly, its sums in float64. Default `fast`. */
  readonly backend?: 'fast' | 'reference';
  /** In bytes; a network that needs more is refused before anything is allocated. Default: no limit. */
  readonly memoryLimit?: number;
}

/** What came of one batch. */
export interface StepResult {
  /** The mean over the batch, before the step. */
  readonly loss: number;
  /** How many pictures were given their class. */
  readonly correct: number;
}

/** The numbers got out of hand: told with the layer in which it began. The weights are still those before the step. */
export class DivergedError extends EngineError {
  constructor(
    readonly layer: string,
    readonly step: number,
    where: 'activation' | 'gradient' | 'weights',
  ) {
    super(
      `Training diverged at step ${step}: the ${where} of ${layer} ${where === 'weights' ? 'are no longer finite numbers' : 'is no longer a finite number'}. A smaller rate usually helps`,
    );
  }
}

/** What is needed to go on learning as if nothing had happened, besides the weights: plain data. */
export interface OptimiserState {
  readonly step: number;
  /** What the optimiser remembers of each weight, in the layout of its spec: `conv1.weight.velocity`. */
  readonly slots: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
}

/** A batch: its pictures (NHWC, scaled as the input wants them), or what {@link Learner.fixedFeatures} gave of it. */
export type BatchInput = Float32Array | { readonly fixed: Float32Array };

/**
 * A network that learns: its weights, and the way a batch of pictures goes through it and back. Everything lies in one
 * memory, of which the size is known before it is allocated. Throws an {@link EngineError} where an error keeps a layer from
 * running, the loss does not go with the last layer, or the memory limit is exceeded.
 */
export class Learner {
  readonly #checked: Pick<CheckedNetwork, 'network' | 'facts'>;
  readonly #options: LearnerOptions;
  readonly #stations: readonly Station[];
  readonly #learned: readonly LearnedWeight[];
  readonly #memory: Float32Array;
  /** Of its memory. */
  readonly bytes: number;
  readonly #scores: Station;
  readonly #sums: number;
  readonly #frontier: readonly Station[];
  #step = 0;

  constructor(checked: Pick<CheckedNetwork, 'network' | 'facts'>, options: LearnerOptions) {
    const { network } = checked;
    this.#checked = checked;
    this.#options = options;
    // Fused multiply-adds round otherwise, and not every host has them: the same seed is to give the same weights everywhere.
    const features = { ...hostFeatures(), relaxed: false };
    const machine = options.backend === 'reference' || !features.simd ? null : new Machine(features);
    const layout = layOut(checked, options, machine);
    refuseAbove(options.memoryLimit ?? Number.POSITIVE_INFINITY, `Training ${network.name}`, layout.parts);
    this.bytes = layout.bytes;
    const start = machine?.begin(layout.bytes) ?? 0;
    this.#memory = machine ? machine.numbers : new Float32Array(layout.bytes / BYTES_PER_NUMBER);
    const { stations, learned, scores, frontier, sums } = layout.place(start);
    this.#stations = stations;
    this.#learned = learned;
    this.#scores = scores;
    this.#frontier = frontier;
    this.#sums = sums;
    for (const { index, facts } of stations)
      if (facts.weights.length > 0) this.setWeights(index, options.weights(index));
    if (learned.length === 0) throw new EngineError(`${network.name} has no weights that could learn`);
    refuseScores(options.loss, scores.layer.name, scores.output);
  }

  /** How many steps have been taken. */
  get steps(): number {
    return this.#step;
  }

  /** How many scores a picture gets. */
  get scores(): number {
    return volumeOf(this.#scores.output);
  }

  /**
   * How many numbers of a picture all that follows depends on, where layers at the beginning are fixed: they learn nothing, and
   * neither chance nor the rest of the batch changes them. 0 where there are none.
   */
  get fixedSize(): number {
    const isWorthIt = this.#frontier.some(({ index }) => index > 0);
    return isWorthIt ? this.#frontier.reduce((sum, { output }) => sum + volumeOf(output), 0) : 0;
  }

  /** What the fixed layers made of a picture of the last batch, {@link fixedSize} numbers. */
  fixedFeatures(picture: number, to: Float32Array): void {
    let at = 0;
    for (const { places, output } of this.#frontier) {
      const volume = volumeOf(output);
      const values = this.#view(places.output, output);
      to.set(values.subarray(picture * volume, (picture + 1) * volume), at);
      at += volume;
    }
  }

  /** How each layer is computed, by its name: `reference`, `direct`. */
  get algorithms(): ReadonlyMap<string, string> {
    return new Map(this.#stations.map(({ layer, op }) => [layer.name, op.algorithm]));
  }

  /**
   * One step: forwards, backwards, and the weights are moved. When the
   * signal aborts, or the numbers diverge ({@link DivergedError}), the weights stay what they were.
   */
  async step(input: BatchInput, targets: Targets, rate: number, signal?: AbortSignal): Promise<StepResult> {
    const statistics = this.#runningStatistics();
    try {
      const pause = pauseWith(signal);
      signal?.throwIfAborted();
      const result = await this.#differentiate(input, targets, pause);
      this.#refuseDivergence(result.loss);
      this.#update(rate);
      return result;
    } catch (error) {
      for (const { values, kept } of statistics) values.set(kept);
      throw error;
    }
  }

  /** The gradient of the loss by every learned weight, in the layout of its spec, and no step. In training form. */
  async gradients(
    pictures: Float32Array,
    targets: Targets,
    signal?: AbortSignal,
  ): Promise<StepResult & { readonly weights: readonly LayerWeights[] }> {
    const statistics = this.#runningStatistics();
    const result = await this.#differentiate(pictures, targets, pauseWith(signal));
    for (const { values, kept } of statistics) values.set(kept);
    const weights: Partial<Record<WeightName, Float32Array>>[] = this.#checked.network.layers.map(() => ({}));
    for (const { spec, layer, gradient } of this.#learned)
      (weights[layer] ?? {})[spec.name] = this.#read(layer, spec, gradient);
    return { ...result, weights };
  }

  /** What the network in use, not in training, makes of a batch: `correct` counts the first `count` pictures. */
  async evaluate(
    input: BatchInput,
    targets: Targets,
    count = this.#options.batch,
    signal?: AbortSignal,
  ): Promise<StepResult & { readonly classes: readonly number[] }> {
    await this.#forward(input, undefined, pauseWith(signal));
    const { values } = this.#scoresOf();
    const each = values.length / this.#options.batch;
    const seen = values.subarray(0, count * each);
    const gradient = new Float32Array(seen.length);
    const loss = losses[this.#options.loss]({ values: seen, batch: count, each }, targets, gradient);
    const classes = Array.from({ length: count }, (_, n) => classOf(seen.subarray(n * each, (n + 1) * each)));
    return { loss, correct: countCorrect(classes, targets), classes };
  }

  /** The weights of a layer now, copied, in the layout of its specs. */
  weights(layer: number): LayerWeights {
    const station = this.#stations[layer];
    return Object.fromEntries(
      (station?.facts.weights ?? []).map((spec) => [
        spec.name,
        this.#read(layer, spec, station?.places.weights[spec.name] ?? 0),
      ]),
    );
  }

  setWeights(layer: number, weights: LayerWeights): void {
    const station = this.#stations[layer];
    for (const spec of station?.facts.weights ?? []) {
      const values = weights[spec.name];
      const address = station?.places.weights[spec.name];
      if (values?.length !== sizeOf(spec) || address === undefined)
        throw new EngineError(
          `The ${spec.name} of ${station?.layer.name} has ${values?.length ?? 0} numbers, not ${spec.shape.join('×')}`,
        );
      const place = station?.op.layout?.[spec.name];
      const to = address / BYTES_PER_NUMBER;
      if (!place) this.#memory.set(values, to);
      else for (let i = 0; i < values.length; i++) this.#memory[to + place(i)] = values[i] as number;
    }
  }

  /** What a layer made of the last batch; a view that the next batch overwrites. */
  activation(layer: number): Tensor | null {
    const station = this.#stations[layer];
    return station
      ? { ...station.output, batch: this.#options.batch, data: this.#view(station.places.output, station.output) }
      : null;
  }

  /** What the optimiser remembers, copied. */
  state(): OptimiserState {
    const names = optimisers[this.#options.optimiser.kind].slots;
    const slots = new Map(
      this.#learned.flatMap(({ layer, spec, slots: values }) =>
        names.map((name, i) => [
          this.#slotName(layer, spec, name),
          { shape: spec.shape, values: this.#arranged(layer, spec, values[i] as Float32Array) },
        ]),
      ),
    );
    return { step: this.#step, slots };
  }

  /** Takes up what {@link state} gave. What the state lacks begins at 0. */
  restore({ step, slots }: OptimiserState): void {
    this.#step = step;
    for (const { layer, spec, slots: values } of this.#learned)
      for (const [i, name] of optimisers[this.#options.optimiser.kind].slots.entries()) {
        const stored = slots.get(this.#slotName(layer, spec, name))?.values;
        const place = this.#stations[layer]?.op.layout?.[spec.name] ?? ((index: number) => index);
        const slot = values[i] as Float32Array;
        for (let k = 0; k < slot.length; k++) slot[place(k)] = stored?.[k] ?? 0;
      }
  }

  #slotName(layer: number, spec: WeightSpec, slot: string): string {
    return `${this.#stations[layer]?.layer.name}.${spec.name}.${slot}`;
  }

  async #differentiate(input: BatchInput, targets: Targets, pause: Pause): Promise<StepResult> {
    await this.#forward(input, this.#step, pause);
    const { values, each } = this.#scoresOf();
    const { batch, loss: name } = this.#options;
    const gradient = this.#view(this.#scores.places.outputGradient, this.#scores.output);
    const loss = losses[name]({ values, batch, each }, targets, gradient);
    const classes = Array.from({ length: batch }, (_, n) => classOf(values.subarray(n * each, (n + 1) * each)));
    // Behind a loss that is no number there is nothing to be learned.
    if (Number.isFinite(loss)) await this.#backward(pause);
    return { loss, correct: countCorrect(classes, targets) };
  }

  async #forward(given: BatchInput, step: number | undefined, pause: Pause): Promise<void> {
    const isKnown = 'fixed' in given;
    this.#place(isKnown ? this.#frontier : this.#stations.slice(0, 1), isKnown ? given.fixed : given);
    for (const { layer, op, places, index, isNeeded, isFixed } of this.#stations) {
      if (index === 0 || (step !== undefined && !isNeeded) || (isKnown && isFixed)) continue;
      const training = step === undefined ? undefined : { seed: `${this.#options.seed ?? 1}/${step}/${layer.name}` };
      await driveSteps(op.forward(places, this.#memory, training), pause);
    }
  }

  /** Puts what stations are to give where it belongs: a batch of pictures, all that is given of each together. */
  #place(stations: readonly Station[], given: Float32Array): void {
    const { batch } = this.#options;
    const size = stations.reduce((sum, { output }) => sum + volumeOf(output), 0);
    if (given.length !== batch * size)
      throw new EngineError(`A batch has ${given.length} numbers, not ${batch * size}`);
    let at = 0;
    for (const { places, output } of stations) {
      const volume = volumeOf(output);
      const values = this.#view(places.output, output);
      for (let n = 0; n < batch; n++) values.set(given.subarray(n * size + at, n * size + at + volume), n * volume);
      at += volume;
    }
  }

  async #backward(pause: Pause): Promise<void> {
    for (let index = this.#scores.index; index > 0; index--) {
      const station = this.#stations[index] as Station;
      if (!station.learns) continue;
      const { op, places, isFirst } = station;
      const gathered = places.inputGradients.map((address, i) => (isFirst[i] ? address : address && this.#sums));
      const training = { seed: `${this.#options.seed ?? 1}/${this.#step}/${station.layer.name}` };
      // One at a time where several are gathered: they share the place in between.
      const shared = isFirst.filter((first, i) => !first && places.inputGradients[i] !== null).length;
      if (shared === 0) {
        await driveSteps(op.backward(places, this.#memory, training), pause);
        continue;
      }
      for (const [i, address] of gathered.entries()) {
        if (address === null || address === undefined) continue;
        const only = gathered.map((place, j) => (i === j ? place : null));
        await driveSteps(op.backward({ ...places, inputGradients: only }, this.#memory, training), pause);
        if (!isFirst[i]) this.#add(address, places.inputGradients[i] ?? 0, station.facts.inputs[i]);
      }
    }
  }

  #add(from: number, to: number, shape: Shape | null | undefined): void {
    if (!shape) return;
    const added = this.#view(from, shape);
    const sum = this.#view(to, shape);
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (added[i] as number);
  }

  #update(rate: number): void {
    const { optimiser, decay = 0 } = this.#options;
    const step = this.#step + 1;
    const touched: { readonly values: Float32Array; readonly kept: Float32Array }[] = [];
    for (const { spec, layer, address, gradient, slots } of this.#learned) {
      const weights = this.#numbers(address, sizeOf(spec));
      const changed = [weights, ...slots];
      for (const values of changed) touched.push({ values, kept: values.slice() });
      optimisers[optimiser.kind].update({
        weights,
        gradient: this.#numbers(gradient, sizeOf(spec)),
        slots,
        rate,
        decay,
        step,
        settings: optimiser,
      });
      if (changed.every(allFinite)) continue;
      for (const { values, kept } of touched) values.set(kept);
      throw new DivergedError(this.#stations[layer]?.layer.name ?? '', step, 'weights');
    }
    this.#step = step;
  }

  #refuseDivergence(loss: number): void {
    if (!Number.isFinite(loss)) {
      const first = this.#stations.find(
        ({ places, output, isNeeded }) => isNeeded && !allFinite(this.#view(places.output, output)),
      );
      throw new DivergedError((first ?? this.#scores).layer.name, this.#step + 1, 'activation');
    }
    for (const { spec, gradient, layer } of this.#learned.toReversed())
      if (!allFinite(this.#numbers(gradient, sizeOf(spec))))
        throw new DivergedError(this.#stations[layer]?.layer.name ?? '', this.#step + 1, 'gradient');
  }

  #scoresOf(): { readonly values: Float32Array; readonly each: number } {
    const { places, output } = this.#scores;
    return { values: this.#view(places.output, output), each: volumeOf(output) };
  }

  #runningStatistics(): readonly { readonly values: Float32Array; readonly kept: Float32Array }[] {
    return this.#stations.flatMap(({ facts, places }) =>
      facts.weights
        .filter(({ learned }) => !learned)
        .map((spec) => {
          const values = this.#numbers(places.weights[spec.name] ?? 0, sizeOf(spec));
          return { values, kept: values.slice() };
        }),
    );
  }

  #numbers(address: number, count: number): Float32Array {
    const from = address / BYTES_PER_NUMBER;
    return this.#memory.subarray(from, from + count);
  }

  #view(address: number, shape: Shape): Float32Array {
    return this.#numbers(address, this.#options.batch * volumeOf(shape));
  }

  #read(layer: number, spec: WeightSpec, address: number): Float32Array {
    return this.#arranged(layer, spec, this.#numbers(address, sizeOf(spec)));
  }

  /** Numbers of the layout of an op in that of the spec. */
  #arranged(layer: number, spec: WeightSpec, values: Float32Array): Float32Array {
    const place = this.#stations[layer]?.op.layout?.[spec.name];
    return place ? Float32Array.from(values, (_, i) => values[place(i)] as number) : values.slice();
  }
}

function countCorrect(classes: readonly number[], targets: Targets): number {
  return targets.type === 'classes' ? classes.filter((found, n) => found === targets.classes[n]).length : 0;
}

function allFinite(values: Float32Array): boolean {
  // The sum is finite unless one of them is not, or they are larger than anything that learns.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i] as number);
  return Number.isFinite(sum);
}
