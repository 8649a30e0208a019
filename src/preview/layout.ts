import type { Shape } from '../network/shape.js';

/** How activation maps are laid out; all lengths in CSS pixels. */

/** The height that maps in a strip come close to. */
export const STRIP_HEIGHT = 64;
/** The same for the maps of a close-up. */
export const GRID_HEIGHT = 96;
export const MAP_GAP = 4;
/** The side of the pictures that can be chosen. */
export const THUMBNAIL = 32;
/** What "+48 more" takes. */
const MORE_WIDTH = 64;
/** Between an input's picture and its maps. */
const PICTURE_GAP = 12;

/** A layer whose maps are single pixels is shown as cells instead. */
export const isVector = ({ height, width }: Shape): boolean => height === 1 && width === 1;

/**
 * The size at which a map is shown: small maps are enlarged by a whole factor, so that every number is an equally large
 * square; large ones shrink to the height asked for.
 */
export function mapSize(
  { height, width }: Pick<Shape, 'height' | 'width'>,
  target: number,
  widest: number,
): { height: number; width: number } {
  const factor = height <= target ? Math.floor(target / height) : target / height;
  const scale = Math.min(factor, widest / width);
  // Below 1 nothing is enlarged; between, a whole factor keeps the squares equal where there is room.
  const even = scale >= 1 ? Math.floor(scale) : scale;
  return { height: Math.max(1, Math.round(height * even)), width: Math.max(1, Math.round(width * even)) };
}

/** How many maps stand side by side. */
export const columnsOf = (mapWidth: number, rowWidth: number): number =>
  Math.max(1, Math.floor((rowWidth + MAP_GAP) / (mapWidth + MAP_GAP)));

/** How many of `count` maps a row holds; room for "+48 more" is kept where some stay out. */
export const mapsThatFit = (count: number, mapWidth: number, rowWidth: number): number =>
  count <= columnsOf(mapWidth, rowWidth)
    ? count
    : Math.min(count, columnsOf(mapWidth, rowWidth - MORE_WIDTH - MAP_GAP));

export interface Strip {
  /** Of a map, and of the picture before the maps. */
  readonly size: { readonly height: number; readonly width: number };
  /** Whether the picture that an input is comes before the maps of its channels. */
  readonly picture: boolean;
  readonly maps: number;
  /** How many of the maps there is room for. */
  readonly shown: number;
}

/** What a strip shows of an output. */
export function stripOf(shape: Shape, isInput: boolean, rowWidth: number): Strip {
  const { channels } = shape;
  const size = mapSize(shape, STRIP_HEIGHT, Math.max(1, rowWidth));
  const picture = isInput && (channels === 1 || channels === 3);
  // A grey picture is its own only map.
  const maps = picture && channels === 1 ? 0 : channels;
  const shown = mapsThatFit(maps, size.width, picture ? rowWidth - size.width - PICTURE_GAP : rowWidth);
  return { size, picture, maps, shown };
}

export interface Cells {
  readonly columns: number;
  readonly rows: number;
  /** How many of the numbers are shown. */
  readonly shown: number;
  /** The side of a cell with the gap after it. */
  readonly pitch: number;
  readonly gap: number;
}

/** The sides cells may have, with their gaps. */
const PITCHES = [20, 16, 14, 12, 10, 8, 6];

/** Lays out a vector as rows of cells, as large as they can be without taking more rows than asked for. */
export function layCells(count: number, rowWidth: number, mostRows: number): Cells {
  const columnsAt = (pitch: number) => Math.max(1, Math.min(count, Math.floor(rowWidth / pitch)));
  const pitch = PITCHES.find((size) => columnsAt(size) * mostRows >= count) ?? 6;
  const columns = columnsAt(pitch);
  const rows = Math.min(Math.ceil(count / columns), mostRows);
  return { columns, rows, shown: Math.min(count, columns * rows), pitch, gap: pitch >= 10 ? 2 : 1 };
}
