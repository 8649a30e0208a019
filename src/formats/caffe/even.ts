import {
  evenOutput,
  isEven,
  kernelExtent,
  type TransposedAxis,
  type Window,
  type WindowAxis,
} from '../../network/window.js';
import { CannotSay, type LayerIn } from '../format.js';
import type { Plain } from '../protobuf/wire.js';

/** `field: 3`, or `field_h` and `field_w` where they differ. */
export const pair = (field: string, y: number, x: number, byDefault?: number, short = field): Plain => {
  if (y === x) return y === byDefault ? {} : { [field]: y };
  return { [`${short}_h`]: y, [`${short}_w`]: x };
};

/** An axis padded on both sides alike: how many outputs are then made, and which of them is the first that is wanted. */
export interface EvenAxis {
  readonly pad: number;
  readonly made: number;
  readonly skip: number;
}

export interface EvenAxes {
  readonly y: EvenAxis;
  readonly x: EvenAxis;
}

/**
 * Caffe pads both sides alike: so much that a window begins wherever one is to, and as many as are wanted come after it. What
 * is made too much is cut off.
 */
function evened({ before, stride, output }: WindowAxis, outputs: (pad: number) => number): EvenAxis {
  for (let skip = 0; ; skip++) {
    const pad = before + skip * stride;
    const made = outputs(pad);
    if (made >= skip + output) return { pad, made, skip };
  }
}

export const convolved = (axis: WindowAxis): EvenAxis => evened(axis, (pad) => evenOutput(axis, 'floor', pad));

/** Both axes of a window, padded as `of` says. */
export function evenAxes<A>(window: { readonly y: A; readonly x: A } | null, of: (axis: A) => EvenAxis): EvenAxes {
  if (!window) throw new CannotSay('its window is not known');
  return { y: of(window.y), x: of(window.x) };
}

/** Caffe clips both axes where it pads one; that makes less, so that no axis needs less padding than without. */
function pooled(window: Window): EvenAxes {
  const padded = (isPadded: boolean) =>
    evenAxes(window, (axis) => evened(axis, (pad) => evenOutput(axis, 'caffe', pad, isPadded)));
  const whole = padded(false);
  return whole.y.pad + whole.x.pad > 0 ? padded(true) : whole;
}

export function pooling(layer: LayerIn<'maxpool'> | LayerIn<'avgpool'>, method: 'MAX' | 'AVE') {
  const { window } = layer.facts;
  if (!window) throw new CannotSay('its window is not known');
  const axes = [window.y, window.x];
  const isPadded = axes.some(({ before }) => before > 0);
  const isUp = axes.every((axis) => evenOutput(axis, 'caffe', axis.before, isPadded) === axis.output);
  const isDown = !isUp && axes.every(isEven);
  if (!isUp && !isDown && method === 'AVE') throw new CannotSay('Caffe pads both sides alike, and rounds up or down');
  const { y, x } =
    isUp || isDown
      ? evenAxes(window, ({ before, output }) => ({ pad: before, made: output, skip: 0 }))
      : pooled(window);
  if (y.pad >= window.y.kernel || x.pad >= window.x.kernel)
    throw new CannotSay('its padding is as large as its window');
  const pooling_param = {
    pool: method,
    ...pair('kernel_size', window.y.kernel, window.x.kernel, undefined, 'kernel'),
    ...pair('stride', window.y.stride, window.x.stride, 1),
    ...pair('pad', y.pad, x.pad, 0),
    ...(isDown && { round_mode: 'FLOOR' }),
  };
  return { pooling_param, y, x };
}

/** Caffe cuts both sides of a transposed convolution alike: as much as is cut of both, the rest afterwards. */
export function stamped({ input, stride, kernel, dilation, before, after, extra }: TransposedAxis): EvenAxis {
  if (extra > after) throw new CannotSay('Caffe adds no rows or columns behind what is stamped');
  const pad = Math.min(before, after - extra);
  const made = (input - 1) * stride + kernelExtent(kernel, dilation) - 2 * pad;
  return { pad, made, skip: before - pad };
}

/** An average over the zeros of the padding, but not over what lies beyond it. */
export function requireCaffesAverage({ facts: { window }, attributes }: LayerIn<'avgpool'>): void {
  const axes = window ? [window.y, window.x] : [];
  const isPadded = axes.some(({ before, after }) => before + after > 0);
  if (isPadded && !attributes.countpad) throw new CannotSay('Caffe counts the padding in an average');
  if (axes.some(({ before, after }) => before !== after)) throw new CannotSay('Caffe pads both sides alike');
}
