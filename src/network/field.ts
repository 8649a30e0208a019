import type { Inference, Support } from './layer.js';
import type { Shape } from './shape.js';
import { kernelExtent, type WindowAxis } from './window.js';

/** The receptive field along one axis, in input pixels. */
interface FieldAxis {
  readonly size: number;
  /** Between neighbouring units; a fraction after upsampling. */
  readonly stride: number;
  /** Where the first unit's field begins; negative in padding, not clipped to the image. */
  readonly start: number;
  /** The largest stride on the way: upsampled units share the places of the coarser ones they came from. */
  readonly coarsest: number;
}

export interface ReceptiveField {
  readonly y: FieldAxis;
  readonly x: FieldAxis;
}

const pixel: FieldAxis = { size: 1, stride: 1, start: 0, coarsest: 1 };

/** The field of the input layer: each pixel sees itself. */
const inputField: ReceptiveField = { y: pixel, x: pixel };

const windowSupport = (axis: WindowAxis): Support => ({
  extent: kernelExtent(axis.kernel, axis.dilation),
  step: axis.stride,
  start: -axis.before,
});

const through = (field: FieldAxis, support: Support): FieldAxis => ({
  size: field.size + (support.extent - 1) * field.stride,
  stride: field.stride * support.step,
  start: field.start + support.start * field.stride,
  coarsest: Math.max(field.coarsest, field.stride * support.step),
});

const everything = (length: number): Support => ({ extent: length, step: 1, start: 0 });

/** The union of the fields of several paths to the same unit. */
const union = (a: FieldAxis, b: FieldAxis): FieldAxis => {
  const start = Math.min(a.start, b.start);
  const end = Math.max(a.start + a.size, b.start + b.size);
  return {
    size: end - start,
    stride: Math.max(a.stride, b.stride),
    start,
    coarsest: Math.max(a.coarsest, b.coarsest),
  };
};

/** The pixel that the first unit looks straight at; a half between two pixels. */
export const centreOf = ({ start, size }: FieldAxis): number => start + (size - 1) / 2;

/** How the units of two paths look at different places, or undefined where they agree to half a step of the coarser path. */
export function misalignment(a: FieldAxis, b: FieldAxis): 'strides' | 'centres' | undefined {
  if (a.stride !== b.stride) return 'strides';
  return Math.abs(centreOf(a) - centreOf(b)) > Math.max(a.coarsest, b.coarsest) / 2 ? 'centres' : undefined;
}

/**
 * The receptive field of a layer's units from those of its inputs (Dumoulin & Visin 2016; Araujo et al. 2019): size
 * grows by (extent − 1)·stride, strides multiply, and merges take the union over all paths.
 */
export function fieldOf(
  inference: Inference,
  fields: readonly ReceptiveField[],
  inputs: readonly Shape[],
): ReceptiveField {
  const first = fields[0];
  const shape = inputs[0];
  if (!first || !shape) return inputField;
  let field = first;
  for (const other of fields) if (other !== first) field = { y: union(field.y, other.y), x: union(field.x, other.x) };
  const { support, window } = inference;
  if (support === 'everything')
    return { y: through(field.y, everything(shape.height)), x: through(field.x, everything(shape.width)) };
  if (support) return { y: through(field.y, support.y), x: through(field.x, support.x) };
  if (window) return { y: through(field.y, windowSupport(window.y)), x: through(field.x, windowSupport(window.x)) };
  return field;
}
