import { type ReceptiveField, unitField } from '../../network/field.js';
import type { Shape } from '../../network/shape.js';
import type { Unit } from './unit.js';

/** The places a filter slides over: those of one map, row by row. */
export const placesOf = ({ height, width }: Pick<Shape, 'height' | 'width'>): number => height * width;

/** The place `by` steps on from a unit's, which ends at the last one and begins at the first. */
export const stepPlace = (shape: Shape, { row, column }: Pick<Unit, 'row' | 'column'>, by: number): number =>
  Math.max(0, Math.min(row * shape.width + column + by, placesOf(shape) - 1));

/** A rectangle of whole pixels. */
export interface Rect {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The smallest rectangle with these rows and columns in it. */
export function rectAround(rows: readonly number[], columns: readonly number[]): Rect {
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  return { top, left, height: Math.max(...rows) - top + 1, width: Math.max(...columns) - left + 1 };
}

/** The smallest rectangle with both in it. */
export function union(a: Rect, b: Rect): Rect {
  const [top, left] = [Math.min(a.top, b.top), Math.min(a.left, b.left)];
  return {
    top,
    left,
    height: Math.max(a.top + a.height, b.top + b.height) - top,
    width: Math.max(a.left + a.width, b.left + b.width) - left,
  };
}

/** `rect` cut to what lies within `bounds`. */
export function clip(rect: Rect, bounds: Rect): Rect {
  const [top, left] = [Math.max(rect.top, bounds.top), Math.max(rect.left, bounds.left)];
  return {
    top,
    left,
    height: Math.max(0, Math.min(rect.top + rect.height, bounds.top + bounds.height) - top),
    width: Math.max(0, Math.min(rect.left + rect.width, bounds.left + bounds.width) - left),
  };
}

/** `rect` with a margin on every side. */
export const grow = ({ top, left, height, width }: Rect, by: number): Rect => ({
  top: top - by,
  left: left - by,
  height: height + 2 * by,
  width: width + 2 * by,
});

/** A unit's receptive field in whole pixels: after upsampling it may begin between two. */
export function fieldRect(field: ReceptiveField, row: number, column: number): Rect {
  const { y, x } = unitField(field, row, column);
  const [top, left] = [Math.floor(y[0]), Math.floor(x[0])];
  return { top, left, height: Math.ceil(y[1]) - top, width: Math.ceil(x[1]) - left };
}
