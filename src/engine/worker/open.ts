import type { WorkerEvents, WorkerLike } from './client.js';
import type { Report, Request } from './protocol.js';

/** What is used of Node's `worker_threads`, which browsers do not have. */
interface WorkerThreads {
  readonly Worker: new (
    url: URL,
  ) => {
    on(event: 'message', listener: (report: Report) => void): void;
    on(event: 'error', listener: (error: Error) => void): void;
    on(event: 'exit', listener: (code: number) => void): void;
    postMessage(message: Request, moved: readonly Transferable[]): void;
    terminate(): Promise<number>;
  };
  readonly parentPort: {
    on(event: 'message', listener: (request: Request) => void): void;
    postMessage(report: Report, moved: readonly Transferable[]): void;
  } | null;
}

/** Null in browsers. Not by an import, which a browser would try to fetch. */
export const workerThreads = (): WorkerThreads | null =>
  (
    globalThis as { process?: { getBuiltinModule?: (name: string) => WorkerThreads | undefined } }
  ).process?.getBuiltinModule?.('node:worker_threads') ?? null;

/** Opens the engine's worker, `dist/engine-worker.js`, in a browser or in Node. */
export const openWorker =
  (url: URL) =>
  ({ onReport, onEnd }: WorkerEvents): WorkerLike => {
    const threads = workerThreads();
    if (threads) {
      const worker = new threads.Worker(url);
      worker.on('message', onReport);
      worker.on('error', ({ message }) => onEnd(message));
      worker.on('exit', (code) => onEnd(`it ended with ${code}`));
      return {
        send: (message, moved = []) => worker.postMessage(message, moved),
        close: () => void worker.terminate(),
      };
    }
    const worker = new Worker(url, { type: 'module' });
    worker.onmessage = ({ data }) => onReport(data as Report);
    worker.onerror = ({ message }) => {
      worker.terminate();
      onEnd(message);
    };
    return { send: (message, moved = []) => worker.postMessage(message, [...moved]), close: () => worker.terminate() };
  };
