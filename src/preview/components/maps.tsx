import './maps.css';
import { useRef } from 'preact/hooks';
import type { Shape } from '../../network/shape.js';
import { mapSize } from '../layout.js';
import type { MapRequest } from '../raster.js';
import type { LayerOutput } from '../worker-protocol.js';
import { useModel } from './context.js';
import { useVisible } from './observe.js';
import { usePictures } from './paint.js';
import { useProbe } from './probe.js';
import { useWanted } from './use-wanted.js';

interface MapsProps {
  readonly layer: string;
  readonly output: LayerOutput;
  /** The channels that are shown of an output, the one that is there or the next. */
  readonly channelsOf: (shape: Shape) => readonly number[];
  /** The height maps come close to, and the width they may not exceed, in CSS pixels. */
  readonly target: number;
  readonly widest: number;
  /** The version of another output that is seen beside it: both are coloured alike. */
  readonly beside?: number;
}

/** Some activation maps of a layer, a canvas each. */
export function Maps({ layer, output, channelsOf, target, widest, beside }: MapsProps) {
  const model = useModel();
  const { engine } = model;
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  const size = mapSize(output.shape, target, widest);
  const [contrast, scheme] = [model.contrast.value, model.scheme.value];
  const requestFor = (shape: Shape): MapRequest => {
    const { height, width } = mapSize(shape, target, widest);
    const longest = Math.ceil(Math.max(height, width) * devicePixelRatio);
    return { channels: channelsOf(shape), contrast, scheme, longest };
  };
  const request = { ...requestFor(output.shape), ...(beside !== undefined && { beside }) };
  const key = JSON.stringify([output.version, request]);
  useWanted(layer, visible && beside === undefined, (shape) => ({ question: 'maps', about: requestFor(shape) }));
  usePictures(box, key, visible, () => engine.ask('maps', { version: output.version, ...request }));
  const probe = useProbe(layer, output);
  const enlarged = size.width >= output.shape.width;
  return (
    <div ref={box} class={enlarged ? 'maps enlarged' : 'maps'} {...probe}>
      {request.channels.map((channel) => (
        <canvas key={channel} data-channel={channel} style={{ width: `${size.width}px`, height: `${size.height}px` }} />
      ))}
    </div>
  );
}
