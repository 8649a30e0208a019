import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Shape } from '../../network/shape.js';
import { formatValue } from '../format.js';
import type { Unit } from '../unit/unit.js';
import type { LayerOutput } from '../worker-protocol.js';
import { useModel } from './context.js';

/** The number under the pointer, and where to show it. */
export const probed = signal<{ readonly x: number; readonly y: number; readonly text: string } | null>(null);

const leave = () => {
  probed.value = null;
};

/** Handlers for an element with maps inside: moving over one shows the exact number under the pointer, a click looks at its unit. */
export function useProbe(layer: string, { version, shape }: LayerOutput) {
  const model = useModel();
  const { engine } = model;
  return useMemo(() => {
    // The numbers of the map under the pointer; another map's are fetched when the pointer gets there.
    let held: { readonly channel: number; readonly values: Promise<Float32Array | null> } | undefined;
    const onPointerMove = async ({ target, offsetX, offsetY, clientX, clientY }: PointerEvent) => {
      const unit = unitAt(target, offsetX, offsetY, shape);
      if (!unit) return leave();
      const { channel, row, column } = unit;
      if (held?.channel !== channel) held = { channel, values: engine.ask('values', { version, channel }) };
      const value = (await held.values)?.[row * shape.width + column];
      if (value === undefined || !(target as Element).matches(':hover')) return;
      const text = `${layer}, map ${channel}, row ${row}, column ${column}: ${formatValue(value)}`;
      probed.value = { x: clientX, y: clientY, text };
    };
    const onClick = (event: MouseEvent) => {
      const unit = unitAt(event.target, event.offsetX, event.offsetY, shape);
      if (!unit) return;
      // Not for the row, which would close what this opens.
      event.stopPropagation();
      model.look({ layer, ...unit });
    };
    return { onPointerMove, onPointerLeave: leave, onClick };
  }, [model, engine, layer, version, shape]);
}

/** The unit that a place on a map's canvas shows. */
function unitAt(target: EventTarget | null, x: number, y: number, { height, width }: Shape): Unit | null {
  if (!(target instanceof HTMLCanvasElement) || target.dataset.channel === undefined) return null;
  const place = (offset: number, side: number, length: number) =>
    Math.min(length - 1, Math.max(0, Math.floor((offset / side) * length)));
  return {
    channel: Number(target.dataset.channel),
    row: place(y, target.clientHeight, height),
    column: place(x, target.clientWidth, width),
  };
}
