import { useRef } from 'preact/hooks';
import { isVector, STRIP_HEIGHT, stripOf } from '../layout.js';
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
  const { size, picture, maps, shown } = stripOf(output.shape, isInput, width);
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
            <Maps
              layer={layer}
              output={output}
              channelsOf={(shape) => firstChannels(stripOf(shape, isInput, width).shown)}
              target={STRIP_HEIGHT}
              widest={width}
            />
          )}
          {shown < maps && <span class="more">+{(maps - shown).toLocaleString('en-US')} more</span>}
        </>
      )}
    </div>
  );
}

const firstChannels = (count: number): readonly number[] => Array.from({ length: count }, (_, channel) => channel);
