import { useEffect, useRef } from 'preact/hooks';
import type { Shape } from '../../network/shape.js';
import type { Wanted } from '../worker-protocol.js';
import { useModel } from './context.js';

/** While a view of a layer is visible, what it will ask of the next output comes with that. */
export function useWanted(layer: string, visible: boolean, asks: (shape: Shape) => Wanted): void {
  const { wanted } = useModel();
  const latest = useRef(asks);
  latest.current = asks;
  useEffect(
    () => (visible ? wanted.add({ layer, asks: (shape) => latest.current(shape) }) : undefined),
    [wanted, layer, visible],
  );
}
