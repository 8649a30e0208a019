import type { Steps } from './ops/op.js';

/** Milliseconds of work between two turns of the event loop: with a step more, well inside a frame of a 60 Hz display. */
const SLICE = 5;

/**
 * Does work in steps, letting others run every {@link SLICE} milliseconds, so that a message can arrive and abort it.
 * Rejects with the signal's reason when aborted.
 */
export async function driveSteps(steps: Steps, pause: Pause): Promise<void> {
  try {
    while (!steps.next().done) if (pause.isDue()) await pause.take();
  } finally {
    // What it has under way is given back, also when it is stopped.
    steps.return();
  }
}

/** Decides when to let others run; shared by the steps of many layers, so that short ones cost no turn each. */
export interface Pause {
  isDue(): boolean;
  take(): Promise<void>;
}

export function pauseWith(signal: AbortSignal | undefined): Pause {
  let last = performance.now();
  return {
    isDue: () => performance.now() - last >= SLICE,
    async take() {
      await nextTurn();
      signal?.throwIfAborted();
      last = performance.now();
    },
  };
}

/** One turn of the event loop. A message rather than a timer: browsers stretch nested timers to 4 ms. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
