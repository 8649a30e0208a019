import './maps.css';
import { useRef } from 'preact/hooks';
import { mapSize } from '../layout.js';
import type { LayerOutput } from '../worker-protocol.js';
import { useModel } from './context.js';
import { useVisible } from './observe.js';
import { usePictures } from './paint.js';
import { useProbe } from './probe.js';

interface MapsProps {
  readonly layer: string;
  readonly output: LayerOutput;
  readonly channels: readonly number[];
  /** The height maps come close to, and the width they may not exceed, in CSS pixels. */
  readonly target: number;
  readonly widest: number;
  /** The version of another output that is seen beside it: both are coloured alike. */
  readonly beside?: number;
}

/** Some activation maps of a layer, a canvas each. */
export function Maps({ layer, output, channels, target, widest, beside }: MapsProps) {
  const { engine, contrast, scheme } = useModel();
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  const size = mapSize(output.shape, target, widest);
  const longest = Math.ceil(Math.max(size.height, size.width) * devicePixelRatio);
  const request = {
    channels,
    contrast: contrast.value,
    scheme: scheme.value,
    longest,
    ...(beside !== undefined && { beside }),
  };
  const key = JSON.stringify([output.version, request]);
  usePictures(box, key, visible, () => engine.ask('maps', { version: output.version, ...request }));
  const probe = useProbe(layer, output);
  const enlarged = size.width >= output.shape.width;
  return (
    <div ref={box} class={enlarged ? 'maps enlarged' : 'maps'} {...probe}>
      {channels.map((channel) => (
        <canvas key={channel} data-channel={channel} style={{ width: `${size.width}px`, height: `${size.height}px` }} />
      ))}
    </div>
  );
}
