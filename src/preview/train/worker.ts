import type { TrainReport, TrainRequest } from './protocol.js';
import { Session } from './session.js';

/** The worker that trains a network, beside the engine's, which goes on drawing. */

/** What a dedicated worker has; the page's own types would call it a window. */
declare const self: {
  postMessage(message: TrainReport): void;
  onmessage: ((event: MessageEvent<TrainRequest>) => void) | null;
};

const session = new Session((report) => self.postMessage(report));

self.onmessage = ({ data: request }) => {
  if (request.type === 'start') void session.run(request);
  else session.receive(request);
};
