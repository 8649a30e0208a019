import type { Card, Scene } from '../../../drawing/scene.js';
import type { Rect } from '../../unit/places.js';

/** Where the drawing's origin is on the screen, in pixels of the screen, and how large a pixel of the drawing is there. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const SMALLEST = 0.02;
const LARGEST = 3;
const MARGIN = 20;
/** The tools lie over the top. */
const TOOLS = 48;

/** The whole drawing in the middle of the screen; `whole` false fits its width only and begins at the top. */
export function frameAll(drawing: Size, screen: Size, whole = true): Camera {
  const byWidth = (screen.width - 2 * MARGIN) / Math.max(1, drawing.width);
  const byHeight = (screen.height - TOOLS - MARGIN) / Math.max(1, drawing.height);
  const scale = Math.max(SMALLEST, Math.min(whole ? Math.min(byWidth, byHeight) : Math.max(byWidth, 0.45), 1));
  const y = whole ? (TOOLS + screen.height - MARGIN - drawing.height * scale) / 2 : TOOLS;
  return { scale, x: (screen.width - drawing.width * scale) / 2, y };
}

/** Enlarged by a factor around a place of the screen. */
export function zoom({ x, y, scale }: Camera, factor: number, atX: number, atY: number): Camera {
  const next = Math.max(SMALLEST, Math.min(scale * factor, LARGEST));
  return { scale: next, x: atX - ((atX - x) / scale) * next, y: atY - ((atY - y) / scale) * next };
}

/** What is seen of the drawing, in its pixels. */
export const seen = ({ x, y, scale }: Camera, { width, height }: Size): Rect => ({
  left: -x / scale,
  top: -y / scale,
  width: width / scale,
  height: height / scale,
});

/** Moved as little as needed for a rectangle of the drawing to be seen. */
export function reveal(camera: Camera, { left, top, width, height }: Rect, screen: Size): Camera {
  const along = (from: number, length: number, offset: number, room: number): number => {
    const [start, end] = [offset + from * camera.scale, offset + (from + length) * camera.scale];
    if (start < MARGIN) return offset + MARGIN - start;
    return end > room - MARGIN ? offset + Math.max(room - MARGIN - end, MARGIN - start) : offset;
  };
  return {
    scale: camera.scale,
    x: along(left, width, camera.x, screen.width),
    y: along(top, height, camera.y, screen.height),
  };
}

/** Moved so that the card in the middle of the screen stays where it is, though another drawing has it elsewhere. */
export function keepMiddle(camera: Camera, before: Scene, after: Scene, screen: Size): Camera {
  const [x, y] = [(screen.width / 2 - camera.x) / camera.scale, (screen.height / 2 - camera.y) / camera.scale];
  const places = new Map(after.cards.map((card) => [card.layer, card]));
  const distance = (card: Card) => Math.hypot(card.x + card.width / 2 - x, card.y + card.height / 2 - y);
  let nearest: Card | undefined;
  for (const card of before.cards)
    if (places.has(card.layer) && (!nearest || distance(card) < distance(nearest))) nearest = card;
  const place = nearest && places.get(nearest.layer);
  if (!nearest || !place) return camera;
  return {
    scale: camera.scale,
    x: camera.x + (nearest.x - place.x) * camera.scale,
    y: camera.y + (nearest.y - place.y) * camera.scale,
  };
}

export const touches = (a: Rect, b: { x: number; y: number; width: number; height: number }): boolean =>
  b.x < a.left + a.width && a.left < b.x + b.width && b.y < a.top + a.height && a.top < b.y + b.height;
