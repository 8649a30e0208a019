import { useLayoutEffect, useRef } from 'preact/hooks';
import { colourOf, cssColour, paletteFor, rangeOf } from '../colours.js';
import { formatValue } from '../format.js';
import { type Cells as CellsLayout, layCells } from '../layout.js';
import type { LayerOutput } from '../worker-protocol.js';
import { useModel } from './context.js';
import { useVisible, useWidth } from './observe.js';
import { probed } from './probe.js';
import { useWanted } from './use-wanted.js';

interface CellsProps {
  readonly layer: string;
  readonly output: LayerOutput;
  readonly mostRows: number;
}

/** A layer of single pixels (fc, global pooling) as rows of cells, a cell a channel. */
export function Cells({ layer, output, mostRows }: CellsProps) {
  const model = useModel();
  const { engine, scheme } = model;
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const values = useRef<Float32Array | null>(null);
  const painted = useRef('');
  const visible = useVisible(box);
  const width = useWidth(box);
  const layout = layCells(output.shape.channels, width, mostRows);
  useWanted(layer, visible, () => ({ question: 'values', about: { channel: 'all' } }));
  const key = JSON.stringify([output.version, layout, scheme.value]);
  useLayoutEffect(() => {
    if (!visible || width === 0 || painted.current === key) return;
    let overtaken = false;
    void engine.ask('values', { version: output.version, channel: 'all' }).then((numbers) => {
      if (overtaken || !numbers || !canvas.current) return;
      values.current = numbers;
      const range = rangeOf(numbers);
      const palette = paletteFor(range, scheme.peek());
      paintCells(canvas.current, layout, (cell) => cssColour(colourOf(numbers[cell] as number, range, palette)));
      painted.current = key;
    });
    return () => {
      overtaken = true;
    };
  }, [key, visible]);

  const cellAt = ({ offsetX, offsetY }: MouseEvent) =>
    Math.floor(offsetY / layout.pitch) * layout.columns + Math.floor(offsetX / layout.pitch);
  const onPointerMove = (event: PointerEvent) => {
    const { clientX, clientY } = event;
    const cell = cellAt(event);
    const value = values.current?.[cell];
    probed.value =
      value === undefined ? null : { x: clientX, y: clientY, text: `${layer}, unit ${cell}: ${formatValue(value)}` };
  };
  const hidden = output.shape.channels - layout.shown;
  return (
    <div ref={box} class="cells">
      <canvas
        ref={canvas}
        style={{ width: `${layout.columns * layout.pitch}px`, height: `${layout.rows * layout.pitch}px` }}
        onPointerMove={onPointerMove}
        onClick={(event) => {
          const channel = cellAt(event);
          if (channel >= layout.shown) return;
          event.stopPropagation();
          model.look({ layer, channel, row: 0, column: 0 });
        }}
        onPointerLeave={() => {
          probed.value = null;
        }}
      />
      {hidden > 0 && width > 0 && <span class="more">+{hidden.toLocaleString('en-US')} more</span>}
    </div>
  );
}

/** At the screen's own resolution, so that cells have sharp edges. */
function paintCells(
  canvas: HTMLCanvasElement,
  { columns, rows, shown, pitch, gap }: CellsLayout,
  colour: (cell: number) => string,
): void {
  const scale = devicePixelRatio;
  canvas.width = Math.round(columns * pitch * scale);
  canvas.height = Math.round(rows * pitch * scale);
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  for (let cell = 0; cell < shown; cell++) {
    context.fillStyle = colour(cell);
    context.beginPath();
    context.roundRect((cell % columns) * pitch, Math.floor(cell / columns) * pitch, pitch - gap, pitch - gap, gap);
    context.fill();
  }
}
