import type { NetworkReport } from '../language/protocol.js';
import { checkNetwork } from '../network/check.js';
import { codes } from '../network/diagnostics.js';
import type { Layer, Network } from '../network/network.js';
import { evenPadding, type Padding } from '../network/values.js';

/** An attribute of a layer that is one whole number, and the numbers that a slider offers for it. */
export interface Slider {
  readonly attribute: 'filters' | 'kernel' | 'stride' | 'pad';
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  /** As the text says a value of the attribute. */
  readonly print: (value: number) => string;
  /** Why it cannot be moved, in a clause; null where it can. */
  readonly fixed: string | null;
}

interface Pair {
  readonly y: number;
  readonly x: number;
}

/** How an attribute is one number, and back. */
interface Dimension {
  readonly read: (value: never) => number | null;
  readonly write: (value: number) => unknown;
  readonly print: (value: number) => string;
  readonly range: (value: number) => readonly [least: number, most: number];
}

const even = ({ y, x }: Pair): number | null => (y === x ? y : null);
const pair = (value: number): Pair => ({ y: value, x: value });

const dimensions: Readonly<Record<Slider['attribute'], Dimension>> = {
  filters: { read: (value: number) => value, write: (value) => value, print: String, range: (value) => [1, 2 * value] },
  kernel: {
    read: even,
    write: pair,
    print: (value) => `${value}x${value}`,
    range: (value) => [1, Math.max(11, value)],
  },
  stride: { read: even, write: pair, print: String, range: (value) => [1, Math.max(8, value)] },
  pad: {
    read: (pad: Padding) => {
      if (pad.mode === 'valid') return 0;
      if (pad.mode !== 'explicit') return null;
      const { top, right, bottom, left } = pad;
      return top === right && right === bottom && bottom === left ? top : null;
    },
    write: (value) => evenPadding(value, value),
    print: String,
    range: (value) => [0, Math.max(8, value)],
  },
};

const names = Object.keys(dimensions) as Slider['attribute'][];

/** Sliders have no more places than this. */
const MOST_PLACES = 64;

/** The sliders of a layer, in the file at `uri`. */
export function slidersOf({ network }: NetworkReport, layer: Layer, uri: string | undefined): readonly Slider[] {
  const attributes = layer.attributes as Readonly<Record<string, never>> | null;
  return names.flatMap((attribute): Slider[] => {
    const { read, print, range } = dimensions[attribute];
    const written = attributes?.[attribute];
    const value = written === undefined || written === null ? null : read(written);
    if (value === null) return [];
    const [from, most] = range(value);
    const step = Math.max(1, Math.ceil((most - from) / MOST_PLACES));
    // The value that is written is one of the slider's.
    const least = step === 1 ? from : value % step || step;
    const fixed =
      layer.source?.file !== uri
        ? 'it is written in another file'
        : layer.written?.[attribute]
          ? 'the text says it with names'
          : network.layers[0] === layer
            ? 'it is the input'
            : null;
    return [{ attribute, value, least, most, step, print, fixed }];
  });
}

/** What keeps a value from working: the first error that the shape checker then has at the layer or below; null where there is none. */
export function problemWith(network: Network, layer: Layer, { attribute }: Slider, value: number): string | null {
  const isSame = (other: Layer) =>
    other === layer || (layer.source !== undefined && JSON.stringify(other.source) === JSON.stringify(layer.source));
  const first = network.layers.findIndex(isSame);
  const layers = network.layers.map((other) =>
    isSame(other) && other.attributes
      ? ({ ...other, attributes: { ...other.attributes, [attribute]: dimensions[attribute].write(value) } } as Layer)
      : other,
  );
  const { problems } = checkNetwork({ ...network, layers });
  const found = problems.find(({ layer, problem }) => layer >= first && codes[problem.code].severity === 'error');
  return found?.problem.message ?? null;
}
