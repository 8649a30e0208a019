import type { Point } from './volume-box.js';

/** To a tenth of a pixel: drawings stay short. */
export const round = (value: number): number => Math.round(value * 10) / 10;

/** A smooth line through the points: straight to the middle of each stretch, and a curve around each corner. */
export function curvePath(points: readonly Point[]): string {
  const [start, ...rest] = points;
  const end = rest.at(-1);
  if (!start || !end) return '';
  let path = `M${round(start[0])} ${round(start[1])}`;
  for (let i = 0; i + 1 < rest.length; i++) {
    const [corner, next] = [rest[i] as Point, rest[i + 1] as Point];
    const middle = [(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2] as const;
    path += `Q${round(corner[0])} ${round(corner[1])} ${round(middle[0])} ${round(middle[1])}`;
  }
  return `${path}L${round(end[0])} ${round(end[1])}`;
}
