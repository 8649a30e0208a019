import { colourRange, cssColour, paletteFor } from '../../colours.js';
import { formatValue } from '../../format.js';
import type { Statistics } from '../../statistics.js';
import { useModel } from '../context.js';

const STOPS = 16;

/** What the colours stand for, and the choice between one range for the layer and one a map. */
export function Legend({ statistics, vector }: { readonly statistics: Statistics; readonly vector: boolean }) {
  const { contrast, scheme } = useModel();
  const range = colourRange(statistics.min, statistics.max);
  const palette = paletteFor(range, scheme.value);
  const stops = Array.from({ length: STOPS + 1 }, (_, i) =>
    cssColour(palette[Math.round((i / STOPS) * 255)] as number),
  );
  const perMap = contrast.value === 'map' && !vector;
  return (
    <div class="legend">
      <span>{perMap && range.low < 0 ? '−max' : formatValue(range.low)}</span>
      <span class="ramp" style={{ backgroundImage: `linear-gradient(to right, ${stops.join(', ')})` }} />
      <span>{perMap ? 'max' : formatValue(range.high)}</span>
      {!vector && (
        <label>
          <input
            type="checkbox"
            checked={perMap}
            onChange={({ currentTarget }) => {
              contrast.value = currentTarget.checked ? 'map' : 'layer';
            }}
          />
          Each map by itself
        </label>
      )}
    </div>
  );
}
