import { useRef, useState } from 'preact/hooks';
import { channelNames, formatValue } from '../../format.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { useModel } from '../context.js';
import { useVisible } from '../observe.js';
import { usePictures } from '../paint.js';
import { useWork } from '../use-work.js';
import { WorkBar } from '../work-bar.js';

/** So many channels more at a time. */
const PORTION = 12;
const SIDE = 44;

interface TopSamplesProps {
  readonly layer: string;
  readonly output: LayerOutput;
}

/** On which of the pictures each channel answers most strongly, and what it sees there; worked out when it is asked for. */
export function TopSamples({ layer, output }: TopSamplesProps) {
  const model = useModel();
  const [wanted, setWanted] = useState(0);
  const { version, shape } = output;
  const side = Math.round(SIDE * devicePixelRatio);
  const to = Math.min(wanted, shape.channels);
  const work = useWork('topSamples', wanted > 0 ? { layer, version, from: 0, to, side } : null);
  const box = useRef<HTMLOListElement>(null);
  const visible = useVisible(box);
  const found = work.answer;
  const count = found?.peaks[0]?.length ?? 0;
  usePictures(box, found?.pictures ?? '', visible && found !== null, () => Promise.resolve(found?.pictures ?? null));
  return (
    <section class="top-samples" aria-label="Top activating pictures" aria-busy={work.fraction !== null}>
      {wanted === 0 && (
        <p>
          <button type="button" class="link" onClick={() => setWanted(PORTION)}>
            Which pictures move its channels most?
          </button>{' '}
          <span class="hint">runs every sample picture</span>
        </p>
      )}
      {wanted > 0 && <h2>What its channels answer to</h2>}
      <WorkBar work={work} label="The pictures that move each channel most" />
      {found && (
        <p class="hint" data-dead={found.dead.join(' ')}>
          {found.dead.length === 0
            ? `No channel is dead on all ${found.of} pictures.`
            : `Dead on all ${found.of} pictures: ${channelNames(found.dead)}.`}
        </p>
      )}
      <ol ref={box}>
        {found?.peaks.map((peaks, channel) => (
          <li key={channel} data-top-channel={channel}>
            <span class="hint">{channel}</span>
            {peaks.map(({ source, value, row, column }, place) => {
              const title = `${model.pictures.titleOf(source)}: ${formatValue(value)} at row ${row}, column ${column}`;
              return (
                <button
                  // The pictures are painted in this order.
                  key={place}
                  type="button"
                  title={title}
                  aria-label={`Channel ${channel}, ${title}`}
                  data-value={value}
                  onClick={() => {
                    model.pictures.choose(source);
                    model.look({ layer, channel, row, column });
                  }}
                >
                  <canvas class={value > 0 ? '' : 'silent'} style={{ width: `${SIDE}px`, height: `${SIDE}px` }} />
                </button>
              );
            })}
          </li>
        ))}
      </ol>
      {found && count > 0 && to < shape.channels && (
        <button type="button" class="link" onClick={() => setWanted(wanted + PORTION)}>
          Show {Math.min(PORTION, shape.channels - to)} more
        </button>
      )}
    </section>
  );
}
