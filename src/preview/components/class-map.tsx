import { useState } from 'preact/hooks';
import type { NetworkReport } from '../../language/protocol.js';
import { formatValue } from '../format.js';
import type { Score } from '../top-scores.js';
import { useModel } from './context.js';
import { Plane } from './neuron/plane.js';
import { useAnswer } from './use-answer.js';

const SIDE = 260;

interface ClassMapProps {
  /** Of the last layer's output. */
  readonly version: number;
  /** The classes that can be looked at. */
  readonly scores: readonly Score[];
  readonly report: NetworkReport;
}

/** What of the picture speaks for one of the strongest classes. */
export function ClassMap({ version, scores, report }: ClassMapProps) {
  const { labels } = useModel();
  const [chosen, setChosen] = useState<number | null>(null);
  const index = scores.find((score) => score.index === chosen)?.index ?? scores[0]?.index ?? 0;
  const seen = useAnswer('classMap', { version, class: index }, version);
  const picture = report.facts[0]?.output;
  if (!seen || !picture) return null;
  const { height, width } = picture;
  return (
    <figure class="class-map" data-class={index} data-most={seen.most} data-least={seen.least}>
      <figcaption>
        <label>
          What speaks for{' '}
          <select class="field" value={index} onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}>
            {scores.map((score) => (
              <option key={score.index} value={score.index}>
                {labels.nameOf(score.index)}
              </option>
            ))}
          </select>
        </label>{' '}
        <span class="hint">
          the class activation map: orange up to {formatValue(Math.max(0, seen.most))} for it, blue down to{' '}
          {formatValue(Math.min(0, seen.least))} against
        </span>
      </figcaption>
      <Plane
        height={height}
        width={width}
        view={{ top: 0, left: 0, height, width }}
        longest={SIDE}
        picture={seen.pictures}
        fetch={() => Promise.resolve(seen.pictures)}
        label={`What of the picture speaks for ${labels.nameOf(index)}`}
      />
    </figure>
  );
}
