import type { Work } from './sight/work.js';
import { PictureStore } from './worker/picture-store.js';
import { Runner } from './worker/runner.js';
import { WeightsStore } from './worker/weights-store.js';
import type { Question, Questions, WorkerReport, WorkerRequest } from './worker-protocol.js';

/** The engine's worker: runs networks, keeps their activations, and draws what the page asks to see. */

/** What a dedicated worker has; the page's own types would call it a window. */
declare const self: {
  postMessage(message: WorkerReport, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
};

const pictures = new PictureStore();
const weights = new WeightsStore();
const runner = new Runner(
  (report) =>
    self.postMessage(report, report.type === 'layer' ? report.ahead.flatMap(({ answer }) => buffersIn(answer)) : []),
  (request) => pictures.inputFor(request),
  (request) => weights.givenFor(request),
);
const { activations } = runner;

type Answer<Q extends Question> = Questions[Q]['answer'] | Promise<Questions[Q]['answer']>;

const answers: { readonly [Q in Question]: (about: Questions[Q]['ask'], work: Work) => Answer<Q> } = {
  samples: () => pictures.samples(),
  thumbnail: (about) => pictures.thumbnail(about),
  decode: (about) => pictures.decode(about),
  drop: (about) => pictures.drop(about),
  readWeights: (about) => weights.read(about),
  maps: ({ version, beside, ...request }) => activations.maps(version, request, beside),
  other: (about, work) => runner.other(about, work),
  values: ({ version, channel }) => activations.values(version, channel),
  details: ({ version }) => activations.details(version),
  filters: (about) => runner.filters(about),
  unit: ({ layer, version, unit }) => runner.unit(layer, version, unit),
  sight: (about, work) => runner.sight(about, work),
  classMap: (about) => runner.classMap(about),
  topSamples: (about, work) => runner.topSamples(about, pictures.sources(), work),
  resized: ({ version }) => runner.resized(version),
};

/** Questions whose answers' numbers are made for the page alone: they are handed over instead of copied. */
const madeFor: { readonly [Q in Question]?: true } = { maps: true, values: true, resized: true, filters: true };

function buffersIn(answer: Questions[Question]['answer']): Transferable[] {
  if (answer instanceof Float32Array) return [answer.buffer as ArrayBuffer];
  return answer && 'pixels' in answer ? [answer.pixels.buffer] : [];
}

/** The questions that are being answered, by their ids. */
const stops = new Map<number, AbortController>();

async function answer<Q extends Question>(id: number, question: Q, about: Questions[Q]['ask']): Promise<void> {
  const stop = new AbortController();
  stops.set(id, stop);
  const onProgress = (fraction: number) => self.postMessage({ type: 'answering', id, fraction });
  try {
    const answer = await answers[question](about, { signal: stop.signal, onProgress });
    self.postMessage({ type: 'answer', id, answer }, madeFor[question] ? buffersIn(answer) : []);
  } catch (error) {
    if (stop.signal.aborted) return;
    self.postMessage({ type: 'answer', id, answer: null });
    throw error;
  } finally {
    stops.delete(id);
  }
}

self.onmessage = ({ data: request }) => {
  switch (request.type) {
    case 'run':
      runner.start(request);
      break;
    case 'cancel':
      runner.cancel();
      break;
    case 'forget':
      stops.get(request.id)?.abort();
      break;
    case 'ask':
      void answer(request.id, request.question, request.about as Questions[Question]['ask']);
  }
};
