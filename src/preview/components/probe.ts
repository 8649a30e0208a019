import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { formatValue } from '../format.js';
import type { LayerOutput } from '../worker-protocol.js';
import { useModel } from './context.js';

/** The number under the pointer, and where to show it. */
export const probed = signal<{ readonly x: number; readonly y: number; readonly text: string } | null>(null);

const leave = () => {
  probed.value = null;
};

/** Handlers for an element with maps inside: moving over one shows the exact number under the pointer. */
export function useProbe(layer: string, { version, shape }: LayerOutput) {
  const { engine } = useModel();
  return useMemo(() => {
    // The numbers of the map under the pointer; another map's are fetched when the pointer gets there.
    let held: { readonly channel: number; readonly values: Promise<Float32Array | null> } | undefined;
    const onPointerMove = async ({ target, offsetX, offsetY, clientX, clientY }: PointerEvent) => {
      if (!(target instanceof HTMLCanvasElement) || target.dataset.channel === undefined) return leave();
      const channel = Number(target.dataset.channel);
      const row = Math.min(shape.height - 1, Math.max(0, Math.floor((offsetY / target.clientHeight) * shape.height)));
      const column = Math.min(shape.width - 1, Math.max(0, Math.floor((offsetX / target.clientWidth) * shape.width)));
      if (held?.channel !== channel) held = { channel, values: engine.ask('values', { version, channel }) };
      const value = (await held.values)?.[row * shape.width + column];
      if (value === undefined || !target.matches(':hover')) return;
      const text = `${layer}, map ${channel}, row ${row}, column ${column}: ${formatValue(value)}`;
      probed.value = { x: clientX, y: clientY, text };
    };
    return { onPointerMove, onPointerLeave: leave };
  }, [engine, layer, version, shape]);
}
