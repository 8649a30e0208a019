import { useRef } from 'preact/hooks';
import { isVector, mapSize, mapsThatFit, STRIP_HEIGHT } from '../layout.js';
import type { LayerOutput } from '../worker-protocol.js';
import { Cells } from './cells.js';
import { InputPicture } from './input-picture.js';
import { Maps } from './maps.js';
import { useWidth } from './observe.js';

interface StripProps {
  readonly layer: string;
  readonly output: LayerOutput;
  /** The picture itself comes before the maps of its channels. */
  readonly isInput: boolean;
}

/** A row of a layer's activation maps, as many as there is room for. */
export function Strip({ layer, output, isInput }: StripProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { channels } = output.shape;
  const size = mapSize(output.shape, STRIP_HEIGHT, Math.max(1, width));
  const picture = isInput && (channels === 1 || channels === 3);
  // A grey picture is its own only map.
  const maps = picture && channels === 1 ? 0 : channels;
  const shown = mapsThatFit(maps, size.width, picture ? width - size.width - 12 : width);
  return (
    <div
      ref={box}
      class="strip"
      role="img"
      aria-label={
        isVector(output.shape)
          ? `${channels} values of ${layer}`
          : `Activation maps of ${layer}: ${shown} of ${channels}`
      }
    >
      {width === 0 ? null : isVector(output.shape) ? (
        <Cells layer={layer} output={output} mostRows={3} />
      ) : (
        <>
          {picture && <InputPicture output={output} size={size} />}
          {maps > 0 && (
            <Maps layer={layer} output={output} channels={firstChannels(shown)} target={STRIP_HEIGHT} widest={width} />
          )}
          {shown < maps && <span class="more">+{(maps - shown).toLocaleString('en-US')} more</span>}
        </>
      )}
    </div>
  );
}

const firstChannels = (count: number): readonly number[] => Array.from({ length: count }, (_, channel) => channel);
