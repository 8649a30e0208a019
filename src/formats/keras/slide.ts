import type { Pair } from '../../network/shape.js';
import type { Padding, Sides } from '../../network/values.js';
import {
  borderOf,
  hangsOver,
  isEven,
  kernelExtent,
  paddingSides,
  type TransposedAxis,
  type WindowAxis,
} from '../../network/window.js';
import type { Literal, Slot } from '../code/scope.js';
import { type Use, unlessDefault, windowOf } from '../code/use.js';
import { CannotSay } from '../format.js';
import { is, type LayerStep, layer, type Step, weighing } from './step.js';

type Pool = 'maxpool' | 'avgpool';
type Convolution = 'conv' | 'depthwise';

/** Rows and columns at top and bottom, left and right, as short as Keras takes them. */
export const sides = ({ top, bottom, left, right }: Sides): Literal => {
  if (top !== bottom || left !== right)
    return [
      [top, bottom],
      [left, right],
    ];
  return top === left ? top : [top, left];
};

export const zeros = (border: Slot | null): readonly Step[] =>
  border ? [layer('ZeroPadding2D', { padding: border })] : [];

const axesOf = <K extends Convolution | Pool>(use: Use<K>): readonly WindowAxis[] =>
  use.layers.flatMap((placed) => (placed ? [windowOf(placed).y, windowOf(placed).x] : []));

const extentOf = ({ kernel, dilation }: WindowAxis | TransposedAxis): number => kernelExtent(kernel, dilation);

/** Keras's "valid" rounds down. */
const isValid = (axis: WindowAxis): boolean => axis.before === 0 && isEven(axis);

/** TensorFlow's "same": ⌈N/S⌉ places, the odd zero at the end. */
const isSame = (axis: WindowAxis): boolean => {
  const missing = Math.max((axis.output - 1) * axis.stride + extentOf(axis) - axis.input, 0);
  return axis.output === Math.ceil(axis.input / axis.stride) && axis.before === Math.floor(missing / 2);
};

/** What must be around the input where neither of Keras's paddings has the same places. */
interface Slide {
  readonly padding: Slot | null;
  readonly border: Slot | null;
}

function slide<K extends Convolution | Pool>(use: Use<K>): Slide {
  const axes = axesOf(use);
  if (axes.every(isValid)) return { padding: null, border: null };
  if (axes.every(isSame)) return { padding: is('same'), border: null };
  const values = use.each((placed) => sides(borderOf(windowOf(placed))));
  return { padding: null, border: { values, formula: padFormula(use) } };
}

/** The text's own word for a padding that is the same on all sides. */
function padFormula<K extends Convolution | Pool>(use: Use<K>) {
  const isAround = use.layers.every((placed) => {
    if (!placed) return true;
    const { pad } = placed.attributes as unknown as { readonly pad: Padding };
    const isAlike = pad.mode === 'explicit' && pad.top === pad.bottom && pad.left === pad.right;
    return isAlike && !hangsOver(windowOf(placed));
  });
  return isAround ? use.written('pad') : undefined;
}

/** Strides and dilation together are what Keras's backends refuse. */
function refuseBoth<K extends Convolution | 'convtranspose'>(use: Use<K>): void {
  for (const placed of use.layers) {
    if (!placed) continue;
    const { stride, dilation } = placed.attributes as unknown as { readonly stride: Pair; readonly dilation: Pair };
    if (stride.y * stride.x > 1 && dilation.y * dilation.x > 1)
      throw new CannotSay('Keras convolves with a stride or a dilation, not both');
  }
}

export function convolution(use: Use<'conv'>): readonly Step[] {
  refuseBoth(use);
  const { padding, border } = slide(use);
  return [
    ...zeros(border),
    weighing('Conv2D', {
      filters: use.attribute('filters'),
      kernel_size: use.attribute('kernel'),
      strides: use.unless(1, 'stride'),
      padding,
      dilation_rate: use.unless(1, 'dilation'),
      groups: use.unless(1, 'groups'),
      use_bias: use.unless(true, 'bias'),
    }),
  ];
}

export function depthwise(use: Use<'depthwise'>): readonly Step[] {
  refuseBoth(use);
  for (const placed of use.layers)
    if (placed && placed.attributes.stride.y !== placed.attributes.stride.x)
      throw new CannotSay("Keras's DepthwiseConv2D has one stride for both axes");
  const { padding, border } = slide(use);
  return [
    ...zeros(border),
    weighing('DepthwiseConv2D', {
      kernel_size: use.attribute('kernel'),
      strides: use.unless(1, 'stride'),
      padding,
      depth_multiplier: use.unless(1, 'multiplier'),
      dilation_rate: use.unless(1, 'dilation'),
      use_bias: use.unless(true, 'bias'),
    }),
  ];
}

/**
 * Keras's own lengths of a transposed convolution: N·S where it pads, N·S + max(F − S, 0) where it does not. What the layer
 * has less is cut off.
 */
export function transposed(use: Use<'convtranspose'>): readonly Step[] {
  refuseBoth(use);
  if (use.unless(1, 'groups')) throw new CannotSay("Keras's Conv2DTranspose has no groups");
  const axes = use.layers.flatMap((placed) => {
    const window = placed?.facts.transposed;
    return window ? [window.y, window.x] : [];
  });
  const isLikeSame = axes.every(
    (axis) =>
      axis.output === axis.input * axis.stride &&
      extentOf(axis) >= axis.stride &&
      axis.before === Math.floor((extentOf(axis) - axis.stride) / 2),
  );
  const step = weighing('Conv2DTranspose', {
    filters: use.attribute('filters'),
    kernel_size: use.attribute('kernel'),
    strides: use.unless(1, 'stride'),
    padding: isLikeSame ? is('same') : null,
    dilation_rate: use.unless(1, 'dilation'),
    use_bias: use.unless(true, 'bias'),
  });
  if (isLikeSame) return [step];
  const cut = use.each(({ facts }) => {
    const { y, x } = facts.transposed as NonNullable<typeof facts.transposed>;
    const after = (axis: TransposedAxis): number => {
      const whole = axis.input * axis.stride + Math.max(extentOf(axis) - axis.stride, 0);
      const rest = whole - axis.before - axis.output;
      if (rest < 0) throw new CannotSay('its outputpad goes beyond what Keras makes');
      return rest;
    };
    return sides({ top: y.before, bottom: after(y), left: x.before, right: after(x) });
  });
  const isWhole = cut.every((value) => value === undefined || value === 0);
  return isWhole ? [step] : [step, layer('Cropping2D', { cropping: { values: cut } })];
}

function pool<K extends Pool>(name: string, use: Use<K>, { padding, border }: Slide): readonly Step[] {
  const [size, stride] = [use.attribute('kernel'), use.attribute('stride')];
  const isDefault = JSON.stringify(size) === JSON.stringify(stride);
  return [...zeros(border), layer(name, { pool_size: size, strides: isDefault ? null : stride, padding })];
}

export function maxPool(use: Use<'maxpool'>, isPositive: boolean): readonly Step[] {
  if (use.unless(1, 'dilation')) throw new CannotSay('Keras has no dilated pooling');
  const { padding, border } = slide(use);
  if (!border || isPositive) return pool('MaxPooling2D', use, { padding, border });
  // −∞ never wins.
  const text = use.scope.say(border, 'border');
  return [
    {
      code: ([x]) => `pad_lowest(${x}, ${text})`,
      helper: 'padLowest',
      reason: 'its padding must be −∞, which no layer of Keras adds',
    },
    ...pool('MaxPooling2D', use, { padding, border: null }),
  ];
}

export function averagePool(use: Use<'avgpool'>): readonly Step[] {
  const isPadded = axesOf(use).some(({ before, after }) => before + after > 0);
  if (isPadded && use.same(({ attributes }) => attributes.countpad, 'countpad')) return countingPool(use);
  const { padding, border } = slide(use);
  if (border) throw new CannotSay('its padding is not that of "same", and Keras would count it in the average');
  return pool('AveragePooling2D', use, { padding, border });
}

/** Averages that count the padding and yet not what hangs over it: zeros first, then what Keras leaves out by itself. */
function countingPool(use: Use<'avgpool'>): readonly Step[] {
  const border = use.each((placed) => sides(paddingSides(windowOf(placed))));
  const padded = axesOf(use).map((axis) => ({
    ...axis,
    input: axis.input + axis.before + axis.after,
    before: 0,
    after: 0,
  }));
  const padding = padded.every(isValid) ? null : padded.every(isSame) ? is('same') : undefined;
  if (padding === undefined)
    throw new CannotSay('it counts its padding but not what hangs over, which Keras cannot tell apart');
  return pool('AveragePooling2D', use, {
    padding,
    border: unlessDefault({ values: border, formula: padFormula(use) }, 0),
  });
}

export function adaptivePool(use: Use<'adaptiveavgpool'>): readonly LayerStep[] {
  const size = use.each(({ inputs: [input], attributes: { size: wanted } }): Literal => {
    const [y, x] = [(input?.height ?? 0) / wanted.y, (input?.width ?? 0) / wanted.x];
    if (!Number.isInteger(y) || !Number.isInteger(x))
      throw new CannotSay(
        `${input?.height}×${input?.width} does not divide into ${wanted.y}×${wanted.x} equal windows`,
      );
    return y === x ? y : [y, x];
  });
  return size.every((value) => value === undefined || value === 1)
    ? []
    : [layer('AveragePooling2D', { pool_size: { values: size } })];
}
