import { formatValue } from '../../format.js';
import type { Curve } from '../../unit/unit.js';

const WIDTH = 220;
const HEIGHT = 120;
const MARGIN = 8;

/** An activation function, and on it the unit's number. */
export function CurvePlot({ curve, value }: { readonly curve: Curve; readonly value: number }) {
  const { from, to, samples, input } = curve;
  const finite = [...samples, value, 0].filter(Number.isFinite);
  const [least, most] = [Math.min(...finite), Math.max(...finite, Math.min(...finite) + 1e-9)];
  const x = (number: number) => MARGIN + ((number - from) / (to - from)) * (WIDTH - 2 * MARGIN);
  const y = (number: number) => HEIGHT - MARGIN - ((number - least) / (most - least)) * (HEIGHT - 2 * MARGIN);
  const points = Array.from(
    samples,
    (sample, i) => `${x(from + ((to - from) * i) / (samples.length - 1))},${y(sample)}`,
  );
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`f(${formatValue(input)}) = ${formatValue(value)}`}
    >
      <path class="axis" d={`M${MARGIN} ${y(0)}H${WIDTH - MARGIN}M${x(0)} ${MARGIN}V${HEIGHT - MARGIN}`} />
      <path class="drop" d={`M${x(input)} ${y(0)}V${y(value)}`} />
      <polyline points={points.join(' ')} />
      <circle cx={x(input)} cy={y(value)} r="4" />
    </svg>
  );
}
