import type { Work } from './sight/work.js';
import { startWorker } from './start-worker.js';
import type { Question, Questions, WorkerReport, WorkerRequest } from './worker-protocol.js';

export type RunReport = Exclude<WorkerReport, { type: 'answer' | 'answering' }>;

interface Waiting {
  readonly resolve: (answer: Questions[Question]['answer']) => void;
  readonly onProgress: ((fraction: number) => void) | undefined;
}

/** The page's end of the worker. */
export class EngineClient {
  private readonly worker: Promise<Worker>;
  private readonly waiting = new Map<number, Waiting>();
  /** Answers that came with the outputs of the last run, before they are asked for. */
  private readonly ahead = new Map<string, Questions[Question]['answer']>();
  private nextId = 0;

  /** `script` is an address of the extension. */
  constructor(
    script: string,
    private readonly report: (report: RunReport) => void,
    private readonly crashed: (message: string) => void,
  ) {
    this.worker = this.start(script);
    this.worker.catch((error) => crashed(String(error)));
  }

  send(request: WorkerRequest): void {
    if (request.type === 'run') this.ahead.clear();
    void this.worker.then((worker) => worker.postMessage(request));
  }

  /** An answer that takes a while can be given up: the worker then stops, and the promise is never kept. */
  ask<Q extends Question>(
    question: Q,
    about: Questions[Q]['ask'],
    { signal, onProgress }: Work = {},
  ): Promise<Questions[Q]['answer']> {
    const known = this.ahead.get(textOf(question, about)) as Questions[Q]['answer'] | undefined;
    if (known !== undefined) return Promise.resolve(known);
    const id = this.nextId++;
    signal?.addEventListener('abort', () => {
      if (this.waiting.delete(id)) this.send({ type: 'forget', id });
    });
    return new Promise((resolve) => {
      this.waiting.set(id, { resolve, onProgress });
      this.send({ type: 'ask', id, question, about } as WorkerRequest);
    });
  }

  private async start(script: string): Promise<Worker> {
    const worker = await startWorker(script, 'ConvNet engine');
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => this.receive(data);
    worker.onerror = (event) => this.crashed(event.message);
    return worker;
  }

  private receive(report: WorkerReport): void {
    switch (report.type) {
      case 'answer':
        this.waiting.get(report.id)?.resolve(report.answer);
        this.waiting.delete(report.id);
        break;
      case 'answering':
        this.waiting.get(report.id)?.onProgress?.(report.fraction);
        break;
      case 'layer': {
        const { version } = report.output;
        for (const { wanted, answer } of report.ahead)
          this.ahead.set(textOf(wanted.question, { version, ...wanted.about }), answer);
        this.report(report);
        break;
      }
      default:
        this.report(report);
    }
  }
}

const textOf = (question: Question, about: object): string => `${question} ${JSON.stringify(about)}`;
