import type { Rect } from '../../unit/places.js';
import type { UnitReport } from '../../unit/unit.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { useModel } from '../context.js';
import { moveByKeys } from './keys.js';
import { Frame, Plane } from './plane.js';

const SIDE = 220;

/** The unit's activation map, which fills in as the filter slides. */
export function UnitMap({ output, report }: { readonly output: LayerOutput; readonly report: UnitReport }) {
  const { units, engine, contrast, scheme } = useModel();
  const { height, width } = output.shape;
  const { layer, channel, row, column } = report.unit;
  const whole: Rect = { top: 0, left: 0, height, width };
  const request = { channels: [channel], contrast: contrast.value, scheme: scheme.value, longest: 1024 };
  const filled = units.filled.value;
  return (
    <figure data-filled={filled ?? 'all'}>
      <Plane
        height={height}
        width={width}
        view={whole}
        longest={SIDE}
        picture={JSON.stringify([output.version, request])}
        fetch={() => engine.ask('maps', { version: output.version, ...request })}
        label={`Map ${channel} of ${layer}, at row ${row}, column ${column}; the arrow keys move the unit, the space bar plays`}
        onKeyDown={(event) => moveByKeys(event, units)}
        onPick={(row, column) => units.look({ ...report.unit, row, column })}
      >
        {filled !== null && <NotYet filled={filled} height={height} width={width} />}
        <Frame rect={{ top: row, left: column, height: 1, width: 1 }} kind="unit" />
      </Plane>
      <figcaption>
        fills map <strong>{channel}</strong> of {layer}
        <span class="hint">{` · ${height}×${width}`}</span>
      </figcaption>
    </figure>
  );
}

/** What the filter has not come to yet: the rest of its row, and the rows below. */
function NotYet({
  filled,
  height,
  width,
}: {
  readonly filled: number;
  readonly height: number;
  readonly width: number;
}) {
  const [row, column] = [Math.floor(filled / width), filled % width];
  return (
    <>
      <rect class="not-yet" x={column + 1} y={row} width={Math.max(0, width - column - 1)} height={1} />
      <rect class="not-yet" x={0} y={row + 1} width={width} height={Math.max(0, height - row - 1)} />
    </>
  );
}
