import type { Roofline } from '../../costs.js';
import { formatValue } from '../../format.js';

const WIDTH = 520;
const HEIGHT = 220;
const LEFT = 52;
const BOTTOM = 34;
const TOP = 10;
const RIGHT = 12;

/** GFLOPs a second over FLOPs a byte, both axes logarithmic: below the slope memory is the limit, below the top the processor. */
export function RooflineChart({ roofline: { points, peak, bandwidth } }: { readonly roofline: Roofline }) {
  const intensities = points.map(({ intensity }) => intensity);
  const ridge = peak / bandwidth;
  const [least, most] = [Math.min(...intensities, ridge) / 2, Math.max(...intensities, ridge) * 2];
  const [lowest, highest] = [Math.min(...points.map(({ rate }) => rate)) / 2, peak * 1.6];
  const along = (value: number, from: number, to: number) => Math.log(value / from) / Math.log(to / from);
  const x = (value: number) => LEFT + along(value, least, most) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - along(value, lowest, highest) * (HEIGHT - BOTTOM - TOP);
  const slopeStart = Math.max(least, lowest / bandwidth);
  return (
    <figure class="roofline">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Roofline: up to ${formatValue(peak)} GFLOPs a second`}
      >
        {powersOfTen(lowest, highest).map((value) => (
          <g key={value} class="tick">
            <path d={`M${LEFT} ${y(value)}H${WIDTH - RIGHT}`} />
            <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">
              {value}
            </text>
          </g>
        ))}
        {powersOfTen(least, most).map((value) => (
          <g key={value} class="tick">
            <path d={`M${x(value)} ${TOP}V${HEIGHT - BOTTOM}`} />
            <text x={x(value)} y={HEIGHT - BOTTOM + 14} text-anchor="middle">
              {value}
            </text>
          </g>
        ))}
        <path
          class="roof"
          d={`M${x(slopeStart)} ${y(slopeStart * bandwidth)}L${x(ridge)} ${y(peak)}H${WIDTH - RIGHT}`}
        />
        {points.map(({ name, intensity, rate }) => (
          <circle key={name} cx={x(intensity)} cy={y(rate)} r="4">
            <title>{`${name}: ${formatValue(rate)} GFLOPs a second at ${formatValue(intensity)} FLOPs a byte`}</title>
          </circle>
        ))}
        <text x={(WIDTH + LEFT) / 2} y={HEIGHT - 4} text-anchor="middle">
          FLOPs a byte (2 FLOPs a MAC)
        </text>
        <text transform={`translate(11 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)`} text-anchor="middle">
          GFLOPs a second
        </text>
      </svg>
      <figcaption class="hint">
        The roof is the best that this network reached: {formatValue(peak)} GFLOPs and {formatValue(bandwidth)} GB a
        second.
      </figcaption>
    </figure>
  );
}

function powersOfTen(from: number, to: number): number[] {
  const first = Math.ceil(Math.log10(from));
  const count = Math.max(0, Math.floor(Math.log10(to)) - first + 1);
  return Array.from({ length: count }, (_, i) => Number((10 ** (first + i)).toPrecision(1)));
}
