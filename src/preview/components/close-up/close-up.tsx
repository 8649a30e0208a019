import './close-up.css';
import type { NetworkReport } from '../../../language/protocol.js';
import { catalogue } from '../../../network/catalogue.js';
import type { LayerFacts } from '../../../network/check.js';
import type { Layer } from '../../../network/network.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { useModel } from '../context.js';
import { NeuronView } from '../neuron/neuron-view.js';
import { useAnswer } from '../use-answer.js';
import { AllMaps } from './all-maps.js';
import { Arithmetic } from './arithmetic.js';
import { Comparison } from './comparison.js';
import { ColourFilters, FiltersByChannel } from './filters.js';
import { Histogram } from './histogram.js';
import { Sliders } from './sliders.js';
import { StatisticsTable } from './statistics-table.js';
import { TopSamples } from './top-samples.js';

interface CloseUpProps {
  readonly id: string;
  readonly report: NetworkReport;
  readonly index: number;
}

/** A layer in detail: one of its units, how its sizes come about, its numbers, its filters, all its maps. */
export function CloseUp({ id, report, index }: CloseUpProps) {
  const model = useModel();
  const layer = report.network.layers[index];
  const facts = report.facts[index];
  const output = layer ? model.output(layer.name).value : null;
  const version = output?.version;
  const details = useAnswer('details', version === undefined ? null : { version }, version);
  if (!layer || !facts) return null;
  const { name, kind } = layer;
  const record = catalogue[kind];
  const looksAtOne = model.units.unit.value?.layer === name;
  const depth = filterDepth(facts);
  return (
    <section id={id} class="close-up" aria-label={`${name} in detail`}>
      <p class="summary">
        <strong>{record.title}.</strong> {record.summary}
      </p>
      <Sliders layer={name} />
      {output && looksAtOne && <NeuronView network={report} index={index} output={output} />}
      {output && !looksAtOne && <LookAtOne layer={name} output={output} />}
      <Arithmetic report={report} index={index} output={kind === 'input' ? null : output} />
      {details && (
        <div class="numbers">
          <Histogram layer={name} {...details.histogram} />
          <StatisticsTable details={details} />
        </div>
      )}
      {output &&
        depth !== null &&
        (hasColourFilters(layer, facts, depth) ? (
          <ColourFilters layer={name} version={output.version} />
        ) : (
          <FiltersByChannel layer={name} version={output.version} depth={depth} />
        ))}
      {output && <Comparison layer={name} output={output} />}
      {output && kind !== 'input' && <TopSamples layer={name} output={output} />}
      {output && <AllMaps layer={name} output={output} details={details} />}
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

/** How many channels a filter sees at once; null for a layer without filters, and for those of single pixels. */
function filterDepth({ weights, window, transposed }: LayerFacts): number | null {
  const [, depth, height = 1, width = 1] = weights[0]?.shape ?? [];
  return (window || transposed) && depth && height * width > 1 ? depth : null;
}

/** Filters can be seen as pictures where they look at pixels: one value, or red, green and blue. */
const hasColourFilters = (layer: Layer, { inputs }: LayerFacts, depth: number): boolean =>
  layer.inputs[0] === 0 && inputs[0]?.channels === depth && (depth === 1 || depth === 3);
