import {
  EngineError,
  type GivenWeights,
  type LayerRun,
  type Run,
  type RunInput,
  runNetwork,
  type Tensor,
} from '../../engine/index.js';
import type { Layer, Network } from '../../network/network.js';
import { type Pictures, rasteriseFilters, rasteriseFiltersAt, rasteriseMaps, rasterisePicture } from '../raster.js';
import { statisticsOf } from '../statistics.js';
import { explainUnit } from '../unit/explain.js';
import { sensitivityOf } from '../unit/sensitivity.js';
import type { Unit, UnitReport } from '../unit/unit.js';
import { type Questions, SEED, type WorkerReport, type WorkerRequest } from '../worker-protocol.js';
import { Activations } from './activations.js';
import { ownNames, type SeedNames, seedNamesAfter } from './seed-names.js';

type RunRequest = Extract<WorkerRequest, { type: 'run' }>;

/** Larger pictures are averaged down. */
const LONGEST_PICTURE = 1024;

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
  /** The latest result of each layer, by name. */
  private readonly latest = new Map<string, LayerRun>();
  private stop = new AbortController();
  private stopSensitivity = new AbortController();
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

  /** A picture of a unit's sensitivity; null where the run is not complete, or another question came meanwhile. */
  async sensitivity({ layer, version, unit, way }: Questions['sensitivity']['ask']): Promise<Pictures | null> {
    this.stopSensitivity.abort();
    const stop = new AbortController();
    this.stopSensitivity = stop;
    const { network, facts } = this.subject?.request ?? {};
    const index = network?.layers.findIndex(({ name }) => name === layer) ?? -1;
    if (!network || !facts || this.activations.volume(version)?.data !== this.complete[index]?.activation.data)
      return null;
    try {
      const volume = await sensitivityOf({ network, facts }, this.complete, index, unit, way, stop.signal);
      const request = { channels: [0], contrast: 'layer', scheme: 'dark', longest: LONGEST_PICTURE } as const;
      return volume && rasteriseMaps(volume, statisticsOf(volume).perChannel, request);
    } catch (error) {
      if (stop.signal.aborted) return null;
      throw error;
    }
  }

  /** The input's activation with its mean and standard deviation taken back. */
  resized(version: number): Pictures | null {
    const volume = this.activations.volume(version);
    const input = this.subject?.request.network.layers[0];
    if (!volume || input?.kind !== 'input' || !input.attributes) return null;
    const { mean, std, scale } = input.attributes;
    const ofChannel = (values: readonly number[], channel: number) => values[channel] ?? values[0] ?? 0;
    return rasterisePicture(
      volume,
      (value, channel) => (value * ofChannel(std, channel) + ofChannel(mean, channel)) / scale,
    );
  }

  private async run(request: RunRequest, signal: AbortSignal): Promise<void> {
    // Overtaken while it waited for the one before to stop.
    if (signal.aborted) return;
    const { run, network, facts, memoryLimit } = request;
    const seeds = this.seedsFor(request);
    const finished: LayerRun[] = [];
    try {
      const input = this.pictureFor(request);
      const given = this.weightsFor(request);
      this.subject = { request, seeds };
      this.complete = await runNetwork({ network, facts }, input, {
        previous: [...this.complete, ...this.stopped],
        seed: SEED,
        seedName: (index) => seeds[index] ?? '',
        givenWeights: (index) => given[index],
        signal,
        memoryLimit,
        onLayer: (index, result) => {
          finished.push(result);
          this.reportLayer(run, network, index, result);
        },
        onProgress: (index, fraction) =>
          this.report({ type: 'progress', run, layer: network.layers[index]?.name ?? '', fraction }),
      });
      this.stopped = [];
      this.report({ type: 'done', run, milliseconds: totalTime(this.complete) });
    } catch (error) {
      this.stopped = finished;
      this.report(
        signal.aborted ? { type: 'cancelled', run } : { type: 'failed', run, message: messageFor(error, network) },
      );
    }
    this.activations.retain([...this.complete, ...this.stopped].map((layer) => layer?.activation.data));
  }

  private seedsFor({ subject, network }: RunRequest): SeedNames {
    const last = this.subject;
    return last?.request.subject === subject
      ? seedNamesAfter(last.request.network, last.seeds, network)
      : ownNames(network);
  }

  private reportLayer(run: number, network: Network, index: number, result: LayerRun): void {
    const { name } = network.layers[index] as Layer;
    this.latest.set(name, result);
    const output = this.activations.keep(result.activation, result);
    this.report({ type: 'layer', run, layer: name, output });
  }
}

const totalTime = (layers: Run): number => layers.reduce((sum, layer) => sum + (layer?.milliseconds ?? 0), 0);

function messageFor(error: unknown, { name }: Network): string {
  if (error instanceof EngineError) return `${error.message}.`;
  // An allocation that the browser refuses.
  if (error instanceof RangeError) return `${name} needs more memory than there is: ${error.message}.`;
  return `${name} could not be run: ${String(error)}`;
}
