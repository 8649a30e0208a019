import './changes.css';
import { useState } from 'preact/hooks';
import { grouped } from '../../../network/arithmetic.js';
import type { LayerChange } from '../../../network/diff.js';
import { formatShape } from '../../../network/shape.js';
import type { Changes, Since } from '../../changes-model.js';
import { useModel } from '../context.js';

const versions: Readonly<Record<Since, string>> = { saved: 'last save', committed: 'last commit' };

/** What the edits have changed in sizes and counts, since the last save or the last commit. */
export function ChangesView() {
  const { changes } = useModel();
  const [isOpen, setOpen] = useState(false);
  const current = changes.current.value;
  if (!current) return null;
  const { before, after, layers } = current;
  const [sizeBefore, sizeAfter] = [before, after].map(({ facts }) => facts.at(-1)?.output);
  return (
    <details class="changes" data-changed={layers.length} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <span>Since the {versions[current.since]}:</span>
        <Change name="parameters" before={before.totals.params} after={after.totals.params} />
        <Change name="MACs" before={before.totals.macs} after={after.totals.macs} />
        {sizeBefore && sizeAfter && formatShape(sizeBefore) !== formatShape(sizeAfter) && (
          <span>
            output {formatShape(sizeBefore)} → {formatShape(sizeAfter)}
          </span>
        )}
        <span>{layers.length === 1 ? '1 layer' : `${grouped(layers.length)} layers`}</span>
      </summary>
      {changes.choices.value.length > 1 && (
        <label>
          since the{' '}
          <select
            class="field"
            value={current.since}
            onChange={({ currentTarget }) => {
              changes.chosen.value = currentTarget.value as Since;
            }}
          >
            {changes.choices.value.map((since) => (
              <option key={since} value={since}>
                {versions[since]}
              </option>
            ))}
          </select>
        </label>
      )}
      {/* Of a deep network it is long, and an edit is to be quick. */}
      {isOpen && <ChangeTable changes={current} />}
    </details>
  );
}

interface CountChange {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** `parameters 62,006 → 61,706 (−300)`; nothing where they are equal. */
function Change({ name, before, after }: CountChange) {
  if (before === after) return null;
  const difference = before === null || after === null ? null : after - before;
  return (
    <span data-change={name} data-difference={difference}>
      {name} {count(before)} → {count(after)}
      {difference !== null && ` (${difference > 0 ? '+' : '−'}${grouped(Math.abs(difference))})`}
    </span>
  );
}

const count = (value: number | null): string => (value === null ? '?' : grouped(value));

function ChangeTable({ changes }: { readonly changes: Changes }) {
  const model = useModel();
  return (
    <div class="scrolled">
      <table>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">Change</th>
            <th scope="col">Output</th>
            <th scope="col">Parameters</th>
            <th scope="col">MACs</th>
          </tr>
        </thead>
        <tbody>
          {changes.layers.map((change) => {
            const [before, after] = [change.before ?? -1, change.after ?? -1];
            const [old, next] = [changes.before.facts[before], changes.after.facts[after]];
            const name = (changes.after.network.layers[after] ?? changes.before.network.layers[before])?.name ?? '';
            const size = (facts: typeof old) => (facts?.output ? formatShape(facts.output) : '');
            return (
              <tr key={`${before} ${after}`}>
                <th scope="row">
                  {next ? (
                    <button type="button" class="link" onClick={() => model.showLayer(name)}>
                      {name}
                    </button>
                  ) : (
                    name
                  )}
                </th>
                <td>{wordsOf(change)}</td>
                <td>{arrow(size(old), size(next))}</td>
                <td>{arrow(old ? count(old.params) : '', next ? count(next.params) : '')}</td>
                <td>{arrow(old ? count(old.macs) : '', next ? count(next.macs) : '')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const arrow = (before: string, after: string): string =>
  before === after ? before : [before, after].map((text) => text || '–').join(' → ');

function wordsOf({ change, attributes, rewired }: LayerChange): string {
  switch (change) {
    case 'added':
      return 'new';
    case 'removed':
      return 'removed';
    case 'affected':
      return 'follows';
    default: {
      const parts = attributes.map(({ name, before, after }) => `${name} ${before} → ${after}`);
      return [...parts, ...(rewired ? ['reads other layers'] : [])].join(', ');
    }
  }
}
