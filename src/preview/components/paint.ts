import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Pictures } from '../raster.js';

/** Puts picture number `index` on a canvas, which takes the picture's size. */
export function paint(canvas: HTMLCanvasElement, { width, height, pixels }: Pictures, index: number): void {
  const size = width * height * 4;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const picture = new ImageData(pixels.subarray(index * size, (index + 1) * size), width, height);
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
}

const SHEET_GAP = 2;

/** Pictures side by side on one canvas, so many a row. */
export function sheetOf({ width, height, count, pixels }: Pictures, columns: number): HTMLCanvasElement {
  const sheet = document.createElement('canvas');
  const across = Math.min(columns, count);
  sheet.width = across * (width + SHEET_GAP) - SHEET_GAP;
  sheet.height = Math.ceil(count / across) * (height + SHEET_GAP) - SHEET_GAP;
  const context = sheet.getContext('2d');
  const size = width * height * 4;
  for (let i = 0; i < count; i++) {
    const picture = new ImageData(pixels.subarray(i * size, (i + 1) * size), width, height);
    context?.putImageData(picture, (i % across) * (width + SHEET_GAP), Math.floor(i / across) * (height + SHEET_GAP));
  }
  return sheet;
}

/**
 * Keeps the canvases inside an element painted. `key` names what is to be seen, or is the pictures where they are there already: as
 * long as it is equal nothing is asked for and nothing drawn; when it changes, the old pictures stay until the new ones are there.
 */
export function usePictures(
  box: RefObject<HTMLElement | null>,
  key: string | Pictures,
  visible: boolean,
  fetch: () => Promise<Pictures | null>,
): void {
  const painted = useRef<typeof key>('');
  // Before the next frame, which an effect of the usual kind waits for: the pictures may be there in time for it.
  useLayoutEffect(() => {
    if (!visible || painted.current === key) return;
    let overtaken = false;
    void fetch().then((pictures) => {
      if (overtaken || !pictures) return;
      const canvases = box.current?.querySelectorAll('canvas') ?? [];
      for (const [index, canvas] of [...canvases].entries()) if (index < pictures.count) paint(canvas, pictures, index);
      painted.current = key;
    });
    return () => {
      overtaken = true;
    };
  }, [key, visible]);
}
