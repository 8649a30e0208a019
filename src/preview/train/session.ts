import {
  DivergedError,
  EngineError,
  type EpochReport,
  type SplitDataset,
  type StepProgress,
  type TestReport,
  Trainer,
  weightsFromTensors,
} from '../../engine/index.js';
import { PicturesError } from '../../formats/pictures/source.js';
import { readSafetensors, writeSafetensors } from '../../formats/safetensors.js';
import { volumeOf } from '../../network/shape.js';
import { type Pictures, rasterisePicture } from '../raster.js';
import { AskedFiles, openDataset } from './dataset.js';
import type { EpochResult, Mistake, TrainReport, TrainRequest } from './protocol.js';

type StartRequest = Extract<TrainRequest, { type: 'start' }>;

/** Milliseconds between two reports of steps. */
const REPORTS = 80;

/** So many mistakes are shown at most, and no more than so many bytes of them. */
const MOST_MISTAKES = 60;
const MOST_BYTES = 2 ** 22;

/** One training, in the worker. */
export class Session {
  private trainer: Trainer | undefined;
  private readonly stopping = new AbortController();
  private readonly files: AskedFiles;
  private data: SplitDataset | undefined;
  /** What came of the steps since the last report. */
  private losses: number[] = [];
  private accuracies: number[] = [];
  private reported = 0;

  constructor(private readonly report: (report: TrainReport) => void) {
    this.files = new AskedFiles((id, ask) => this.report({ type: 'ask', id, ask }), this.stopping.signal);
  }

  async run(request: StartRequest): Promise<void> {
    const { signal } = this.stopping;
    try {
      const trainer = await this.begin(request);
      signal.throwIfAborted();
      await trainer.run({
        signal,
        onStep: (progress) => this.stepped(progress),
        onEpoch: (report, test) => this.epochEnded(report, test),
      });
      this.reportWeights();
      this.report({ type: 'done' });
    } catch (error) {
      try {
        this.reportWeights();
      } catch {
        // There is no memory for a copy of them: what is told of the training must come all the same.
      }
      this.report(
        signal.aborted
          ? { type: 'stopped' }
          : {
              type: 'failed',
              message: messageFor(error, request.network.name),
              layer: error instanceof DivergedError ? error.layer : null,
            },
      );
    }
  }

  /** What the user wants of a training under way. */
  receive(request: Exclude<TrainRequest, StartRequest>): void {
    switch (request.type) {
      case 'data':
        this.files.receive(request.id, request.answer);
        break;
      case 'pause':
        this.trainer?.pause();
        break;
      case 'resume':
        this.trainer?.resume();
        break;
      case 'step':
        this.trainer?.stepOnce();
        break;
      case 'stop':
        this.stopping.abort();
        break;
      case 'rate':
        if (this.trainer) this.trainer.rateFactor = request.factor;
        break;
      case 'weights':
        this.reportWeights();
    }
  }

  /** Messages come between steps or within one, and weights change at its end: these are of a whole step. */
  private reportWeights(): void {
    if (this.trainer)
      this.report({ type: 'weights', step: this.trainer.learner.steps, weights: weightsOf(this.trainer) });
  }

  private async begin({ network, facts, settings, weights, memoryLimit }: StartRequest): Promise<Trainer> {
    const [input] = network.layers;
    if (input?.kind !== 'input' || !input.attributes) throw new EngineError(`${network.name} has no input`);
    const { signal } = this.stopping;
    const room = { left: memoryLimit / 2 };
    const data = await openDataset(settings.dataset, input.attributes.size, {
      files: this.files,
      room,
      onProgress: (done, of) => this.tellReading(done, of),
      signal,
    });
    signal.throwIfAborted();
    const given = weights && weightsFromTensors({ network, facts }, readSafetensors(weights));
    const trainer = new Trainer({ network, facts }, data, settings, {
      memoryLimit: memoryLimit / 2 + room.left,
      ...(given && { weights: (layer) => given[layer] }),
    });
    await trainer.findFilters({ signal, onLayer: (layer) => this.report({ type: 'finding', layer }) });
    this.trainer = trainer;
    this.data = data;
    this.report({
      type: 'started',
      pictures: data.train.count,
      tests: data.test.count,
      steps: trainer.steps,
      stepsAnEpoch: trainer.steps / settings.epochs,
      classes: data.test.classes,
      weights: weightsOf(trainer),
    });
    return trainer;
  }

  private tellReading(done: number, of: number): void {
    const now = performance.now();
    if (now - this.reported < REPORTS && done < of) return;
    this.reported = now;
    this.report({ type: 'reading', done, of });
  }

  private stepped(progress: StepProgress): void {
    this.losses.push(progress.loss);
    this.accuracies.push(progress.stepAccuracy);
    const now = performance.now();
    const isLast = progress.step % (progress.steps / progress.epochs) === 0;
    if (now - this.reported < REPORTS && !isLast && !this.trainer?.isPaused) return;
    this.reported = now;
    this.report({ type: 'steps', progress, losses: this.losses, accuracies: this.accuracies });
    this.losses = [];
    this.accuracies = [];
  }

  private async epochEnded(report: EpochReport, test: TestReport): Promise<void> {
    if (!this.trainer || !this.data) return;
    const result = await resultOf(report, test, this.data);
    this.report({ type: 'epoch', result, weights: weightsOf(this.trainer) });
  }
}

const weightsOf = (trainer: Trainer): Uint8Array => writeSafetensors(trainer.weights());

async function resultOf(
  report: EpochReport,
  { confusion, wrong }: TestReport,
  data: SplitDataset,
): Promise<EpochResult> {
  const { test } = data;
  const area = test.shape.height * test.shape.width;
  const mistakes = spread(wrong, Math.min(MOST_MISTAKES, Math.max(1, Math.floor(MOST_BYTES / (4 * area)))));
  const pixels = new Uint8ClampedArray(mistakes.length * area * 4);
  const picture = new Float32Array(volumeOf(test.shape));
  for (const [i, { index }] of mistakes.entries()) {
    await test.read(index, picture);
    pixels.set(rasterisePicture({ ...test.shape, data: picture }, (value) => value).pixels, i * area * 4);
  }
  const pictures: Pictures = { width: test.shape.width, height: test.shape.height, count: mistakes.length, pixels };
  return { report, confusion, wrong: wrong.length, mistakes, pictures };
}

/** So many of them, and of each confusion one before there is a second of any. */
function spread(wrong: readonly Mistake[], most: number): readonly Mistake[] {
  const seen = new Map<string, number>();
  return wrong
    .map((mistake) => {
      const pair = `${mistake.is} ${mistake.taken}`;
      const turn = seen.get(pair) ?? 0;
      seen.set(pair, turn + 1);
      return { mistake, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .slice(0, most)
    .map(({ mistake }) => mistake)
    .sort((a, b) => a.is - b.is || a.taken - b.taken || a.index - b.index);
}

function messageFor(error: unknown, name: string): string {
  if (error instanceof EngineError || error instanceof PicturesError) return `${error.message}.`;
  // An allocation that the browser refuses.
  if (error instanceof RangeError) return `Training ${name} needs more memory than there is: ${error.message}.`;
  return `${name} could not be trained: ${String(error)}`;
}
