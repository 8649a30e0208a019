import type { Literal, Slot } from '../code/scope.js';
import type { Helper } from './helpers.js';

/** A Keras layer; what its class has as a default is left out (null). */
export interface LayerStep {
  readonly layer: string;
  readonly config: Readonly<Record<string, Slot | null>>;
  /** It holds the layer's weights. */
  readonly weighs?: true;
}

/** What no Keras layer does, in code; the reason says so to a format that holds layers only. */
interface CodeStep {
  readonly code: (inputs: readonly string[]) => string;
  readonly helper?: Helper;
  readonly reason: string;
}

/** What a layer is made of, one applied to what the other gives. */
export type Step = LayerStep | CodeStep;

/** The same in every instance. */
export const is = (value: Literal): Slot => ({ values: [value] });

export const layer = (name: string, config: LayerStep['config'] = {}): LayerStep => ({ layer: name, config });
/** A layer that holds the layer's weights. */
export const weighing = (name: string, config: LayerStep['config']): LayerStep => ({
  layer: name,
  config,
  weighs: true,
});
