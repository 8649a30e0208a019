import { useState } from 'preact/hooks';
import type { NetworkReport } from '../../../language/protocol.js';
import { formatPercent, formatValue } from '../../format.js';
import { defaultSide } from '../../sight/side.js';
import type { SightPicture as Seen, Sight } from '../../sight/sight.js';
import { fieldRect, type Rect } from '../../unit/places.js';
import type { UnitOf } from '../../unit/unit.js';
import { useModel } from '../context.js';
import { useWork } from '../use-work.js';
import { WorkBar } from '../work-bar.js';
import { Frame, Plane } from './plane.js';

const SIDE = 220;

type Way = Sight['type'];

/** What each way is called, and what its picture shows. */
const ways: Readonly<Record<Way, { readonly title: string; readonly tell: (seen: Seen) => string }>> = {
  gradient: {
    title: 'Gradient: the effective receptive field',
    tell: () => 'bright pixels move the unit; the frame is its theoretical receptive field',
  },
  guided: {
    title: 'Guided backpropagation',
    tell: () => 'bright pixels speak for the unit',
  },
  occlusion: {
    title: 'Occlusion: what a grey square takes away',
    tell: ({ side, least, most }) =>
      `orange: without it the unit falls, by up to ${formatValue(Math.max(0, most))}; blue: it rises, by up to ` +
      `${formatValue(Math.max(0, -least))}. Squares of ${side}×${side} pixels in the picture's mean colour`,
  },
  region: {
    title: 'Region: where the whole map answers',
    tell: ({ covered = 0, most }) =>
      most > 0 ? `${formatPercent(covered)} of the picture` : 'the map is positive nowhere',
  },
};

interface SightPictureProps {
  readonly network: NetworkReport;
  readonly index: number;
  readonly unit: UnitOf;
}

/** What of the picture the unit's number hangs on; worked out when it is asked for. */
export function SightPicture({ network, index, unit }: SightPictureProps) {
  const { units } = useModel();
  const [chosen, setChosen] = useState<Way | 'none'>('none');
  const [side, setSide] = useState<number | null>(null);
  const [share, setShare] = useState(0.5);
  const version = units.output.value?.version;
  const field = network.facts[index]?.field;
  const picture = network.facts[0]?.output;
  const { layer, ...place } = unit;
  const way = wayOf(chosen, side, share);
  const isAsked = way !== null && version !== undefined && !units.isPlaying.value;
  const work = useWork('sight', isAsked ? { layer, version, unit: place, way } : null);
  if (!field || !picture) return null;
  const { height, width } = picture;
  const whole: Rect = { top: 0, left: 0, height, width };
  const seen = work.answer;
  const seenBy = work.answered && ways[work.answered.way.type];
  return (
    <figure class="sight" aria-busy={work.fraction !== null}>
      {seen && seenBy && (
        <Plane
          height={height}
          width={width}
          view={whole}
          longest={SIDE}
          picture={seen.pictures}
          fetch={() => Promise.resolve(seen.pictures)}
          label={`${seenBy.title}. ${seenBy.tell(seen)}`}
        >
          <Frame rect={fieldRect(field, unit.row, unit.column)} kind="field" />
        </Plane>
      )}
      {way && <WorkBar work={work} label={`${ways[way.type].title}, worked out`} />}
      {seen && seenBy && (
        <p class="hint" data-least={seen.least} data-most={seen.most} data-covered={seen.covered}>
          {seenBy.tell(seen)}
        </p>
      )}
      <figcaption>
        <label>
          what it sees{' '}
          <select
            class="field"
            value={chosen}
            onChange={({ currentTarget }) => setChosen(currentTarget.value as Way | 'none')}
          >
            <option value="none">not shown</option>
            {Object.entries(ways).map(([name, { title }]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {way?.type === 'occlusion' && (
          <label>
            square{' '}
            <input
              type="number"
              class="field"
              min={1}
              max={Math.max(height, width)}
              value={way.side ?? defaultSide(picture)}
              onChange={({ currentTarget }) => setSide(Math.max(1, Math.round(currentTarget.valueAsNumber)) || null)}
            />
          </label>
        )}
        {way?.type === 'region' && (
          <label class="slider">
            from {formatPercent(share)} of its largest number
            <input
              type="range"
              min={5}
              max={100}
              step={5}
              value={share * 100}
              onInput={({ currentTarget }) => setShare(currentTarget.valueAsNumber / 100)}
            />
          </label>
        )}
      </figcaption>
    </figure>
  );
}

function wayOf(chosen: Way | 'none', side: number | null, share: number): Sight | null {
  switch (chosen) {
    case 'none':
      return null;
    case 'occlusion':
      return { type: chosen, side };
    case 'region':
      return { type: chosen, share };
    default:
      return { type: chosen };
  }
}
