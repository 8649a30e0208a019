import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { EpochReport, StepProgress } from '../../engine/index.js';
import type { NetworkReport } from '../../language/protocol.js';
import type { TrainingSettings } from '../../network/training.js';
import type { EngineClient } from '../engine-client.js';
import { send } from '../host.js';
import type { LabelsModel } from '../labels-model.js';
import { signatureOf } from '../signature.js';
import { startWorker } from '../start-worker.js';
import type { WeightsModel } from '../weights-model.js';
import { CurvePoints } from './curve-points.js';
import type { DataAnswer } from './data-protocol.js';
import type { EpochResult, TrainReport, TrainRequest } from './protocol.js';
import { type Snapshot, withSnapshot } from './snapshots.js';

/** Milliseconds from weights on show to the next ones, at least; and how often as long as showing them took, so that it costs little. */
const LIVE = 250;
const REST = 4;

/** Bytes of weights of past epochs. */
const MOST_SNAPSHOTS = 2 ** 27;

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

export type Phase = 'starting' | 'running' | 'paused' | 'done' | 'stopped' | 'failed';

/** What is trained: a network as it was when training began. */
export interface Subject {
  readonly uri: string;
  readonly report: NetworkReport;
  readonly settings: TrainingSettings;
}

interface NamedWeights {
  readonly weights: Uint8Array;
  readonly name: string;
}

/** What the training needs of the panel around it. */
interface Surroundings {
  readonly engine: EngineClient;
  readonly weights: WeightsModel;
  readonly labels: LabelsModel;
  readonly uri: ReadonlySignal<string | undefined>;
  /** The network on show. */
  readonly shown: ReadonlySignal<NetworkReport | null>;
  readonly hasErrors: ReadonlySignal<boolean>;
  /** Whether the engine runs the network on the picture now. */
  readonly isRunning: ReadonlySignal<boolean>;
  readonly memoryLimit: ReadonlySignal<number>;
}

/**
 * Training in the panel. A worker trains; the weights that it comes to are put in force several times a second, so that all
 * maps, filters and scores of the panel are those of the network as it learns. One network at a time.
 */
export class TrainModel {
  readonly subject = signal<Subject | null>(null);
  readonly phase = signal<Phase>('starting');
  readonly started = signal<Extract<TrainReport, { type: 'started' }> | null>(null);
  /** What is done before training starts: reading pictures, so many bytes of so many, or finding the filters of a layer. */
  readonly preparing = signal<Extract<TrainReport, { type: 'reading' | 'finding' }> | null>(null);
  readonly progress = signal<StepProgress | null>(null);
  readonly epochs = signal<readonly EpochReport[]>([]);
  /** What the last epoch came to; the pictures of those before are given back. */
  readonly result = signal<EpochResult | null>(null);
  readonly snapshots = signal<readonly Snapshot[]>([]);
  /** The epoch whose weights are on show; null for the latest weights. */
  readonly replayed = signal<number | null>(null);
  /** By what power of ten the rate is changed. */
  readonly rateExponent = signal(0);
  readonly problem = signal<{ readonly message: string; readonly layer: string | null } | null>(null);
  /** Grows with {@link points}. */
  readonly pointsVersion = signal(0);
  points = new CurvePoints();

  /** Whether the network on show says how it learns, and could. */
  readonly canStart: ReadonlySignal<boolean>;
  /** The training, where it is of the network on show. */
  readonly onShow: ReadonlySignal<Subject | null>;
  /** Whether the text says another network by now. */
  readonly isOutdated: ReadonlySignal<boolean>;
  readonly isUnderWay: ReadonlySignal<boolean>;

  private worker: Promise<Worker> | undefined;
  /** The weights that are to be put in force next. */
  private readonly next = signal<NamedWeights | null>(null);
  /** The latest ones there are; what is saved when no epoch is replayed. */
  readonly latest = signal<NamedWeights | null>(null);
  /** Whether the engine reads weights that are to be put in force. */
  private readonly isReading = signal(false);
  /** Which question of the worker's each of ours to the extension hands on; those of workers before are forgotten. */
  private readonly asked = new Map<number, number>();
  private nextAsk = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly script: string,
    private readonly around: Surroundings,
  ) {
    const { shown, uri, hasErrors } = around;
    this.canStart = computed(() => shown.value?.network.training !== undefined && !hasErrors.value);
    this.onShow = computed(() => {
      const subject = this.subject.value;
      const isShown = subject?.uri === uri.value && subject?.report.network.name === shown.value?.network.name;
      return isShown ? subject : null;
    });
    this.isOutdated = computed(() => {
      const [subject, report] = [this.onShow.value, shown.value];
      return Boolean(subject && report && signatureOf(subject.report.network) !== signatureOf(report.network));
    });
    this.isUnderWay = computed(() => ['starting', 'running', 'paused'].includes(this.phase.value));
    effect(() => {
      if (this.next.value && !around.isRunning.value && !this.isReading.value) void this.putInForce();
    });
  }

  /** Trains the network on show, as soon as there is one that can be trained, unless it is under way. */
  startSoon(): void {
    const stop = effect(() => {
      if (this.canStart.value) queueMicrotask(() => begin());
    });
    const begin = () => {
      stop();
      if (!this.onShow.peek() || !this.isUnderWay.peek()) this.start();
    };
  }

  /** Trains the network on show, with random weights to begin with, or with the latest ones of the training before. */
  start({ goOn = false } = {}): void {
    const [report, uri] = [this.around.shown.value, this.around.uri.value];
    const settings = report?.network.training;
    if (!report || !settings || uri === undefined || !this.canStart.value) return;
    const latest = goOn ? this.latest.value : null;
    this.end();
    // Until the first of the new ones come, which may take long, they can be saved, and gone on with again.
    this.latest.value = latest;
    batch(() => {
      this.subject.value = { uri, report, settings };
      this.phase.value = 'starting';
      this.started.value = null;
      this.preparing.value = null;
      this.progress.value = null;
      this.epochs.value = [];
      this.result.value = null;
      this.snapshots.value = [];
      this.replayed.value = null;
      this.rateExponent.value = 0;
      this.problem.value = null;
      this.points = new CurvePoints();
      this.pointsVersion.value++;
    });
    const worker = startWorker(this.script, 'ConvNet training');
    this.worker = worker;
    worker.then(
      (started) => {
        started.onmessage = ({ data }: MessageEvent<TrainReport>) => {
          if (this.worker === worker) batch(() => this.receive(data));
        };
        started.onerror = ({ message }) => {
          if (this.worker === worker) this.fail(`Training stopped: ${message}`);
        };
      },
      (error) => this.fail(String(error)),
    );
    const { network, facts } = report;
    const memoryLimit = this.around.memoryLimit.value;
    this.send({ type: 'start', network, facts, settings, weights: latest?.weights ?? null, memoryLimit });
  }

  pause(): void {
    this.phase.value = 'paused';
    this.send({ type: 'pause' });
    this.send({ type: 'weights' });
  }

  resume(): void {
    this.phase.value = 'running';
    this.replayed.value = null;
    this.send({ type: 'resume' });
    this.send({ type: 'weights' });
  }

  /** One step, paused after it. */
  step(): void {
    this.phase.value = 'paused';
    this.replayed.value = null;
    this.send({ type: 'step' });
  }

  stop(): void {
    this.send({ type: 'stop' });
  }

  /** Lets go of the training and all it came to: the network is again what its file or chance makes it. */
  discard(): void {
    this.end();
    this.subject.value = null;
    this.around.weights.learned.value = null;
    this.around.labels.learned.value = null;
  }

  changeRate(exponent: number): void {
    this.rateExponent.value = exponent;
    this.send({ type: 'rate', factor: 10 ** exponent });
  }

  /** Puts the weights of a past epoch in force, or with null the latest. */
  replay(epoch: number | null): void {
    this.replayed.value = epoch;
    const snapshot = this.snapshots.value.find((each) => each.epoch === epoch);
    this.next.value = snapshot ? { weights: snapshot.weights, name: nameOfEpoch(snapshot.epoch) } : this.latest.value;
    if (!snapshot) this.send({ type: 'weights' });
  }

  /** Writes the weights on show into the file that the network names, or where the user says. */
  save(): void {
    const subject = this.subject.value;
    const snapshot = this.snapshots.value.find(({ epoch }) => epoch === this.replayed.value);
    const weights = snapshot?.weights ?? this.latest.value?.weights;
    if (!subject || !weights) return;
    const { name, weightsFile } = subject.report.network;
    send({
      type: 'saveWeights',
      uri: subject.uri,
      path: weightsFile ?? null,
      name: `${name}.safetensors`,
      bytes: weights,
    });
  }

  /** The extension's answer to a `readData`. */
  receiveData(id: number, answer: DataAnswer): void {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (asked !== undefined) this.send({ type: 'data', id: asked, answer });
  }

  private receive(report: TrainReport): void {
    switch (report.type) {
      case 'ask': {
        const uri = this.subject.value?.uri;
        if (uri === undefined) break;
        const id = this.nextAsk++;
        this.asked.set(id, report.id);
        send({ type: 'readData', id, uri, ask: report.ask });
        break;
      }
      case 'reading':
      case 'finding':
        this.preparing.value = report;
        break;
      case 'started':
        this.started.value = report;
        this.nameClasses(report.classes);
        if (this.phase.value === 'starting') this.phase.value = 'running';
        this.snapshots.value = [{ epoch: 0, weights: report.weights }];
        this.take(report.weights, nameOfEpoch(0));
        break;
      case 'steps':
        this.progress.value = report.progress;
        for (const [i, loss] of report.losses.entries()) this.points.add(loss, report.accuracies[i] ?? 0);
        this.pointsVersion.value++;
        if (this.phase.value === 'paused') this.send({ type: 'weights' });
        break;
      case 'weights':
        this.take(report.weights, `learned, step ${report.step}`);
        break;
      case 'epoch':
        this.epochs.value = [...this.epochs.value, report.result.report];
        this.result.value = report.result;
        this.keep({ epoch: report.result.report.epoch, weights: report.weights });
        this.take(report.weights, nameOfEpoch(report.result.report.epoch));
        break;
      case 'done':
      case 'stopped':
        this.phase.value = report.type;
        this.release();
        break;
      case 'failed':
        this.fail(report.message, report.layer);
    }
  }

  private nameClasses(classes: readonly string[]): void {
    const { uri, report } = this.subject.value ?? {};
    if (uri !== undefined && report) this.around.labels.learned.value = { uri, network: report.network.name, classes };
  }

  private fail(message: string, layer: string | null = null): void {
    this.problem.value = { message, layer };
    this.phase.value = 'failed';
    this.release();
  }

  private keep(snapshot: Snapshot): void {
    const best = this.epochs.value.findLast(({ isBest }) => isBest)?.epoch;
    this.snapshots.value = withSnapshot(this.snapshots.value, snapshot, best, MOST_SNAPSHOTS);
  }

  private take(weights: Uint8Array, name: string): void {
    this.latest.value = { weights, name };
    if (this.replayed.value === null) this.next.value = this.latest.value;
  }

  private async putInForce(): Promise<void> {
    const [next, subject] = [this.next.peek(), this.subject.peek()];
    if (!next || !subject) return;
    this.isReading.value = true;
    this.next.value = null;
    const began = performance.now();
    const answer = await this.around.engine.ask('readWeights', { bytes: next.weights, from: 'learned' });
    this.isReading.value = false;
    if (this.subject.peek() !== subject) return;
    if ('problem' in answer) return this.fail(`The weights could not be shown: ${answer.problem}.`);
    const { uri, report } = subject;
    this.around.weights.learned.value = { uri, network: report.network.name, name: next.name, ...answer };
    const stop = this.around.isRunning.subscribe((isRunning) => {
      if (isRunning) return;
      queueMicrotask(() => stop());
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.askForMore(), Math.max(LIVE, REST * (performance.now() - began)));
    });
  }

  /** Whoever wants less to move sees the weights at the end of each epoch. */
  private askForMore(): void {
    if (this.phase.peek() === 'running' && this.replayed.peek() === null && !reducedMotion.matches)
      this.send({ type: 'weights' });
  }

  private send(request: TrainRequest): void {
    const { worker } = this;
    void worker?.then((started) => started.postMessage(request)).catch(() => undefined);
  }

  /** Gives back what the worker takes. */
  private release(): void {
    clearTimeout(this.timer);
    this.asked.clear();
    void this.worker?.then((worker) => worker.terminate()).catch(() => undefined);
    this.worker = undefined;
  }

  private end(): void {
    this.release();
    this.latest.value = null;
    this.next.value = null;
  }
}

const nameOfEpoch = (epoch: number): string => (epoch === 0 ? 'as training began' : `learned, epoch ${epoch}`);
