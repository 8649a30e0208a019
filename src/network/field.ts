import { greatestCommonDivisor } from './arithmetic.js';
import type { Inference, Span, Support } from './layer.js';
import type { Shape } from './shape.js';
import { kernelExtent, type WindowAxis } from './window.js';

/** The receptive field along one axis, in input pixels. */
interface FieldAxis {
  readonly size: number;
  /** Between neighbouring units; a fraction after upsampling. */
  readonly stride: number;
  /** Where the first unit's field begins; negative in padding, not clipped to the image. */
  readonly start: number;
  /**
   * The pixel that the first unit looks straight at; a half between two pixels. What is spread over the map on the way, as the
   * gate of squeeze and excitation is, widens the field but turns no unit elsewhere.
   */
  readonly centre: number;
  /** The largest stride on the way: upsampled units share the places of the coarser ones they came from. */
  readonly coarsest: number;
  /** After upsampling, the spans of the first units, which repeat: neighbours differ in more than their place. */
  readonly phases?: readonly Span[];
}

export interface ReceptiveField {
  readonly y: FieldAxis;
  readonly x: FieldAxis;
}

const pixel: FieldAxis = { size: 1, stride: 1, start: 0, centre: 0, coarsest: 1 };

/** The field of the input layer: each pixel sees itself. */
const inputField: ReceptiveField = { y: pixel, x: pixel };

const windowSupport = (axis: WindowAxis): Support => ({
  extent: kernelExtent(axis.kernel, axis.dilation),
  step: axis.stride,
  start: -axis.before,
});

/** Longer repetitions are not followed; the hull of all units stands for them. */
const MOST_PHASES = 64;

/** The pixels that unit `unit` sees. */
function spanOf({ phases, start, size, stride }: FieldAxis, unit: number): Span {
  const period = phases?.length ?? 1;
  const [from, to] = phases?.[((unit % period) + period) % period] ?? [start, start + size];
  const shift = Math.floor(unit / period) * stride * period;
  return [from + shift, to + shift];
}

/** The hull of what the units from `first` up to, not including, `end` see. */
function hullOf(field: FieldAxis, first: number, end: number): Span {
  // Spans move on by a whole period, so the outermost lie within one period of the ends.
  const reach = Math.min(field.phases?.length ?? 1, end - first);
  let [from, to] = spanOf(field, first);
  for (let i = 0; i < reach; i++) {
    from = Math.min(from, spanOf(field, first + i)[0]);
    to = Math.max(to, spanOf(field, end - 1 - i)[1]);
  }
  return [from, to];
}

/** A field whose first units see these spans. */
function repeating(spans: readonly Span[], rest: Pick<FieldAxis, 'stride' | 'centre' | 'coarsest'>): FieldAxis {
  const [[start] = [0]] = spans;
  const size = Math.max(...spans.map(([from, to]) => to - from));
  return { size, start, ...rest, ...(spans.length > 1 ? { phases: spans } : {}) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The middle of what is seen from one pixel up to, not including, another. */
const middle = ([from, to]: Span): number => (from + to - 1) / 2;

function through(field: FieldAxis, support: Support): FieldAxis {
  const stride = field.stride * support.step;
  const coarsest = Math.max(field.coarsest, stride);
  const period = field.phases?.length ?? 1;
  if (support.phases && period * support.phases.length <= MOST_PHASES) {
    const { phases } = support;
    const spans = Array.from({ length: period * phases.length }, (_, unit) => {
      const [from, to] = phases[unit % phases.length] as Span;
      const further = Math.floor(unit / phases.length);
      return hullOf(field, from + further, Math.max(to, from + 1) + further);
    });
    // Units that differ look, on average, where evenly spread ones would.
    const offset = mean(phases.map((span, unit) => middle(span) - unit * support.step));
    return repeating(spans, { stride, centre: field.centre + offset * field.stride, coarsest });
  }
  const centre = field.centre + middle([support.start, support.start + support.extent]) * field.stride;
  if (field.phases && Number.isInteger(support.step)) {
    const { step, start, extent } = support;
    const length = period / greatestCommonDivisor(period, step);
    const spans = Array.from({ length }, (_, unit) => hullOf(field, unit * step + start, unit * step + start + extent));
    return repeating(spans, { stride, centre, coarsest });
  }
  return {
    size: field.size + (support.extent - 1) * field.stride,
    stride,
    start: field.start + support.start * field.stride,
    centre,
    coarsest,
  };
}

/** The field of a unit that sees all of `length` units. */
function ofAll(field: FieldAxis, length: number): FieldAxis {
  const { stride, coarsest } = field;
  const all = hullOf(field, 0, length);
  return repeating([all], { stride, centre: middle(all), coarsest });
}

/** The union of the fields of several paths to the same unit. */
function union(a: FieldAxis, b: FieldAxis): FieldAxis {
  const stride = Math.max(a.stride, b.stride);
  const coarsest = Math.max(a.coarsest, b.coarsest);
  const [m, n] = [a.phases?.length ?? 1, b.phases?.length ?? 1];
  const length = (m * n) / greatestCommonDivisor(m, n);
  // Paths of different strides drift apart: only their first units can be compared.
  const units = a.stride === b.stride && length <= MOST_PHASES ? length : 1;
  const spans = Array.from({ length: units }, (_, unit): Span => {
    const [first, second] = [spanOf(a, unit), spanOf(b, unit)];
    return [Math.min(first[0], second[0]), Math.max(first[1], second[1])];
  });
  return repeating(spans, { stride, centre: a.centre, coarsest });
}

/** The union of the fields of several paths, of so many units each: one unit is spread over the others' map. */
function unionOf(paths: readonly { readonly field: FieldAxis; readonly units: number }[]): FieldAxis {
  const all = paths.map(({ field }) => field).reduce(union);
  const most = Math.max(...paths.map(({ units }) => units));
  return { ...all, centre: mean(paths.filter(({ units }) => units === most).map(({ field }) => field.centre)) };
}

/** How the units of two paths look at different places, or undefined where they agree to half a step of the coarser path. */
export function misalignment(a: FieldAxis, b: FieldAxis): 'strides' | 'centres' | undefined {
  if (a.stride !== b.stride) return 'strides';
  return Math.abs(a.centre - b.centre) > Math.max(a.coarsest, b.coarsest) / 2 ? 'centres' : undefined;
}

/**
 * The receptive field of a layer's units from those of its inputs (Dumoulin & Visin 2016; Araujo et al. 2019): size
 * grows by (extent − 1)·stride, strides multiply, and merges take the union over all paths. After upsampling neighbouring
 * units see spans of different sizes: the size is the largest, the start the first unit's.
 */
export function fieldOf(
  inference: Inference,
  fields: readonly ReceptiveField[],
  inputs: readonly Shape[],
): ReceptiveField {
  const first = fields[0];
  const shape = inputs[0];
  if (!first || !shape) return inputField;
  const field = fields.every((other) => other === first)
    ? first
    : {
        y: unionOf(fields.map(({ y }, i) => ({ field: y, units: inputs[i]?.height ?? 1 }))),
        x: unionOf(fields.map(({ x }, i) => ({ field: x, units: inputs[i]?.width ?? 1 }))),
      };
  const { support, window } = inference;
  if (support === 'everything') return { y: ofAll(field.y, shape.height), x: ofAll(field.x, shape.width) };
  if (support) return { y: through(field.y, support.y), x: through(field.x, support.x) };
  if (window) {
    const y = through(field.y, windowSupport(window.y));
    const isSquare = field.x === field.y && window.x === window.y;
    return { y, x: isSquare ? y : through(field.x, windowSupport(window.x)) };
  }
  return field;
}

/**
 * What one unit sees of the image: its rows and its columns, not clipped to the image. Exact but where paths of different
 * strides meet, which drift apart.
 */
export const unitField = (
  { y, x }: ReceptiveField,
  row: number,
  column: number,
): { readonly y: Span; readonly x: Span } => ({
  y: spanOf(y, row),
  x: spanOf(x, column),
});
