import type { Question, Questions, WorkerReport, WorkerRequest } from './worker-protocol.js';

type RunReport = Exclude<WorkerReport, { type: 'answer' }>;

/** The page's end of the worker. */
export class EngineClient {
  private readonly worker: Promise<Worker>;
  private readonly waiting = new Map<number, (answer: Questions[Question]['answer']) => void>();
  private nextId = 0;

  /** `script` is an address of the extension; a webview may start a worker only from a blob of its own. */
  constructor(
    script: string,
    private readonly report: (report: RunReport) => void,
    private readonly crashed: (message: string) => void,
  ) {
    this.worker = this.start(script);
    this.worker.catch((error) => crashed(String(error)));
  }

  send(request: WorkerRequest): void {
    void this.worker.then((worker) => worker.postMessage(request));
  }

  ask<Q extends Question>(question: Q, about: Questions[Q]['ask']): Promise<Questions[Q]['answer']> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send({ type: 'ask', id, question, about } as WorkerRequest);
    });
  }

  private async start(script: string): Promise<Worker> {
    const response = await fetch(script);
    const address = URL.createObjectURL(await response.blob());
    const worker = new Worker(address, { name: 'ConvNet engine' });
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => this.receive(data);
    worker.onerror = (event) => this.crashed(event.message);
    return worker;
  }

  private receive(report: WorkerReport): void {
    if (report.type === 'answer') {
      this.waiting.get(report.id)?.(report.answer);
      this.waiting.delete(report.id);
    } else {
      this.report(report);
    }
  }
}
