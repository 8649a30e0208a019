import { grouped } from '../../../network/arithmetic.js';
import { formatValue } from '../../format.js';

const HEIGHT = 72;

interface HistogramProps {
  readonly layer: string;
  readonly counts: Uint32Array;
  readonly low: number;
  readonly high: number;
}

/** How many numbers fall where, from the least to the largest. Heights are square roots, so that rare values can be seen beside zeros. */
export function Histogram({ layer, counts, low, high }: HistogramProps) {
  const most = Math.sqrt(Math.max(...counts)) || 1;
  const step = (high - low) / counts.length;
  const zero = high > low ? ((0 - low) / (high - low)) * counts.length : 0;
  return (
    <figure class="histogram">
      <svg
        viewBox={`0 0 ${counts.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Histogram of ${layer}, from ${formatValue(low)} to ${formatValue(high)}`}
      >
        {Array.from(counts, (count, bin) => {
          const height = (Math.sqrt(count) / most) * HEIGHT;
          return (
            <rect key={bin} x={bin} y={HEIGHT - height} width={0.9} height={height}>
              <title>{`${formatValue(low + bin * step)} to ${formatValue(low + (bin + 1) * step)}: ${grouped(count)}`}</title>
            </rect>
          );
        })}
        {low <= 0 && high > 0 && <path d={`M${zero} 0V${HEIGHT}`} />}
      </svg>
      <figcaption>
        <span>{formatValue(low)}</span>
        {low < 0 && high > 0 && <span>0 is the line; √ of the counts</span>}
        <span>{formatValue(high)}</span>
      </figcaption>
    </figure>
  );
}
