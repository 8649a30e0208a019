import './neuron.css';
import { useEffect, useState } from 'preact/hooks';
import type { NetworkReport } from '../../../language/protocol.js';
import { formatValue } from '../../format.js';
import { isVector } from '../../layout.js';
import { channelName, channelSums } from '../../unit/products.js';
import type { UnitOf, UnitReport } from '../../unit/unit.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { useModel } from '../context.js';
import { FieldPicture } from './field-picture.js';
import { ReadPlane } from './read-plane.js';
import { SightPicture } from './sight-picture.js';
import { Transport } from './transport.js';
import { UnitMap } from './unit-map.js';
import { WorkingView } from './working.js';

interface NeuronViewProps {
  readonly network: NetworkReport;
  readonly index: number;
  readonly output: LayerOutput;
}

/** The brain view: one unit, the field it looks at, and how its number comes of what it sees there. */
export function NeuronView({ network, index, output }: NeuronViewProps) {
  const { units } = useModel();
  const report = units.report.value;
  const unit = units.unit.value;
  const [chosen, setChosen] = useState<number | null>(null);
  useEffect(() => setChosen(null), [unit?.layer]);
  if (!report || !unit) return <p class="hint">Looking at the unit…</p>;
  const shown = channelShown(report, chosen);
  const source = report.reading?.layer;
  const readsPicture = source === network.network.layers[0]?.name;
  return (
    <section class="neuron" aria-label={`A unit of ${unit.layer}`}>
      <Head unit={unit} output={output} />
      <div class="planes">
        {(!readsPicture || !report.reading) && <FieldPicture network={network} index={index} unit={report.unit} />}
        {report.reading && (
          <ReadPlane network={network} index={index} report={report} channel={shown} readsPicture={readsPicture} />
        )}
        {!isVector(output.shape) && <UnitMap output={output} report={report} />}
        {index > 0 && <SightPicture network={network} index={index} unit={report.unit} />}
      </div>
      <Transport output={output} />
      <WorkingView
        report={report}
        channel={shown}
        choose={setChosen}
        nameOf={(channel) => channelName(channel, readsPicture, network.facts[0]?.output?.channels ?? 0)}
      />
    </section>
  );
}

/** The channel that is shown of what the unit reads: the one chosen, else the one that counts most. */
function channelShown({ reading, working }: UnitReport, chosen: number | null): number {
  if (!reading) return 0;
  const [from, to] = reading.channels;
  if (chosen !== null && chosen >= from && chosen < to) return chosen;
  if (working.type !== 'products') return from;
  const sums = channelSums(working).map(Math.abs);
  return from + sums.indexOf(Math.max(...sums));
}

/** Which unit, as numbers that can be changed, and its value. */
function Head({ unit, output: { shape } }: { readonly unit: UnitOf; readonly output: LayerOutput }) {
  const { units } = useModel();
  const report = units.report.value;
  const vector = isVector(shape);
  return (
    <div class="unit-head">
      <h2>One unit</h2>
      <Place name={vector ? 'unit' : 'map'} value={unit.channel} count={shape.channels} part="channel" />
      {!vector && <Place name="row" value={unit.row} count={shape.height} part="row" />}
      {!vector && <Place name="column" value={unit.column} count={shape.width} part="column" />}
      <output class="unit-value" data-value={report?.value}>
        = {report ? formatValue(report.value) : '…'}
      </output>
      <button type="button" class="link" onClick={() => units.close()}>
        Close
      </button>
    </div>
  );
}

interface PlaceProps {
  readonly name: string;
  readonly value: number;
  readonly count: number;
  readonly part: 'channel' | 'row' | 'column';
}

function Place({ name, value, count, part }: PlaceProps) {
  const { units } = useModel();
  return (
    <label>
      {name}
      <input
        type="number"
        class="field"
        min={0}
        max={count - 1}
        value={value}
        onChange={({ currentTarget }) => {
          const unit = units.unit.peek();
          const place = Math.round(currentTarget.valueAsNumber);
          if (unit && place >= 0 && place < count) units.look({ ...unit, [part]: place });
          else currentTarget.value = String(value);
        }}
      />
    </label>
  );
}
