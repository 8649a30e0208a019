import type { ReceptiveField } from '../../network/field.js';
import type { Shape } from '../../network/shape.js';
import type { Volume } from '../statistics.js';

/**
 * One map of a layer, enlarged over the picture: each unit's number stands at the centre of its receptive field, what lies between
 * is interpolated linearly, what lies outside has the number of the nearest unit.
 */
export function overPicture(
  { height, width, channels, data }: Volume,
  channel: number,
  field: ReceptiveField,
  picture: Pick<Shape, 'height' | 'width'>,
): Volume {
  const rows = placesAlong(picture.height, height, field.y);
  const columns = placesAlong(picture.width, width, field.x);
  const at = (row: number, column: number) => data[(row * width + column) * channels + channel] as number;
  const enlarged = new Float32Array(picture.height * picture.width);
  let pixel = 0;
  for (const { from: top, to: bottom, share: down } of rows)
    for (const { from: left, to: right, share: across } of columns)
      enlarged[pixel++] =
        (1 - down) * ((1 - across) * at(top, left) + across * at(top, right)) +
        down * ((1 - across) * at(bottom, left) + across * at(bottom, right));
  return { height: picture.height, width: picture.width, channels: 1, data: enlarged };
}

interface Between {
  readonly from: number;
  readonly to: number;
  /** How much of the second. */
  readonly share: number;
}

/** Between which units each pixel lies. */
function placesAlong(pixels: number, units: number, axis: ReceptiveField['y']): readonly Between[] {
  const { centre } = axis;
  return Array.from({ length: pixels }, (_, pixel) => {
    const place = Math.max(0, Math.min((pixel - centre) / axis.stride, units - 1));
    const from = Math.floor(place);
    return { from, to: Math.min(from + 1, units - 1), share: place - from };
  });
}

/**
 * Where a unit of a kind answers (Zhou et al. 2015): 1 in the region of the picture over which its map, enlarged, reaches a share of
 * its largest number, 0 elsewhere. A map that is nowhere positive has no region.
 */
export function regionOf({ data }: Volume, share: number): Uint8Array {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, value);
  return Uint8Array.from(data, (value) => (largest > 0 && value >= share * largest ? 1 : 0));
}
