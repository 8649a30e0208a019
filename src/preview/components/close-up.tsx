import { useRef, useState } from 'preact/hooks';
import type { NetworkReport } from '../../language/protocol.js';
import { grouped } from '../../network/arithmetic.js';
import { catalogue } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import { explainLayer } from '../../network/explain.js';
import type { Layer } from '../../network/network.js';
import { formatPercent, formatValue } from '../format.js';
import { columnsOf, GRID_HEIGHT, isVector, mapSize } from '../layout.js';
import type { LayerOutput } from '../worker-protocol.js';
import { Cells } from './cells.js';
import { useModel } from './context.js';
import { Filters } from './filters.js';
import { Legend } from './legend.js';
import { Maps } from './maps.js';
import { NeuronView } from './neuron/neuron-view.js';
import { useWidth } from './observe.js';

interface CloseUpProps {
  readonly id: string;
  readonly report: NetworkReport;
  readonly index: number;
}

/** A layer in detail: how its numbers come about, its statistics, its filters, all its maps. */
export function CloseUp({ id, report, index }: CloseUpProps) {
  const model = useModel();
  const layer = report.network.layers[index];
  const facts = report.facts[index];
  if (!layer || !facts) return null;
  const output = model.output(layer.name).value;
  const record = catalogue[layer.kind];
  return (
    <section id={id} class="close-up" aria-label={`${layer.name} in detail`}>
      <p class="summary">
        <strong>{record.title}.</strong> {record.summary}
      </p>
      {output &&
        (model.units.unit.value?.layer === layer.name ? (
          <NeuronView network={report} index={index} output={output} />
        ) : (
          <LookAtOne layer={layer.name} output={output} />
        ))}
      <Arithmetic report={report} index={index} />
      {output && <StatisticsTable output={output} />}
      {hasPictureFilters(layer, facts) && output && <Filters layer={layer.name} version={output.version} />}
      {output && <AllMaps layer={layer.name} output={output} />}
    </section>
  );
}

/** For those who do not point at a map: the neuron view begins in the middle of the first. */
function LookAtOne({ layer, output: { shape } }: { readonly layer: string; readonly output: LayerOutput }) {
  const model = useModel();
  const middle = { row: Math.floor(shape.height / 2), column: Math.floor(shape.width / 2) };
  return (
    <p>
      <button type="button" class="link" onClick={() => model.look({ layer, channel: 0, ...middle })}>
        Look at one unit
      </button>{' '}
      <span class="hint">or click a pixel of a map: what it sees, and how its number comes about</span>
    </p>
  );
}

/** Filters can be seen as pictures where they look at pixels: one value, or red, green and blue. */
const hasPictureFilters = (layer: Layer, { inputs, weights }: LayerFacts): boolean => {
  const depth = weights[0]?.shape.length === 4 ? weights[0].shape[1] : undefined;
  return layer.inputs[0] === 0 && inputs[0]?.channels === depth && (depth === 1 || depth === 3);
};

function Arithmetic({ report, index }: Pick<CloseUpProps, 'report' | 'index'>) {
  const explanation = explainLayer(report.network, report.facts, index);
  if (!explanation) return null;
  const { output, params, buffers, macs, memory, receptiveField } = explanation;
  const lines: (readonly [string, readonly string[]])[] = [
    ['Output', output],
    ['Parameters', [params]],
    ...(buffers ? [['Buffers', [buffers]] as const] : []),
    ['MACs', [macs]],
    ['Memory', [memory]],
    ['Receptive field', receptiveField],
  ];
  return (
    <dl class="arithmetic">
      {lines.map(([name, texts]) => (
        <div key={name}>
          <dt>{name}</dt>
          {texts.map((text) => (
            <dd key={text}>{text}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

function StatisticsTable({ output: { statistics, shape } }: { readonly output: LayerOutput }) {
  const { min, max, mean, zeros, deadChannels, invalid } = statistics;
  const cells: (readonly [string, string])[] = [
    ['Min', formatValue(min)],
    ['Max', formatValue(max)],
    ['Mean', formatValue(mean)],
    ['Zeros', formatPercent(zeros)],
  ];
  if (deadChannels > 0) cells.push(['Dead', `${grouped(deadChannels)} of ${grouped(shape.channels)}`]);
  if (invalid > 0) cells.push(['Not finite', grouped(invalid)]);
  return (
    <dl class="statistics">
      {cells.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Maps are made in portions of this many rows, each painted when it is scrolled to. */
const PORTION_ROWS = 4;
/** More canvases than this are made on demand only. */
const FIRST_MAPS = 1024;

function AllMaps({ layer, output }: { readonly layer: string; readonly output: LayerOutput }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [limit, setLimit] = useState(FIRST_MAPS);
  const { channels } = output.shape;
  const vector = isVector(output.shape);
  const shown = Math.min(channels, limit);
  const size = mapSize(output.shape, GRID_HEIGHT, Math.max(1, width));
  const portion = PORTION_ROWS * columnsOf(size.width, width);
  return (
    <>
      <div class="section-head">
        <h2>{vector ? `${grouped(channels)} values` : channels === 1 ? '1 map' : `All ${grouped(channels)} maps`}</h2>
        <Legend output={output} />
      </div>
      <div ref={box} class="grid" role="img" aria-label={`All activation maps of ${layer}`}>
        {vector ? (
          <Cells layer={layer} output={output} mostRows={64} />
        ) : (
          width > 0 &&
          Array.from({ length: Math.ceil(shown / portion) }, (_, index) => index * portion).map((from) => (
            <Maps
              key={from}
              layer={layer}
              output={output}
              from={from}
              to={Math.min(from + portion, shown)}
              target={GRID_HEIGHT}
              widest={width}
            />
          ))
        )}
      </div>
      {!vector && shown < channels && (
        <button type="button" class="link" onClick={() => setLimit(limit + FIRST_MAPS)}>
          Show {grouped(Math.min(FIRST_MAPS, channels - shown))} more
        </button>
      )}
    </>
  );
}
