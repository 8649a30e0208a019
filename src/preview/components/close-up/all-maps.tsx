import { useMemo, useRef, useState } from 'preact/hooks';
import { grouped } from '../../../network/arithmetic.js';
import type { LayerDetails } from '../../details.js';
import { send } from '../../host.js';
import { columnsOf, GRID_HEIGHT, isVector, mapSize } from '../../layout.js';
import { type Order, orders, sortChannels } from '../../order.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { Cells } from '../cells.js';
import { useModel } from '../context.js';
import { Maps } from '../maps.js';
import { useWidth } from '../observe.js';
import { sheetOf } from '../paint.js';
import { Legend } from './legend.js';

/** Maps are made in portions of this many rows, each painted when it is scrolled to. */
const PORTION_ROWS = 4;
/** Of a map in a saved picture. */
const LONGEST_SAVED = 512;
/** More canvases than this are made on demand only. */
const FIRST_MAPS = 1024;

interface AllMapsProps {
  readonly layer: string;
  readonly output: LayerOutput;
  readonly details: LayerDetails | null;
}

/** Every activation map of a layer, in the order the user likes. */
export function AllMaps({ layer, output, details }: AllMapsProps) {
  const { order } = useModel();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [limit, setLimit] = useState(FIRST_MAPS);
  const { channels } = output.shape;
  const vector = isVector(output.shape);
  const sorted = useMemo(() => sortChannels(channels, order.value, details), [channels, order.value, details]);
  const shown = sorted.slice(0, limit);
  const size = mapSize(output.shape, GRID_HEIGHT, Math.max(1, width));
  const portion = PORTION_ROWS * columnsOf(size.width, width);
  return (
    <>
      <div class="section-head">
        <h2>{vector ? `${grouped(channels)} values` : channels === 1 ? '1 map' : `All ${grouped(channels)} maps`}</h2>
        <div class="tools">
          {!vector && channels > 1 && <OrderChoice />}
          {!vector && <SaveMaps layer={layer} output={output} channels={shown} />}
          {details && <Legend statistics={details.statistics} vector={vector} />}
        </div>
      </div>
      <div ref={box} class="grid" role="img" aria-label={`All activation maps of ${layer}`}>
        {vector ? (
          <Cells layer={layer} output={output} mostRows={64} />
        ) : (
          width > 0 &&
          Array.from({ length: Math.ceil(shown.length / portion) }, (_, index) => index * portion).map((from) => (
            <Maps
              key={from}
              layer={layer}
              output={output}
              channelsOf={() => shown.slice(from, from + portion)}
              target={GRID_HEIGHT}
              widest={width}
            />
          ))
        )}
      </div>
      {!vector && shown.length < channels && (
        <button type="button" class="link" onClick={() => setLimit(limit + FIRST_MAPS)}>
          Show {grouped(Math.min(FIRST_MAPS, channels - shown.length))} more
        </button>
      )}
    </>
  );
}

interface SaveMapsProps {
  readonly layer: string;
  readonly output: LayerOutput;
  readonly channels: readonly number[];
}

/** The maps as they are on the screen, in one picture, a pixel a number. */
function SaveMaps({ layer, output, channels }: SaveMapsProps) {
  const { engine, contrast, scheme } = useModel();
  const save = async () => {
    const request = { channels, contrast: contrast.peek(), scheme: scheme.peek(), longest: LONGEST_SAVED };
    const pictures = await engine.ask('maps', { version: output.version, ...request });
    const sheet = pictures && sheetOf(pictures, Math.ceil(Math.sqrt(pictures.count)));
    sheet?.toBlob(async (blob) => {
      if (!blob) return;
      // `BasicBlock2/conv1` is no file name.
      const name = `${layer.replaceAll('/', '.')}.png`;
      send({ type: 'save', name, bytes: new Uint8Array(await blob.arrayBuffer()) });
    });
  };
  return (
    <button type="button" class="link" onClick={save}>
      Save as PNG…
    </button>
  );
}

function OrderChoice() {
  const { order } = useModel();
  return (
    <label class="order">
      sorted by
      <select
        class="field"
        value={order.value}
        onChange={({ currentTarget }) => {
          order.value = currentTarget.value as Order;
        }}
      >
        {Object.entries(orders).map(([name, { title }]) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}
