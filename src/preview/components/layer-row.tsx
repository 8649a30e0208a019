import type { NetworkReport } from '../../language/protocol.js';
import { grouped } from '../../network/arithmetic.js';
import { catalogue } from '../../network/catalogue.js';
import { formatShape } from '../../network/shape.js';
import { formatTime } from '../format.js';
import { CloseUp } from './close-up/close-up.js';
import { useModel } from './context.js';
import { Strip } from './strip.js';

interface LayerRowProps {
  readonly report: NetworkReport;
  readonly index: number;
  readonly depth: number;
  readonly isCursor: boolean;
}

/** A layer: its name, kind and size, a strip of its maps, and its close-up when it is picked. */
export function LayerRow({ report, index, depth, isCursor }: LayerRowProps) {
  const model = useModel();
  const layer = report.network.layers[index];
  const facts = report.facts[index];
  if (!layer || !facts) return null;
  const { name, kind } = layer;
  const output = model.output(name).value;
  const isPicked = model.picked.value === name;
  const closeUpId = `close-up-${index}`;
  const before = model.changes.before(name);
  const sizes = [before?.output, facts.output].map((size) => (size ? formatShape(size) : ''));
  const small = [
    facts.params ? `${grouped(facts.params)} params` : '',
    output && kind !== 'input' ? formatTime(output.milliseconds) : '',
  ].filter(Boolean);
  return (
    <li
      class={`layer ${catalogue[kind].category}`}
      data-layer={name}
      aria-current={isCursor ? 'true' : undefined}
      style={{ '--depth': depth }}
    >
      <div class="row">
        <button type="button" class="head" aria-expanded={isPicked} aria-controls={isPicked ? closeUpId : undefined}>
          <span class="name">{name}</span>
          <span class="kind">
            {kind}
            <span class="size">{facts.output ? formatShape(facts.output) : 'size unknown'}</span>
            {before && sizes[0] !== sizes[1] && <span class="was">was {sizes[0] || 'unknown'}</span>}
          </span>
          <span class="small">
            {small.map((fact) => (
              <span key={fact}>{fact}</span>
            ))}
          </span>
        </button>
        {output ? <Strip layer={name} output={output} isInput={kind === 'input'} /> : <div class="strip waiting" />}
      </div>
      {isPicked && <CloseUp id={closeUpId} report={report} index={index} />}
    </li>
  );
}
