import { useRef } from 'preact/hooks';
import type { LayerOutput } from '../worker-protocol.js';
import { useModel } from './context.js';
import { useVisible } from './observe.js';
import { usePictures } from './paint.js';

interface InputPictureProps {
  readonly output: LayerOutput;
  readonly size: { readonly height: number; readonly width: number };
}

/** The picture as the network sees it, in its own colours. */
export function InputPicture({ output, size }: InputPictureProps) {
  const { engine } = useModel();
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  const { version, shape } = output;
  usePictures(box, String(version), visible, () => engine.ask('resized', { version }));
  return (
    <div ref={box} class={size.width >= shape.width ? 'input-picture enlarged' : 'input-picture'}>
      <canvas style={{ width: `${size.width}px`, height: `${size.height}px` }} />
    </div>
  );
}
