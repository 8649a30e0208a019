import './matrix.css';
import { type ColourRange, colourOf, cssColour, isLight, paletteFor, rangeOf } from '../../colours.js';
import { formatCompact, formatValue } from '../../format.js';
import { useModel } from '../context.js';

/** Wider windows show colours only; the numbers are under the pointer. */
const WIDEST_WITH_NUMBERS = 7;

interface MatrixProps {
  readonly height: number;
  readonly width: number;
  readonly numbers: ArrayLike<number>;
  /** The numbers' colours; by default from their own extremes. */
  readonly range?: ColourRange;
  readonly label: string;
  /** Places in the padding: 1, else 0. */
  readonly outside?: ArrayLike<number> | undefined;
  /** The place that decides. */
  readonly chosen?: number | undefined;
}

/** Numbers as they lie in the picture, each a coloured square. */
export function Matrix({ height, width, numbers, range = rangeOf(numbers), label, outside, chosen }: MatrixProps) {
  const { scheme } = useModel();
  const palette = paletteFor(range, scheme.value);
  const withNumbers = width <= WIDEST_WITH_NUMBERS && height <= WIDEST_WITH_NUMBERS;
  return (
    <div
      class={withNumbers ? 'matrix' : 'matrix small-cells'}
      role="img"
      aria-label={label}
      style={{ '--columns': width }}
    >
      {Array.from({ length: Math.min(height * width, numbers.length) }, (_, i) => {
        const value = numbers[i] as number;
        const colour = colourOf(value, range, palette);
        const kind = `${outside?.[i] ? 'outside' : isLight(colour) ? 'on-light' : 'on-dark'}${chosen === i ? ' chosen' : ''}`;
        return (
          <span
            key={i}
            class={kind}
            title={outside?.[i] ? 'padding: 0' : formatValue(value)}
            style={outside?.[i] ? undefined : { background: cssColour(colour) }}
          >
            {withNumbers && formatCompact(value, range.high)}
          </span>
        );
      })}
    </div>
  );
}
