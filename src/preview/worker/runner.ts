import {
  EngineError,
  type GivenWeights,
  type LayerRun,
  partUpTo,
  type Run,
  type RunInput,
  runNetwork,
  type Tensor,
} from '../../engine/index.js';
import type { LayerAttributes } from '../../network/catalogue.js';
import type { Layer, Network } from '../../network/network.js';
import { type Pictures, rasteriseFilters, rasteriseFiltersAt, rasterisePicture, squareOf } from '../raster.js';
import { predictorOf } from '../sight/occlusion.js';
import { type SightPicture, sightOf, sightOfClass } from '../sight/sight.js';
import { deadChannels, type Peak, topSamples } from '../sight/top-samples.js';
import type { Work } from '../sight/work.js';
import type { Volume } from '../statistics.js';
import { explainUnit } from '../unit/explain.js';
import { clip, fieldRect } from '../unit/places.js';
import type { Unit, UnitReport } from '../unit/unit.js';
import {
  type Ahead,
  type LayerOutput,
  type PictureSource,
  type Questions,
  SEED,
  type TopSamples,
  type Wanted,
  type WorkerReport,
  type WorkerRequest,
} from '../worker-protocol.js';
import { Activations } from './activations.js';
import { ownNames, type SeedNames, seedNamesAfter } from './seed-names.js';

type RunRequest = Extract<WorkerRequest, { type: 'run' }>;

/** Of a channel, so many pictures are shown. */
const MOST_PEAKS = 5;

/** Milliseconds between two reports of how far a run is: each is drawn, and a short run has none. */
const PROGRESS_EVERY = 50;

/** Milliseconds after a run for which the next one is prepared for: somebody types, or drags a slider. */
const SPARE_FOR = 2000;

/** What ran last, or runs now. */
interface Subject {
  readonly request: RunRequest;
  readonly seeds: SeedNames;
}

/** Runs one network at a time; a new run stops the one under way and takes over what both have in common. */
export class Runner {
  readonly activations = new Activations();
  private subject: Subject | undefined;
  private complete: Run = [];
  /** What the last run did before it was stopped: the next one goes on from there. */
  private stopped: Run = [];
  /** Arrays of activations that are no longer shown, for the next run to write into. */
  private spare: readonly Float32Array[] = [];
  private untilIdle: ReturnType<typeof setTimeout> | undefined;
  /** Answers under way that read activations. */
  private readers = 0;
  /** The latest result of each layer, by name. */
  private readonly latest = new Map<string, LayerRun>();
  /** What a layer made of the other picture that was asked about last. */
  private beside: Tensor | undefined;
  /** The peaks that were worked out last, and of what. */
  private peaks: { readonly key: string; readonly all: readonly (readonly Peak[])[] } | undefined;
  private stop = new AbortController();
  private under: Promise<void> = Promise.resolve();

  constructor(
    private readonly report: (report: WorkerReport) => void,
    private readonly pictureFor: (request: RunRequest) => RunInput,
    private readonly weightsFor: (request: RunRequest) => readonly (GivenWeights | undefined)[],
  ) {}

  start(request: RunRequest): void {
    this.stop.abort();
    const stop = new AbortController();
    this.stop = stop;
    this.under = this.under.then(() => this.run(request, stop.signal));
  }

  cancel(): void {
    this.stop.abort();
  }

  /** The filters of a layer of the last network, as pictures. */
  filters({ layer: name, channel, scheme }: Questions['filters']['ask']): Pictures | null {
    const values = this.latest.get(name)?.weights.weight;
    const { network, facts } = this.subject?.request ?? {};
    const index = network?.layers.findIndex((layer) => layer.name === name) ?? -1;
    const [filters, depth, height, width] = facts?.[index]?.weights[0]?.shape ?? [];
    if (!values || !filters || !depth || !height || !width) return null;
    const shape = [filters, depth, height, width] as const;
    if (values.length !== filters * depth * height * width) return null;
    if (channel === 'colour') return rasteriseFilters(values, shape);
    return channel < depth ? rasteriseFiltersAt(values, shape, channel, scheme) : null;
  }

  /** How a unit of a layer's output comes about; null where its numbers, or those it comes of, are no longer kept. */
  unit(name: string, version: number, unit: Unit): UnitReport | null {
    const { network, facts } = this.subject?.request ?? {};
    const index = network?.layers.findIndex((layer) => layer.name === name) ?? -1;
    const run = this.latest.get(name);
    const fact = facts?.[index];
    if (!network || !run || !fact || this.activations.volume(version)?.data !== run.activation.data) return null;
    const inputs: Tensor[] = [];
    for (const source of network.layers[index]?.inputs ?? []) {
      const activation = this.latest.get(network.layers[source]?.name ?? '')?.activation;
      if (!activation) return null;
      inputs.push(activation);
    }
    return explainUnit({ network, index, facts: fact, inputs, weights: run.weights, output: run.activation }, unit);
  }

  /** What of the picture a unit hangs on; null where its run is not complete or its numbers are no longer kept. */
  async sight(
    { layer: name, version, unit, way }: Questions['sight']['ask'],
    work: Work,
  ): Promise<SightPicture | null> {
    const { request } = this.subject ?? {};
    const picture = this.picture();
    const layer = request?.network.layers.findIndex((layer) => layer.name === name) ?? -1;
    if (!request || !picture || this.activations.volume(version)?.data !== this.complete[layer]?.activation.data)
      return null;
    return this.reading(() => sightOf({ checked: request, run: this.complete, picture }, layer, unit, way, work));
  }

  /** `version` is that of the last layer's output. */
  classMap({ version, class: index }: Questions['classMap']['ask']): SightPicture | null {
    const { request } = this.subject ?? {};
    const picture = this.picture();
    const isCurrent = this.activations.volume(version)?.data === this.complete.at(-1)?.activation.data;
    return request && picture && isCurrent
      ? sightOfClass({ checked: request, run: this.complete, picture }, index)
      : null;
  }

  /** Where the channels of a layer answer most strongly on some pictures. */
  async topSamples(
    { layer: name, version, from, to, side }: Questions['topSamples']['ask'],
    sources: readonly PictureSource[],
    work: Work,
  ): Promise<TopSamples | null> {
    const { request } = this.subject ?? {};
    const layer = request?.network.layers.findIndex((layer) => layer.name === name) ?? -1;
    const field = request?.facts[layer]?.field;
    const input = request?.network.layers[0];
    if (!request || !field || input?.kind !== 'input' || !input.attributes) return null;
    if (this.activations.volume(version)?.data !== this.complete[layer]?.activation.data) return null;
    const inputOf = (index: number) => this.pictureFor({ ...request, picture: sources[index] ?? request.picture });
    // More of its channels are asked for when they are scrolled to.
    const key = `${version} ${JSON.stringify(sources)}`;
    if (this.peaks?.key !== key) {
      const find = () => topSamples(request, this.complete, layer, sources.length, inputOf, work);
      this.peaks = { key, all: await this.reading(find) };
    }
    const shown = this.peaks.all.slice(from, to).map((peaks) => peaks.slice(0, MOST_PEAKS));
    const pictures = new Map<number, Pictures>();
    const pixels = new Uint8ClampedArray(shown.length * MOST_PEAKS * side * side * 4);
    for (const [place, { picture, row, column }] of shown.flat().entries()) {
      const seen = pictures.get(picture) ?? pictureOf(inputOf(picture).tensor, input.attributes);
      pictures.set(picture, seen);
      const whole = { top: 0, left: 0, height: seen.height, width: seen.width };
      pixels.set(squareOf(seen, clip(fieldRect(field, row, column), whole), side), place * side * side * 4);
    }
    const peaks = shown.map((found) =>
      found.map((peak) => ({ ...peak, source: sources[peak.picture] ?? request.picture })),
    );
    const dead = deadChannels(this.peaks.all);
    return {
      peaks,
      of: sources.length,
      dead,
      pictures: { width: side, height: side, count: shown.length * MOST_PEAKS, pixels },
    };
  }

  /** What a layer of the last network makes of another picture. */
  async other(
    { layer: name, version, picture }: Questions['other']['ask'],
    { signal }: Work,
  ): Promise<LayerOutput | null> {
    const { request } = this.subject ?? {};
    const layer = request?.network.layers.findIndex((layer) => layer.name === name) ?? -1;
    if (!request || this.activations.volume(version)?.data !== this.complete[layer]?.activation.data) return null;
    const predictor = predictorOf(partUpTo(request, layer), this.complete);
    try {
      const { tensor } = this.pictureFor({ ...request, picture });
      const began = performance.now();
      const output = await predictor.predict(tensor, signal ? { signal } : {});
      if (this.beside) this.activations.release(this.beside);
      this.beside = output;
      return this.activations.keep(output, { milliseconds: performance.now() - began, algorithm: 'predictor' });
    } finally {
      predictor.dispose();
    }
  }

  /** The input's activation as the picture it was, by the output's version. */
  resized(version: number): Pictures | null {
    return this.picture(this.activations.volume(version));
  }

  /** The picture of the last run, with its mean and standard deviation taken back. */
  private picture(volume: Volume | null | undefined = this.complete[0]?.activation): Pictures | null {
    const input = this.subject?.request.network.layers[0];
    return volume && input?.kind === 'input' && input.attributes ? pictureOf(volume, input.attributes) : null;
  }

  private async run(request: RunRequest, signal: AbortSignal): Promise<void> {
    // Overtaken while it waited for the one before to stop.
    if (signal.aborted) return;
    const { run, network, facts, memoryLimit } = request;
    const seeds = this.seedsFor(request);
    const finished: LayerRun[] = [];
    let tellAt = performance.now() + PROGRESS_EVERY;
    // Nothing of another network can be taken over.
    if (this.subject?.request.subject !== request.subject) this.complete = this.stopped = [];
    try {
      const input = this.pictureFor(request);
      const given = this.weightsFor(request);
      this.subject = { request, seeds };
      this.complete = await runNetwork({ network, facts }, input, {
        previous: [...this.complete, ...this.stopped],
        spare: this.takeSpare(),
        seed: SEED,
        seedName: (index) => seeds[index] ?? '',
        givenWeights: (index) => given[index],
        signal,
        memoryLimit,
        onLayer: (index, result) => {
          finished.push(result);
          this.reportLayer(request, index, result);
        },
        onProgress: (index, fraction) => {
          if (performance.now() < tellAt) return;
          tellAt = performance.now() + PROGRESS_EVERY;
          this.report({ type: 'progress', run, layer: network.layers[index]?.name ?? '', fraction });
        },
      });
      this.stopped = [];
      this.report({ type: 'done', run, milliseconds: totalTime(this.complete) });
    } catch (error) {
      this.stopped = finished;
      this.report(
        signal.aborted ? { type: 'cancelled', run } : { type: 'failed', run, message: messageFor(error, network) },
      );
    }
    this.forgetOthers();
  }

  /** What neither this run nor the last complete one needs is given back. */
  private forgetOthers(): void {
    const kept = new Set([...this.complete, ...this.stopped]);
    for (const [name, run] of this.latest) if (!kept.has(run)) this.latest.delete(name);
    const others = this.activations.retain([...[...kept].map((layer) => layer?.activation.data), this.beside?.data]);
    this.spare = this.readers > 0 ? [] : others;
    clearTimeout(this.untilIdle);
    this.untilIdle = setTimeout(() => this.takeSpare(), SPARE_FOR);
  }

  /** Answers from the activations of the last run, which stay as they are for so long. */
  private async reading<T>(answer: () => Promise<T>): Promise<T> {
    this.readers++;
    try {
      return await answer();
    } finally {
      this.readers--;
    }
  }

  /** Once: what the run does not need of it is let go. */
  private takeSpare(): readonly Float32Array[] {
    const { spare } = this;
    this.spare = [];
    return spare;
  }

  private seedsFor({ subject, network }: RunRequest): SeedNames {
    const last = this.subject;
    return last?.request.subject === subject
      ? seedNamesAfter(last.request.network, last.seeds, network)
      : ownNames(network);
  }

  private reportLayer({ run, network, wanted }: RunRequest, index: number, result: LayerRun): void {
    const { name } = network.layers[index] as Layer;
    const isSeen = this.latest.get(name)?.activation.data === result.activation.data;
    this.latest.set(name, result);
    const output = this.activations.keep(result.activation, result);
    const ahead = isSeen ? [] : (wanted[name] ?? []).map((each) => this.answerAhead(output.version, each));
    this.report({ type: 'layer', run, layer: name, output, ahead });
  }

  private answerAhead(version: number, wanted: Wanted): Ahead {
    const answer =
      wanted.question === 'maps'
        ? this.activations.maps(version, wanted.about)
        : this.activations.values(version, wanted.about.channel);
    return { wanted, answer };
  }
}

const totalTime = (layers: Run): number => layers.reduce((sum, layer) => sum + (layer?.milliseconds ?? 0), 0);

function messageFor(error: unknown, { name }: Network): string {
  if (error instanceof EngineError) return `${error.message}.`;
  // An allocation that the browser refuses.
  if (error instanceof RangeError) return `${name} needs more memory than there is: ${error.message}.`;
  return `${name} could not be run: ${String(error)}`;
}

/** The picture that an input's numbers were made from. */
function pictureOf(volume: Volume, { mean, std, scale }: LayerAttributes<'input'>): Pictures {
  const ofChannel = (values: readonly number[], channel: number) => values[channel] ?? values[0] ?? 0;
  return rasterisePicture(
    volume,
    (value, channel) => (value * ofChannel(std, channel) + ofChannel(mean, channel)) / scale,
  );
}
