import { workerThreads } from './open.js';
import type { Report, Request } from './protocol.js';
import { serveEngine } from './serve.js';

/** The engine's worker, in a browser or in Node: bundled as `dist/engine-worker.js`. */

/** What a dedicated worker has; the page's own types would call it a window. */
declare const self: {
  postMessage(report: Report, moved: Transferable[]): void;
  onmessage: ((event: MessageEvent<Request>) => void) | null;
};

const port = workerThreads()?.parentPort;
if (port) {
  port.on(
    'message',
    serveEngine((report, moved) => port.postMessage(report, moved)),
  );
} else {
  const answer = serveEngine((report, moved) => self.postMessage(report, moved));
  self.onmessage = ({ data }) => answer(data);
}
