/** What a page says of the pictures that were put on its canvases. */
export interface Paint {
  /** The layer whose row the canvas is in; empty for a canvas outside of all. */
  readonly layer: string;
  /** After the frame that shows it, by the clock that all pages share. */
  readonly at: number;
  /** Whether the canvas is on the screen. */
  readonly visible: boolean;
}

declare global {
  interface Window {
    paintsSince?: (reset: boolean) => readonly Paint[];
  }
}

/** Runs in every frame before its own scripts: notes each picture that is put on a canvas. */
export function watchPaints(): void {
  interface Noted {
    readonly canvas: HTMLCanvasElement;
    at: number;
  }
  let noted: Noted[] = [];
  let unseen: Noted[] = [];
  const put = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (
    this: CanvasRenderingContext2D,
    ...parameters: unknown[]
  ) {
    (put as (...parameters: unknown[]) => void).apply(this, parameters);
    if (unseen.length === 0)
      requestAnimationFrame(() =>
        setTimeout(() => {
          for (const paint of unseen) paint.at = Date.now();
          unseen = [];
        }),
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
}
