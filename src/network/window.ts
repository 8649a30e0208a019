import type { Fit, FrameworkRules } from './frameworks.js';
import type { Pair } from './shape.js';
import type { Padding, Sides } from './values.js';

/**
 * A window (a filter, a pool) sliding along one axis, worked out once for everyone: the shape rule, the explanation,
 * the receptive field and the engine read the same numbers.
 */
export interface WindowAxis {
  /** N, the input size in pixels. */
  readonly input: number;
  /** F, the kernel size. */
  readonly kernel: number;
  /** S */
  readonly stride: number;
  /** D */
  readonly dilation: number;
  /** Zeros before the first pixel (top or left) and after the last (bottom or right). */
  readonly before: number;
  readonly after: number;
  /** (N + before + after − D(F − 1) − 1)/S + 1, not rounded. */
  readonly exact: number;
  /** The output size: `exact`, rounded as the fit says. */
  readonly output: number;
  /** Pixels of the input (not of the padding) at the end that no window covers. */
  readonly unseen: number;
}

export interface Window {
  readonly y: WindowAxis;
  readonly x: WindowAxis;
}

/** D(F − 1) + 1: what a dilated kernel spans. */
export const kernelExtent = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

const strictFit = (axis: WindowAxis): boolean => Number.isInteger(axis.exact);

/** Whether the window covers both axes exactly: (N + 2P − D(F − 1) − 1)/S is whole. */
export const fitsStrictly = (window: Window): boolean => strictFit(window.y) && strictFit(window.x);

/**
 * Whether the (dilated) kernel has a place on the padded input along this axis. Rounding up lets it hang over the end:
 * frameworks pool 2 pixels with a kernel of 3 at stride 2.
 */
export const kernelFitsInside = (axis: WindowAxis): boolean => axis.output >= 1;

/** Whether the first or the last window lies wholly in the padding. */
export const seesOnlyPadding = ({ before, after, kernel, dilation }: WindowAxis): boolean =>
  Math.max(before, after) >= kernelExtent(kernel, dilation);

/**
 * Rows or columns at the end that rounding down leaves out, beyond the gap that a stride larger than the kernel leaves
 * after every window.
 */
export const lostToRounding = ({ unseen, stride, kernel, dilation }: WindowAxis): number =>
  unseen > stride - kernelExtent(kernel, dilation) ? unseen : 0;

interface AxisPadding {
  readonly before: number;
  readonly after: number;
}

/** Padding on both sides of an axis that sums to `total`; an odd one goes to the end (bottom, right). */
const splitPadding = (total: number): AxisPadding => ({ before: Math.floor(total / 2), after: Math.ceil(total / 2) });

/** TensorFlow's and ONNX's SAME_UPPER: the output is ⌈N/S⌉. */
const samePadding = (input: number, extent: number, stride: number): AxisPadding =>
  splitPadding(Math.max((Math.ceil(input / stride) - 1) * stride + extent - input, 0));

/** The smallest total padding with which the window fits strictly. */
const fitPadding = (input: number, extent: number, stride: number): AxisPadding =>
  splitPadding(input <= extent ? extent - input : (stride - ((input - extent) % stride)) % stride);

function paddingOf(
  padding: Padding,
  side: 'y' | 'x',
  input: number,
  kernel: number,
  extent: number,
  stride: number,
  rules: FrameworkRules,
): AxisPadding {
  switch (padding.mode) {
    case 'valid':
      return { before: 0, after: 0 };
    case 'fit':
      return fitPadding(input, extent, stride);
    case 'same': {
      const half = Math.floor(kernel / 2);
      return rules.same === 'half' ? { before: half, after: half } : samePadding(input, extent, stride);
    }
    case 'explicit':
      return side === 'y'
        ? { before: padding.top, after: padding.bottom }
        : { before: padding.left, after: padding.right };
  }
}

/** Places for a window that starts every `stride` pixels: `exact`, rounded as the fit says. */
function roundedOutput(exact: number, fit: Fit, lastStart: number, stride: number, padded: boolean): number {
  // "Strict" goes on with the rounded-down size after its error, so that one mistake makes one message.
  if (fit === 'strict' || fit === 'floor') return Math.floor(exact);
  const output = Math.ceil(exact);
  // PyTorch drops a last window that would start in the padding after the input; Caffe does so only if it pads at all.
  const clips = fit === 'ceil' || padded;
  return clips && (output - 1) * stride >= lastStart ? output - 1 : output;
}

export interface WindowAttributes {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Padding;
  readonly dilation: Pair;
  readonly fit: Fit;
}

/** Caffe looks at both axes at once: padding on one of them clips the other, too. */
const isPadded = (pad: Padding): boolean =>
  pad.mode === 'explicit' ? pad.top + pad.right + pad.bottom + pad.left > 0 : pad.mode === 'fit';

/** Slides a window along one axis of `input` pixels. `output` is below 1 when the kernel is larger than the padded input. */
export function slideAxis(
  input: number,
  side: 'y' | 'x',
  attributes: WindowAttributes,
  rules: FrameworkRules,
): WindowAxis {
  const kernel = attributes.kernel[side];
  const stride = attributes.stride[side];
  const dilation = attributes.dilation[side];
  const extent = kernelExtent(kernel, dilation);
  const { before, after } = paddingOf(attributes.pad, side, input, kernel, extent, stride, rules);
  const exact = (input + before + after - extent) / stride + 1;
  // `same` is ⌈N/S⌉ by its own definition, whatever the fit.
  const fit = attributes.pad.mode === 'same' ? 'floor' : attributes.fit;
  const output = roundedOutput(exact, fit, input + before, stride, isPadded(attributes.pad));
  const covered = (output - 1) * stride + extent - before;
  return {
    input,
    kernel,
    stride,
    dilation,
    before,
    after,
    exact,
    output,
    unseen: Math.max(0, input - Math.max(covered, 0)),
  };
}

/** Slides a window over a height × width input. */
export const slideWindow = (
  input: { readonly height: number; readonly width: number },
  attributes: WindowAttributes,
  rules: FrameworkRules,
): Window => {
  const y = slideAxis(input.height, 'y', attributes, rules);
  return { y, x: isSquare(input, attributes) ? y : slideAxis(input.width, 'x', attributes, rules) };
};

/** Whether both axes are alike: most are, and one computation then serves both. */
const isSquare = (
  input: { readonly height: number; readonly width: number },
  { kernel, stride, dilation, pad }: WindowAttributes,
): boolean =>
  input.height === input.width &&
  kernel.y === kernel.x &&
  stride.y === stride.x &&
  dilation.y === dilation.x &&
  (pad.mode !== 'explicit' || (pad.top === pad.left && pad.bottom === pad.right));

/** Places for the window of an axis with `pad` zeros on both sides alike; `padded`, for Caffe, where one of both axes has zeros. */
export const evenOutput = (
  { input, kernel, stride, dilation, before }: WindowAxis,
  fit: Fit,
  pad = before,
  padded = pad > 0,
): number =>
  roundedOutput((input + 2 * pad - kernelExtent(kernel, dilation)) / stride + 1, fit, input + pad, stride, padded);

/** Whether a window that pads as much after as before and rounds down gives the same places. */
export const isEven = (axis: WindowAxis): boolean => evenOutput(axis, 'floor') === axis.output;

/** How far the last place reaches beyond input and padding, after rounding up. */
export const overhang = ({ input, kernel, stride, dilation, before, after, output }: WindowAxis): number =>
  Math.max(0, (output - 1) * stride + kernelExtent(kernel, dilation) - before - input - after);

/** Whether the last windows hang over input and padding, so that an average must not count what is there. */
export const hangsOver = ({ y, x }: Window): boolean => overhang(y) + overhang(x) > 0;

/** A window's padding on all four sides. */
export const paddingSides = ({ y, x }: Window): Sides => ({
  top: y.before,
  right: x.after,
  bottom: y.after,
  left: x.before,
});

/** What must be around an input for every place of the window to lie inside: the padding, and what hangs over it. */
export const borderOf = ({ y, x }: Window): Sides => ({
  top: y.before,
  right: x.after + overhang(x),
  bottom: y.after + overhang(y),
  left: x.before,
});

/**
 * The window of a transposed convolution along one axis: every input pixel adds the kernel, times its value, to the output.
 * It is the gradient of a {@link WindowAxis} with input and output exchanged (Dumoulin & Visin 2016).
 */
export interface TransposedAxis {
  /** N, the input size in pixels. */
  readonly input: number;
  readonly kernel: number;
  /** Output pixels between the places of two neighbouring input pixels. */
  readonly stride: number;
  readonly dilation: number;
  /** Cut from the beginning (top or left) and the end of what the kernels cover. */
  readonly before: number;
  readonly after: number;
  /** Added at the end (bottom or right), after the cut. */
  readonly extra: number;
  /** (N − 1)S + D(F − 1) + 1 − before − after + extra; below 1 when the padding takes everything. */
  readonly output: number;
}

export interface TransposedWindow {
  readonly y: TransposedAxis;
  readonly x: TransposedAxis;
}

export type TransposedAttributes = Omit<WindowAttributes, 'fit'> & { readonly outputpad: Pair };

/** `same` makes the output N·S, as Keras does; `valid` and `fit` (a transposed window always fits) cut nothing. */
function transposedAxis(input: number, side: 'y' | 'x', attributes: TransposedAttributes): TransposedAxis {
  const { pad } = attributes;
  const kernel = attributes.kernel[side];
  const stride = attributes.stride[side];
  const dilation = attributes.dilation[side];
  const extent = kernelExtent(kernel, dilation);
  let cut: AxisPadding = { before: 0, after: 0 };
  let extra = attributes.outputpad[side];
  if (pad.mode === 'same') {
    cut = splitPadding(Math.max(extent - stride, 0));
    extra += Math.max(stride - extent, 0);
  } else if (pad.mode === 'explicit') {
    cut = side === 'y' ? { before: pad.top, after: pad.bottom } : { before: pad.left, after: pad.right };
  }
  const output = (input - 1) * stride + extent - cut.before - cut.after + extra;
  return { input, kernel, stride, dilation, ...cut, extra, output };
}

/** Spreads a kernel over the output from every pixel of a height × width input. */
export const transposeWindow = (
  input: { readonly height: number; readonly width: number },
  attributes: TransposedAttributes,
): TransposedWindow => ({
  y: transposedAxis(input.height, 'y', attributes),
  x: transposedAxis(input.width, 'x', attributes),
});
