import type { CheckedNetwork } from '../../network/check.js';
import { EngineError } from '../error.js';
import type { PredictOptions, Predictor, PredictorOptions } from '../predictor.js';
import type { Tensor } from '../tensor.js';
import type { Report, Request } from './protocol.js';

/** A worker, of a browser or of Node: what both have in common once `openWorker` has joined their events. */
export interface WorkerLike {
  /** `moved` goes over to the worker instead of being copied. */
  readonly send: (message: Request, moved?: readonly MessagePort[]) => void;
  readonly close: () => void;
}

/** What a worker tells: what it says, and that it is gone. */
export interface WorkerEvents {
  readonly onReport: (report: Report) => void;
  readonly onEnd: (reason: string) => void;
}

export interface WorkerPredictorOptions extends PredictorOptions {
  /** Opens a worker that runs `dist/engine-worker.js`; called again when one has died. */
  readonly open: (events: WorkerEvents) => WorkerLike;
  /**
   * How many workers compute each picture together, every one of them some rows of each layer. They send each other the rows at
   * the edges; each has the weights for itself. A batch of several pictures is computed by one. Default 1.
   */
  readonly workers?: number;
}

interface Prediction {
  readonly request: Extract<Request, { type: 'predict' }>;
  readonly options: PredictOptions;
  readonly resolve: (output: Tensor) => void;
  readonly reject: (reason: unknown) => void;
  /** Whether the worker that it was given to has died: it is repeated once. */
  repeated: boolean;
}

/**
 * The same as `createPredictor`, in a worker. A worker that dies is replaced and what it had to do is done again, once; if
 * that one dies, too, the prediction fails with an {@link EngineError}.
 */
export function createWorkerPredictor(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  {
    open,
    weights,
    precise = false,
    batch = 1,
    memoryLimit = Number.POSITIVE_INFINITY,
    ...options
  }: WorkerPredictorOptions,
): Predictor {
  const count = batch === 1 ? (options.workers ?? 1) : 1;
  const predictions = new Map<number, Prediction>();
  /** None before the first prediction, and after one of them has died. */
  let workers: readonly WorkerLike[] = [];
  let lastId = 0;

  function start(): readonly WorkerLike[] {
    const started = Array.from({ length: count }, (_, number) =>
      open({
        onReport: (report) => onReport(report, number),
        onEnd(reason) {
          if (workers !== started) return;
          workers = [];
          for (const worker of started) worker.close();
          for (const prediction of [...predictions.values()]) repeat(prediction, reason);
        },
      }),
    );
    const own = network.layers.map((_, layer) => ((facts[layer]?.weights.length ?? 0) > 0 ? weights(layer) : {}));
    const ports = waysBetween(count);
    for (const [number, worker] of started.entries()) {
      const team = ports[number] ?? [];
      const message = { type: 'create', network, facts, weights: own, precise, batch, memoryLimit, team } as const;
      worker.send(
        message,
        team.filter((port) => port !== null),
      );
    }
    return started;
  }

  function sendAll(request: Request): void {
    for (const worker of workers) worker.send(request);
  }

  function give({ request, options: { onStep } }: Prediction): void {
    if (workers.length === 0) workers = start();
    for (const [number, worker] of workers.entries())
      worker.send({ ...request, tellsSteps: number === 0 && onStep !== undefined });
  }

  function repeat(prediction: Prediction, reason: string): void {
    if (prediction.repeated) {
      finish(prediction.request.id)?.reject(new EngineError(`The engine's worker died twice: ${reason}`));
      return;
    }
    prediction.repeated = true;
    give(prediction);
  }

  function finish(id: number): Prediction | undefined {
    const prediction = predictions.get(id);
    predictions.delete(id);
    return prediction;
  }

  /** What comes out comes from the first worker; any may fail. */
  function onReport(report: Report, number: number): void {
    switch (report.type) {
      case 'step':
        predictions.get(report.id)?.options.onStep?.(report.layer, report.milliseconds, report.algorithm);
        break;
      case 'done':
        if (number === 0) finish(report.id)?.resolve(report.output);
        break;
      case 'stopped': {
        const stopped = finish(report.id);
        stopped?.reject(stopped.options.signal?.reason);
        break;
      }
      case 'failed':
        for (const id of report.id === null ? [...predictions.keys()] : [report.id]) {
          finish(id)?.reject(new EngineError(report.message));
          // The others wait for what this one will not send.
          if (count > 1) sendAll({ type: 'stop', id });
        }
    }
  }

  return {
    predict(input, options = {}) {
      return new Promise<Tensor>((resolve, reject) => {
        if (options.signal?.aborted) {
          reject(options.signal.reason);
          return;
        }
        const id = ++lastId;
        const prediction: Prediction = {
          request: { type: 'predict', id, input, tellsSteps: false },
          options,
          resolve,
          reject,
          repeated: false,
        };
        predictions.set(id, prediction);
        options.signal?.addEventListener('abort', () => sendAll({ type: 'stop', id }), { once: true });
        give(prediction);
      });
    },
    async prepare() {
      if (workers.length === 0) workers = start();
    },
    dispose() {
      const ended = workers;
      workers = [];
      for (const worker of ended) worker.close();
      for (const id of [...predictions.keys()]) finish(id)?.reject(new EngineError('The predictor is disposed of'));
    },
  };
}

/** A message port between every two of `count` workers: row i has those of worker i, null where the other would be itself. */
function waysBetween(count: number): readonly (readonly (MessagePort | null)[])[] {
  const ports = Array.from({ length: count }, () => Array<MessagePort | null>(count).fill(null));
  for (const [i, row] of ports.entries())
    for (let j = 0; j < i; j++) {
      const { port1, port2 } = new MessageChannel();
      row[j] = port1;
      (ports[j] as (MessagePort | null)[])[i] = port2;
    }
  return ports;
}
