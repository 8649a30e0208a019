import type { CheckedNetwork } from '../../network/check.js';
import { EngineError } from '../error.js';
import type { PredictOptions, Predictor, PredictorOptions } from '../predictor.js';
import type { Tensor } from '../tensor.js';
import type { Report, Request } from './protocol.js';

/** A worker, of a browser or of Node: what both have in common once `openWorker` has joined their events. */
export interface WorkerLike {
  readonly send: (message: Request) => void;
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
  { open, weights, precise = false, batch = 1, memoryLimit = Number.POSITIVE_INFINITY }: WorkerPredictorOptions,
): Predictor {
  const predictions = new Map<number, Prediction>();
  let worker: WorkerLike | undefined;
  let lastId = 0;

  function start(): WorkerLike {
    const started = open({
      onReport,
      onEnd(reason) {
        if (worker !== started) return;
        worker = undefined;
        for (const prediction of [...predictions.values()]) repeat(prediction, reason);
      },
    });
    const own = network.layers.map((_, layer) => ((facts[layer]?.weights.length ?? 0) > 0 ? weights(layer) : {}));
    started.send({ type: 'create', network, facts, weights: own, precise, batch, memoryLimit });
    return started;
  }

  function give(prediction: Prediction): void {
    worker ??= start();
    worker.send(prediction.request);
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

  function onReport(report: Report): void {
    switch (report.type) {
      case 'step':
        predictions.get(report.id)?.options.onStep?.(report.layer, report.milliseconds, report.algorithm);
        break;
      case 'done':
        finish(report.id)?.resolve(report.output);
        break;
      case 'stopped': {
        const stopped = finish(report.id);
        stopped?.reject(stopped.options.signal?.reason);
        break;
      }
      case 'failed':
        for (const id of report.id === null ? [...predictions.keys()] : [report.id])
          finish(id)?.reject(new EngineError(report.message));
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
          request: { type: 'predict', id, input },
          options,
          resolve,
          reject,
          repeated: false,
        };
        predictions.set(id, prediction);
        options.signal?.addEventListener('abort', () => worker?.send({ type: 'stop', id }), { once: true });
        give(prediction);
      });
    },
    async prepare() {
      worker ??= start();
    },
    dispose() {
      const ended = worker;
      worker = undefined;
      ended?.close();
      for (const id of [...predictions.keys()]) finish(id)?.reject(new EngineError('The predictor is disposed of'));
    },
  };
}
