import { createPredictor, type Predictor } from '../predictor.js';
import type { Report, Request } from './protocol.js';
import { TeamMember } from './team.js';

/** The side of the worker: computes what the client asks for. `send` posts a message, moving `moved` instead of copying it. */
export function serveEngine(send: (report: Report, moved: Transferable[]) => void): (request: Request) => void {
  let predictor: Predictor | undefined;
  let team: TeamMember | null = null;
  const stops = new Map<number, AbortController>();
  /** One after the other, as they come. */
  let last = Promise.resolve();

  const fail = (id: number | null, error: unknown) =>
    send({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) }, []);

  async function predict(
    { id, input, tellsSteps }: Extract<Request, { type: 'predict' }>,
    { signal }: AbortController,
  ) {
    try {
      signal.throwIfAborted();
      team?.begin(id);
      const output = await predictor?.predict(input, {
        signal,
        ...(tellsSteps && {
          onStep: (layer, milliseconds, algorithm) => send({ type: 'step', id, layer, milliseconds, algorithm }, []),
        }),
      });
      if (output) send({ type: 'done', id, output }, [output.data.buffer as ArrayBuffer]);
    } catch (error) {
      if (signal.aborted) send({ type: 'stopped', id }, []);
      else fail(id, error);
    }
    stops.delete(id);
  }

  return (request) => {
    switch (request.type) {
      case 'create':
        try {
          team = request.team.length > 1 ? new TeamMember(request.team) : null;
          predictor = createPredictor(request, { ...request, weights: (layer) => request.weights[layer] ?? {} }, team);
        } catch (error) {
          fail(null, error);
        }
        break;
      case 'predict': {
        const stop = new AbortController();
        stops.set(request.id, stop);
        last = last.then(() => predict(request, stop));
        break;
      }
      case 'stop':
        stops.get(request.id)?.abort();
    }
  };
}
