import type { NetworkReport } from '../../../language/protocol.js';
import { type Rect, rectAround, union } from '../../unit/places.js';
import type { UnitReport } from '../../unit/unit.js';
import { useModel } from '../context.js';
import { moveByKeys } from './keys.js';
import { Frame, Plane } from './plane.js';

const SIDE = 220;
/** So many taps are marked one by one. */
const MOST_TAPS = 400;

interface ReadPlaneProps {
  readonly network: NetworkReport;
  readonly index: number;
  readonly report: UnitReport;
  readonly channel: number;
  readonly readsPicture: boolean;
}

/** What the filter slides over: the layer's padded input, and on it the window of this unit. */
export function ReadPlane({ network, index, report, channel, readsPicture }: ReadPlaneProps) {
  const model = useModel();
  const { units, engine, contrast, scheme } = model;
  const reading = report.reading;
  const output = reading && model.output(reading.layer).value;
  if (!reading || !output) return null;
  const { height, width, channels } = output.shape;
  const { window } = network.facts[index] ?? {};
  const whole: Rect = { top: 0, left: 0, height, width };
  const seen = reading.rows.length > 0 && reading.columns.length > 0 ? rectAround(reading.rows, reading.columns) : null;
  const padded: Rect = window
    ? {
        top: -window.y.before,
        left: -window.x.before,
        height: height + window.y.before + window.y.after,
        width: width + window.x.before + window.x.after,
      }
    : whole;
  const view = seen ? union(padded, seen) : padded;
  const inColour = readsPicture && channels === 3;
  const request = { channels: [channel], contrast: contrast.value, scheme: scheme.value, longest: 1024 };
  const spread = seen && reading.rows.length * reading.columns.length < seen.height * seen.width;
  return (
    <figure>
      <Plane
        height={height}
        width={width}
        view={view}
        longest={SIDE}
        picture={JSON.stringify([output.version, inColour || request])}
        fetch={() =>
          inColour
            ? engine.ask('resized', { version: output.version })
            : engine.ask('maps', { version: output.version, ...request })
        }
        label={`${reading.layer} with its padding; the arrow keys slide the window, Enter looks at what it reads`}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && seen) {
            event.preventDefault();
            lookInside(seen.top, seen.left);
          } else moveByKeys(event, units);
        }}
        onPick={lookInside}
      >
        {seen && <Frame rect={seen} kind={spread ? 'window faint' : 'window'} />}
        {spread &&
          reading.rows.length * reading.columns.length <= MOST_TAPS &&
          reading.rows.flatMap((top) =>
            reading.columns.map((left) => (
              <Frame key={`${top} ${left}`} rect={{ top, left, height: 1, width: 1 }} kind="tap" />
            )),
          )}
      </Plane>
      <figcaption>
        reads{' '}
        <strong>{`${reading.rows.length}×${reading.columns.length}×${reading.channels[1] - reading.channels[0]}`}</strong>{' '}
        of {reading.layer}
        {inColour ? '' : channels > 1 ? `, here its map ${channel}` : ''}
        {window && <span class="hint">{geometry(window)}</span>}
      </figcaption>
    </figure>
  );

  /** The network can be walked upwards: a place of the input is a unit of the layer before. */
  function lookInside(row: number, column: number): void {
    if (reading && row >= 0 && row < height && column >= 0 && column < width && !readsPicture)
      model.look({ layer: reading.layer, channel, row, column });
  }
}

type Window = NonNullable<NetworkReport['facts'][number]['window']>;

/** `stride 2, padding 1, dilation 2`, so far as there is any. */
function geometry({ y, x }: Window): string {
  const pair = (a: number, b: number) => (a === b ? `${a}` : `${a}×${b}`);
  const parts = [`stride ${pair(y.stride, x.stride)}`];
  if (y.before + y.after + x.before + x.after > 0) {
    const even = y.before === y.after && x.before === x.after && y.before === x.before;
    parts.push(`padding ${even ? y.before : `${y.before}, ${x.after}, ${y.after}, ${x.before}`}`);
  }
  if (y.dilation > 1 || x.dilation > 1) parts.push(`dilation ${pair(y.dilation, x.dilation)}`);
  return ` · ${parts.join(', ')}`;
}
