import type { NetworkReport } from '../../../language/protocol.js';
import { clip, fieldRect, grow, type Rect, union } from '../../unit/places.js';
import type { Unit } from '../../unit/unit.js';
import { useModel } from '../context.js';
import { Frame, Plane } from './plane.js';

const SIDE = 220;
const CROP_SIDE = 110;

interface FieldPictureProps {
  readonly network: NetworkReport;
  readonly index: number;
  readonly unit: Unit;
}

/** A unit's receptive field on the picture, through every branch, and what of the picture lies in it. */
export function FieldPicture({ network, index, unit }: FieldPictureProps) {
  const model = useModel();
  const picture = network.network.layers[0];
  const field = network.facts[index]?.field;
  const output = picture && model.output(picture.name).value;
  if (!field || !output) return null;
  const { height, width } = output.shape;
  const whole: Rect = { top: 0, left: 0, height, width };
  const seen = fieldRect(field, unit.row, unit.column);
  // A field may be many times as large as the picture: so much of the padding is shown, no more.
  const view = union(whole, clip(seen, grow(whole, Math.ceil(Math.max(height, width) / 3))));
  const inPicture = clip(seen, whole);
  const fetch = () => model.engine.ask('resized', { version: output.version });
  const isWhole = inPicture.height === height && inPicture.width === width;
  return (
    <figure data-field={[seen.top, seen.left, seen.height, seen.width].join(' ')}>
      <div class="pair">
        <Plane
          height={height}
          width={width}
          view={view}
          longest={SIDE}
          picture={String(output.version)}
          fetch={fetch}
          label={`The picture, and on it the receptive field: rows ${spoken(seen.top, seen.height)}, columns ${spoken(seen.left, seen.width)}`}
        >
          <Frame rect={seen} kind="field" />
        </Plane>
        {!isWhole && inPicture.height > 0 && inPicture.width > 0 && (
          <Plane
            height={height}
            width={width}
            view={inPicture}
            longest={CROP_SIDE}
            picture={String(output.version)}
            fetch={fetch}
            label="What the unit sees of the picture"
          />
        )}
      </div>
      <figcaption>
        sees <strong>{`${seen.height}×${seen.width}`}</strong> pixels of the picture
        {isWhole
          ? ', all of it'
          : inPicture.height < seen.height || inPicture.width < seen.width
            ? ', in part padding'
            : ''}
      </figcaption>
    </figure>
  );
}

const spoken = (from: number, length: number): string => `${from} to ${from + length - 1}`;
