import './scores.css';
import { useEffect, useState } from 'preact/hooks';
import type { NetworkReport } from '../../language/protocol.js';
import { formatPercent, formatValue } from '../format.js';
import { isVector } from '../layout.js';
import { classMapEnd } from '../sight/class-map.js';
import { type Score, topScores } from '../top-scores.js';
import type { WeightsInForce } from '../weights-model.js';
import { ClassMap } from './class-map.js';
import { useModel } from './context.js';

const TOP = 5;

/** The strongest classes, where the network ends in a vector: probabilities after a softmax, scores otherwise. */
export function Scores({ report }: { readonly report: NetworkReport }) {
  const model = useModel();
  const { engine, isOutdated, labels, weights } = model;
  const last = report.network.layers.at(-1);
  const result = last ? model.output(last.name).value : null;
  const [scores, setScores] = useState<readonly Score[]>([]);
  const version = result && isVector(result.shape) && result.shape.channels > 1 ? result.version : null;
  useEffect(() => {
    if (version === null) return setScores([]);
    let overtaken = false;
    void engine.ask('values', { version, channel: 'all' }).then((values) => {
      if (!overtaken && values) setScores(topScores(values, TOP));
    });
    return () => {
      overtaken = true;
    };
  }, [engine, version]);
  if (scores.length === 0 || !last) return null;
  const areProbabilities = last.kind === 'softmax';
  const strongest = areProbabilities ? 1 : Math.max(...scores.map(({ value }) => Math.abs(value)));
  return (
    <section class={isOutdated.value ? 'scores dimmed' : 'scores'} aria-label="Class scores">
      <h2>{areProbabilities ? 'Class probabilities' : 'Class scores'}</h2>
      <ol>
        {scores.map(({ index, value }) => (
          <li key={index}>
            <span class="label" title={`class ${index}`}>
              {labels.nameOf(index)}
            </span>
            <span class="bar">
              <span style={{ width: `${strongest > 0 ? (Math.max(0, value) / strongest) * 100 : 0}%` }} />
            </span>
            <span class="value">{areProbabilities ? formatPercent(value) : formatValue(value)}</span>
          </li>
        ))}
      </ol>
      {labels.problem.value && (
        <p class="hint" role="status">
          {labels.problem.value}
        </p>
      )}
      <WeightsHint random={weights.inForce.value?.random ?? 'none'} />
      {version !== null && classMapEnd(report) && <ClassMap version={version} scores={scores} report={report} />}
    </section>
  );
}

/** What the classes are worth. */
function WeightsHint({ random }: Pick<WeightsInForce, 'random'>) {
  if (random === 'none') return null;
  return (
    <p class="hint">
      {random === 'all' ? 'The weights are random' : 'Some of the weights are random'}, so the classes mean nothing yet;
      the same network always gets the same ones.
    </p>
  );
}
