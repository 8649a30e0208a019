import { useRef, useState } from 'preact/hooks';
import { isVector, STRIP_HEIGHT } from '../../layout.js';
import type { LayerOutput, PictureSource } from '../../worker-protocol.js';
import { Cells } from '../cells.js';
import { useModel } from '../context.js';
import { Maps } from '../maps.js';
import { useWidth } from '../observe.js';
import { useWork } from '../use-work.js';
import { WorkBar } from '../work-bar.js';

/** More maps than this are not put side by side at first. */
const PORTION = 24;

interface ComparisonProps {
  readonly layer: string;
  readonly output: LayerOutput;
}

/** What the layer makes of another picture, beside what it makes of this one. */
export function Comparison({ layer, output }: ComparisonProps) {
  const { pictures } = useModel();
  const [chosen, setChosen] = useState('');
  const [shown, setShown] = useState(PORTION);
  const picture = chosen === '' ? null : (JSON.parse(chosen) as PictureSource);
  const work = useWork('other', picture && { layer, version: output.version, picture });
  const now = pictures.source.value;
  const other = work.answered?.picture;
  const choices = [
    ...pictures.samples.value.map(({ id }): PictureSource => ({ type: 'sample', id })),
    ...pictures.own.value.map(({ id }): PictureSource => ({ type: 'file', id })),
  ];
  const { channels } = output.shape;
  const count = Math.min(shown, channels);
  return (
    <section class="comparison" aria-label="Two pictures side by side">
      <label>
        Compare with{' '}
        <select class="field" value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          <option value="">no other picture</option>
          {choices.map((source) => (
            <option key={JSON.stringify(source)} value={JSON.stringify(source)}>
              {pictures.titleOf(source)}
            </option>
          ))}
        </select>
      </label>
      <WorkBar work={work} label={`${layer} on the other picture`} />
      {other && work.answer && now && (
        <div class="sides">
          <Side layer={layer} title={pictures.titleOf(now)} output={output} beside={work.answer} count={count} />
          <Side layer={layer} title={pictures.titleOf(other)} output={work.answer} beside={output} count={count} />
        </div>
      )}
      {work.answer && !isVector(output.shape) && count < channels && (
        <button type="button" class="link" onClick={() => setShown(shown + PORTION)}>
          Show {Math.min(PORTION, channels - count)} more
        </button>
      )}
    </section>
  );
}

interface SideProps {
  readonly layer: string;
  readonly title: string;
  readonly output: LayerOutput;
  readonly beside: LayerOutput;
  readonly count: number;
}

function Side({ layer, title, output, beside, count }: SideProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  return (
    <div ref={box} class="side">
      <h2>{title}</h2>
      {isVector(output.shape) ? (
        <Cells layer={layer} output={output} mostRows={16} />
      ) : (
        width > 0 && (
          <Maps
            layer={layer}
            output={output}
            beside={beside.version}
            channelsOf={() => Array.from({ length: count }, (_, channel) => channel)}
            target={STRIP_HEIGHT}
            widest={width}
          />
        )
      )}
    </div>
  );
}
