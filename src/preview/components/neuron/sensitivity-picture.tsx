import { useEffect, useState } from 'preact/hooks';
import type { NetworkReport } from '../../../language/protocol.js';
import type { Pictures } from '../../raster.js';
import type { Rect } from '../../unit/places.js';
import type { Sensitivity } from '../../unit/sensitivity.js';
import type { UnitOf } from '../../unit/unit.js';
import { useModel } from '../context.js';
import { fieldRect } from './field-picture.js';
import { Frame, Plane } from './plane.js';

const SIDE = 220;

const ways: Readonly<Record<Sensitivity, string>> = {
  gradient: 'Gradient',
  guided: 'Guided backpropagation',
};

interface SensitivityPictureProps {
  readonly network: NetworkReport;
  readonly index: number;
  readonly unit: UnitOf;
}

/** On which pixels the unit's number hangs, inside its theoretical receptive field; worked out when it is asked for. */
export function SensitivityPicture({ network, index, unit }: SensitivityPictureProps) {
  const { engine, units } = useModel();
  const [way, setWay] = useState<Sensitivity | 'none'>('none');
  const [found, setFound] = useState<{ readonly key: string; readonly pictures: Pictures } | null>(null);
  const version = units.output.value?.version;
  const playing = units.isPlaying.value;
  const { layer, row, column, channel } = unit;
  const key = JSON.stringify([way, version, unit]);
  useEffect(() => {
    if (way === 'none' || version === undefined || playing) return;
    let overtaken = false;
    const about = { layer, version, unit: { row, column, channel }, way };
    void engine.ask('sensitivity', about).then((pictures) => {
      if (!overtaken && pictures) setFound({ key, pictures });
    });
    return () => {
      overtaken = true;
    };
  }, [engine, key, playing]);
  const field = network.facts[index]?.field;
  const picture = network.facts[0]?.output;
  if (!field || !picture) return null;
  const { height, width } = picture;
  const whole: Rect = { top: 0, left: 0, height, width };
  return (
    <figure class="sensitivity" aria-busy={way !== 'none' && found?.key !== key}>
      {way !== 'none' && found && (
        <Plane
          height={height}
          width={width}
          view={whole}
          longest={SIDE}
          picture={found.key}
          fetch={() => Promise.resolve(found.pictures)}
          label="How much each pixel of the picture moves the unit, from dark to bright"
        >
          <Frame rect={fieldRect(field, row, column)} kind="field" />
        </Plane>
      )}
      <figcaption>
        <label>
          which pixels move it{' '}
          <select
            class="field"
            value={way}
            onChange={({ currentTarget }) => setWay(currentTarget.value as Sensitivity | 'none')}
          >
            <option value="none">not shown</option>
            {Object.entries(ways).map(([name, title]) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        {way !== 'none' && found?.key !== key && <span class="delayed"> working it out…</span>}
      </figcaption>
    </figure>
  );
}
