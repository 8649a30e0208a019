import { isVector } from '../../layout.js';
import { PACES, type Pace } from '../../unit/unit-model.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { useModel } from '../context.js';

/** Play: the filter slides over all places of the map, step by step or running. */
export function Transport({ output }: { readonly output: LayerOutput }) {
  const { units } = useModel();
  if (isVector(output.shape)) return null;
  const playing = units.isPlaying.value;
  const filling = units.filled.value !== null;
  return (
    <div class="transport" role="toolbar" aria-label="Slide the filter">
      <IconButton label="Back to the first place" icon="rewind" onClick={() => units.rewind()} />
      <IconButton label="One place back" icon="back" onClick={() => units.step(-1)} />
      <button type="button" class="button play" onClick={() => units.toggle()}>
        <Icon name={playing ? 'pause' : 'play'} />
        {playing ? 'Pause' : 'Play'}
      </button>
      <IconButton label="One place on" icon="on" onClick={() => units.step(1)} />
      <label>
        pace
        <select
          class="field"
          value={units.pace.value}
          onChange={({ currentTarget }) => {
            units.pace.value = currentTarget.value as Pace;
          }}
        >
          {Object.keys(PACES).map((pace) => (
            <option key={pace} value={pace}>
              {pace}
            </option>
          ))}
        </select>
      </label>
      {filling && (
        <button type="button" class="link" onClick={() => units.fill()}>
          Whole map
        </button>
      )}
    </div>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly icon: keyof typeof ICONS;
  readonly onClick: () => void;
}

const IconButton = ({ label, icon, onClick }: IconButtonProps) => (
  <button type="button" class="button icon" aria-label={label} title={label} onClick={onClick}>
    <Icon name={icon} />
  </button>
);

/** On a square of 16. */
const ICONS = {
  rewind: 'M3 3h2v10H3zM13 3v10L6 8z',
  back: 'M11 3v10L4 8zM12 3h1v10h-1z',
  play: 'M4 2.5v11L13.5 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  on: 'M5 3v10l7-5zM3 3h1v10H3z',
} as const;

const Icon = ({ name }: { readonly name: keyof typeof ICONS }) => (
  <svg class="icon-shape" viewBox="0 0 16 16" aria-hidden="true">
    <path d={ICONS[name]} />
  </svg>
);
