import { useEffect, useRef, useState } from 'preact/hooks';
import { grouped } from '../../network/arithmetic.js';
import { useModel } from '../components/context.js';
import { paint } from '../components/paint.js';
import { formatPercent } from '../format.js';
import type { EpochResult, Mistake } from './protocol.js';

/** More classes than these are not laid out as a table. */
const MOST_CLASSES = 30;

interface Pair {
  readonly is: number;
  readonly taken: number;
}

/** What is taken for what, and the pictures on which it goes wrong: each can be looked at. */
export function Confusion({ result, classes }: { readonly result: EpochResult; readonly classes: readonly string[] }) {
  const [pair, setPair] = useState<Pair | null>(null);
  const { report, confusion, wrong, mistakes } = result;
  const named = (index: number) => classes[index] ?? String(index);
  const shown = mistakes.flatMap((mistake, index) =>
    !pair || (pair.is === mistake.is && pair.taken === mistake.taken) ? [{ mistake, index }] : [],
  );
  return (
    <details class="confusion">
      <summary>
        Confusion after epoch {report.epoch}: {grouped(wrong)} of {grouped(confusion.flat().reduce((a, b) => a + b, 0))}{' '}
        test pictures are taken for another class
      </summary>
      <div class="confusion-body">
        {classes.length <= MOST_CLASSES && (
          <table>
            <caption>Row: what it is. Column: what it is taken for.</caption>
            <thead>
              <tr>
                <td />
                {classes.map((name) => (
                  <th key={name} scope="col" title={name}>
                    {shortened(name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {confusion.map((row, is) => (
                <Row key={named(is)} row={row} is={is} named={named} pair={pair} choose={setPair} />
              ))}
            </tbody>
          </table>
        )}
        <div class="mistakes">
          <p class="hint">
            {pair
              ? `${named(pair.is)} taken for ${named(pair.taken)}`
              : shown.length < wrong
                ? `${shown.length} of the ${grouped(wrong)}`
                : wrong > 0
                  ? 'All of them'
                  : 'None'}
            {shown.length > 0 && ': click one to see what the network makes of it'}
            {pair && (
              <>
                {' · '}
                <button type="button" class="link" onClick={() => setPair(null)}>
                  All
                </button>
              </>
            )}
          </p>
          <ul>
            {shown.map(({ mistake, index }) => (
              <li key={mistake.index}>
                <MistakeButton result={result} index={index} mistake={mistake} named={named} />
              </li>
            ))}
          </ul>
        </div>
      </div>
    </details>
  );
}

interface RowProps {
  readonly row: readonly number[];
  readonly is: number;
  readonly named: (index: number) => string;
  readonly pair: Pair | null;
  readonly choose: (pair: Pair | null) => void;
}

function Row({ row, is, named, pair, choose }: RowProps) {
  const total = row.reduce((sum, count) => sum + count, 0);
  return (
    <tr>
      <th scope="row" title={named(is)}>
        {named(is)}
      </th>
      {row.map((count, taken) => {
        const isChosen = pair?.is === is && pair.taken === taken;
        const share = total > 0 ? count / total : 0;
        const kind = is === taken ? 'right' : count > 0 ? 'wrong' : '';
        return (
          <td key={named(taken)} class={kind} style={{ '--share': share }} title={formatPercent(share)}>
            {kind === 'wrong' ? (
              <button
                type="button"
                aria-pressed={isChosen}
                aria-label={`${count} times ${named(is)} taken for ${named(taken)}`}
                onClick={() => choose(isChosen ? null : { is, taken })}
              >
                {count}
              </button>
            ) : (
              count || ''
            )}
          </td>
        );
      })}
    </tr>
  );
}

interface MistakeButtonProps {
  readonly result: EpochResult;
  readonly index: number;
  readonly mistake: Mistake;
  readonly named: (index: number) => string;
}

function MistakeButton({ result: { pictures }, index, mistake, named }: MistakeButtonProps) {
  const model = useModel();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, pictures, index);
  }, [pictures, index]);
  const title = `${named(mistake.is)}, taken for ${named(mistake.taken)}`;
  const look = () =>
    canvas.current?.toBlob((blob) => {
      if (blob) void model.pictures.take(new File([blob], title, { type: 'image/png' }));
    });
  return (
    <button type="button" class="mistake" title={title} aria-label={`Look at a picture of ${title}`} onClick={look}>
      <canvas ref={canvas} />
    </button>
  );
}

const shortened = (name: string): string => (name.length > 3 ? `${name.slice(0, 2)}…` : name);
