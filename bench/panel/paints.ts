/** What a page says of the pictures that were put on its canvases. */
export interface Paint {
  /** The layer whose row the canvas is in; empty for a canvas outside of all. */
  readonly layer: string;
  /** After the frame that shows it, by the clock that all pages share. */
  readonly at: number;
  /** Whether the canvas is on the screen. */
  readonly visible: boolean;
}

/** The way of an edit through the page: the text's networks come, are sent to the worker, come back layer by layer, are drawn. */
export const STEPS = ['document', 'run', 'layer', 'done', 'answer', 'put'] as const;
type Step = (typeof STEPS)[number];

/** When each step of an edit was done first and last, by the clock; a step that was not taken is left out. */
export type Passage = Partial<Record<Step, { readonly first: number; readonly last: number }>>;

declare global {
  interface Window {
    paintsSince?: (reset: boolean) => readonly Paint[];
    passage?: (reset: boolean) => Passage;
  }
}

/** Runs in every frame before its own scripts: notes each picture that is put on a canvas, and the messages that lead to it. */
export function watchPaints(): void {
  interface Noted {
    readonly canvas: HTMLCanvasElement;
    at: number;
  }
  let noted: Noted[] = [];
  let unseen: Noted[] = [];
  let passage: Record<string, { first: number; last: number }> = {};
  const pass = (step: string) => {
    const now = Date.now();
    passage[step] = { first: passage[step]?.first ?? now, last: now };
  };
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (
    this: CanvasRenderingContext2D,
    ...parameters: unknown[]
  ) {
    (put as (...parameters: unknown[]) => void).apply(this, parameters);
    pass('put');
    if (unseen.length === 0)
      requestAnimationFrame(() =>
        scheduler.postTask(
          () => {
            for (const paint of unseen) paint.at = Date.now();
            unseen = [];
          },
          // Right after the frame: a timer would wait for the messages that have come meanwhile, too.
          { priority: 'user-blocking' },
        ),
      );
    const paint = { canvas: this.canvas, at: Number.NaN };
    noted.push(paint);
    unseen.push(paint);
  } as typeof put;
  window.paintsSince = (reset) => {
    const paints = noted
      .filter(({ at }) => !Number.isNaN(at))
      .map(({ canvas, at }) => {
        const { top, bottom } = canvas.getBoundingClientRect();
        const layer = canvas.closest<HTMLElement>('[data-layer]')?.dataset.layer ?? '';
        return { layer, at, visible: canvas.isConnected && bottom > 0 && top < innerHeight };
      });
    if (reset) noted = noted.filter(({ at }) => Number.isNaN(at));
    return paints;
  };
  window.passage = (reset) => {
    const passed = passage;
    if (reset) passage = {};
    return passed;
  };
  // Listeners of the window are gone when VS Code writes the page into it; what is put in their place stays.
  const listen = window.addEventListener;
  window.addEventListener = ((type: string, listener: EventListener, ...options: unknown[]) => {
    const noting = (event: Event) => {
      if ((event as MessageEvent).data?.type === 'document') pass('document');
      listener(event);
    };
    const heard = type === 'message' ? noting : listener;
    (listen as (...parameters: unknown[]) => void).call(window, type, heard, ...options);
  }) as typeof window.addEventListener;
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...parameters: unknown[]) {
    if ((parameters[0] as { type?: string })?.type === 'run') pass('run');
    (post as (...parameters: unknown[]) => void).apply(this, parameters);
  } as typeof post;
  const onmessage = Object.getOwnPropertyDescriptor(Worker.prototype, 'onmessage');
  Object.defineProperty(Worker.prototype, 'onmessage', {
    ...onmessage,
    set(this: Worker, handler: (event: MessageEvent) => void) {
      onmessage?.set?.call(this, (event: MessageEvent) => {
        if (['layer', 'done', 'answer'].includes(event.data?.type)) pass(event.data.type);
        handler.call(this, event);
      });
    },
  });
}
