import { useRef, useState } from 'preact/hooks';
import type { NetworkReport } from '../../language/protocol.js';
import { grouped, windowArithmetic } from '../../network/arithmetic.js';
import { catalogue } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import type { Layer } from '../../network/network.js';
import { formatShape, type Shape } from '../../network/shape.js';
import { formatPercent, formatValue } from '../format.js';
import { columnsOf, GRID_HEIGHT, isVector, mapSize } from '../layout.js';
import type { LayerOutput } from '../worker-protocol.js';
import { Cells } from './cells.js';
import { useModel } from './context.js';
import { Filters } from './filters.js';
import { Legend } from './legend.js';
import { Maps } from './maps.js';
import { useWidth } from './observe.js';

interface CloseUpProps {
  readonly id: string;
  readonly report: NetworkReport;
  readonly layer: Layer;
  readonly facts: LayerFacts;
}

/** A layer in detail: how its numbers come about, its statistics, its filters, all its maps. */
export function CloseUp({ id, report, layer, facts }: CloseUpProps) {
  const output = useModel().output(layer.name).value;
  const record = catalogue[layer.kind];
  return (
    <section id={id} class="close-up" aria-label={`${layer.name} in detail`}>
      <p class="summary">
        <strong>{record.title}.</strong> {record.summary}
      </p>
      <Arithmetic report={report} layer={layer} facts={facts} />
      {output && <StatisticsTable output={output} />}
      {hasPictureFilters(layer, facts) && output && <Filters layer={layer.name} version={output.version} />}
      {output && <AllMaps layer={layer.name} output={output} />}
    </section>
  );
}

/** Filters can be seen as pictures where they look at pixels: one value, or red, green and blue. */
const hasPictureFilters = (layer: Layer, { inputs, weights }: LayerFacts): boolean => {
  const depth = weights[0]?.shape.length === 4 ? weights[0].shape[1] : undefined;
  return layer.inputs[0] === 0 && inputs[0]?.channels === depth && (depth === 1 || depth === 3);
};

function Arithmetic({ report, layer, facts }: Omit<CloseUpProps, 'id'>) {
  const { attributes } = layer;
  const inputs = facts.inputs.filter((input): input is Shape => input !== null);
  if (!attributes || !facts.output || inputs.length !== facts.inputs.length) return null;
  const { window, output, field } = facts;
  const explanation = catalogue[layer.kind].explain?.(
    { inputs, attributes, rules: rulesOf(report.network.framework) },
    window ? { output, window } : { output },
  );
  const lines: (readonly [string, string])[] = [
    [
      'Output',
      [formatShape(output), ...(window ? [windowArithmetic(window)] : (explanation?.output ?? []))].join(': '),
    ],
  ];
  if (explanation?.params) lines.push(['Parameters', explanation.params]);
  if (explanation?.macs) lines.push(['MACs', explanation.macs]);
  if (field && layer.kind !== 'input')
    lines.push(['Receptive field', `${field.y.size}×${field.x.size} pixels, ${formatValue(field.y.stride)} apart`]);
  return (
    <dl class="arithmetic">
      {lines.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
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
        <h3>{vector ? `${grouped(channels)} values` : channels === 1 ? '1 map' : `All ${grouped(channels)} maps`}</h3>
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
