/** The size of a volume of activations. Height and width are in pixels of that volume. */
export interface Shape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A vertical and a horizontal number: kernel sizes, strides, dilations. */
export interface Pair {
  readonly y: number;
  readonly x: number;
}

/** Bytes of a float32, the only number type of activations and weights. */
export const BYTES_PER_NUMBER = 4;

/** How many numbers a volume of this shape holds. */
export const volumeOf = (shape: Shape): number => shape.height * shape.width * shape.channels;

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.height === b.height && a.width === b.width && a.channels === b.channels;

/** `28×28×6`: for people to read. Height × width × channels. */
export const formatShape = (shape: Shape): string => `${shape.height}×${shape.width}×${shape.channels}`;

/** `28x28x6`: as the language writes it. */
export const printShape = (shape: Shape): string => `${shape.height}x${shape.width}x${shape.channels}`;

/** `5×5`, for people to read. */
export const formatPair = (pair: Pair): string => `${pair.y}×${pair.x}`;
