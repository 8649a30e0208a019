import './drawing-pad.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useModel } from './context.js';

/** Of the pad, in pixels of its picture; as digits are drawn: white on black. */
const SIDE = 168;
const STROKE = 14;

/** A pad to draw a digit on; the network runs after every stroke. */
export function DrawingPad() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Draw…
      </button>
      {isOpen && <Pad close={() => setOpen(false)} />}
    </>
  );
}

function Pad({ close }: { readonly close: () => void }) {
  const { pictures } = useModel();
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<{ readonly x: number; readonly y: number } | null>(null);
  useEffect(() => clear(canvas.current), []);

  const draw = (event: PointerEvent) => {
    const context = canvas.current?.getContext('2d');
    if (!context || !last.current) return;
    const to = placeOf(event);
    context.beginPath();
    context.moveTo(last.current.x, last.current.y);
    context.lineTo(to.x, to.y);
    context.stroke();
    last.current = to;
  };
  const take = () => {
    if (!last.current) return;
    last.current = null;
    canvas.current?.toBlob((blob) => {
      if (blob) void pictures.take(new File([blob], 'Your drawing', { type: 'image/png' }));
    });
  };
  return (
    <section
      class="drawing-pad"
      aria-label="Drawing pad"
      onKeyDown={({ key }) => {
        if (key === 'Escape') close();
      }}
    >
      <canvas
        ref={canvas}
        width={SIDE}
        height={SIDE}
        role="img"
        aria-label="Draw here with the mouse or a pen; the digits above are for the keyboard"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = placeOf(event);
          draw(event);
        }}
        onPointerMove={draw}
        onPointerUp={take}
        onPointerCancel={take}
      />
      <div class="pad-tools">
        <span class="hint">Draw a digit: the network runs after every stroke.</span>
        <button type="button" class="button" onClick={() => clear(canvas.current)}>
          Clear
        </button>
        <button type="button" class="button" onClick={close}>
          Done
        </button>
      </div>
    </section>
  );
}

const placeOf = ({ offsetX, offsetY }: PointerEvent) => ({ x: offsetX, y: offsetY });

function clear(canvas: HTMLCanvasElement | null): void {
  const context = canvas?.getContext('2d');
  if (!context) return;
  context.fillStyle = '#000';
  context.fillRect(0, 0, SIDE, SIDE);
  context.strokeStyle = '#fff';
  context.lineWidth = STROKE;
  context.lineCap = 'round';
}
