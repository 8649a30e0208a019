import { useRef, useState } from 'preact/hooks';
import { grouped } from '../../../network/arithmetic.js';
import { mapSize, STRIP_HEIGHT } from '../../layout.js';
import type { Pictures } from '../../raster.js';
import { useModel } from '../context.js';
import { useVisible } from '../observe.js';
import { usePictures } from '../paint.js';
import { useAnswer } from '../use-answer.js';

interface FiltersProps {
  readonly layer: string;
  readonly version: number;
}

/** The filters of a layer that looks at pixels, as small pictures in their own colours. */
export function ColourFilters({ layer, version }: FiltersProps) {
  const { scheme } = useModel();
  const pictures = useAnswer('filters', { layer, channel: 'colour', scheme: scheme.value }, version);
  if (!pictures) return null;
  return (
    <>
      <div class="section-head">
        <h2>{count(pictures)}</h2>
        <span class="hint">grey is zero, each stretched to its strongest weight</span>
      </div>
      <FilterPictures layer={layer} pictures={pictures} />
    </>
  );
}

/** How the filters of a layer look at one channel of its input, which a slider chooses. */
export function FiltersByChannel({ layer, version, depth }: FiltersProps & { readonly depth: number }) {
  const { scheme } = useModel();
  const [chosen, setChannel] = useState(0);
  const channel = Math.min(chosen, depth - 1);
  const pictures = useAnswer('filters', { layer, channel, scheme: scheme.value }, version);
  if (!pictures) return null;
  return (
    <>
      <div class="section-head">
        <h2>{count(pictures)}</h2>
        {depth > 1 && (
          <label class="slider">
            as they look at channel {channel} of {grouped(depth)}
            <input
              type="range"
              min={0}
              max={depth - 1}
              value={channel}
              onInput={({ currentTarget }) => setChannel(currentTarget.valueAsNumber)}
            />
          </label>
        )}
      </div>
      <FilterPictures layer={layer} pictures={pictures} />
    </>
  );
}

const count = ({ count }: Pictures): string => (count === 1 ? '1 filter' : `${grouped(count)} filters`);

/** More canvases than this are not made. */
const MOST = 256;

function FilterPictures({ layer, pictures }: { readonly layer: string; readonly pictures: Pictures }) {
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  usePictures(box, pictures, visible, () => Promise.resolve(pictures));
  const size = mapSize(pictures, pictures.count > 32 ? STRIP_HEIGHT / 2 : STRIP_HEIGHT * 0.75, 4 * STRIP_HEIGHT);
  const shown = Math.min(pictures.count, MOST);
  return (
    <div ref={box} class="maps enlarged filters" role="img" aria-label={`Filters of ${layer}`}>
      {Array.from({ length: shown }, (_, index) => (
        <canvas
          key={index}
          title={`Filter ${index}`}
          style={{ width: `${size.width}px`, height: `${size.height}px` }}
        />
      ))}
      {shown < pictures.count && <span class="more">+{grouped(pictures.count - shown)} more</span>}
    </div>
  );
}
