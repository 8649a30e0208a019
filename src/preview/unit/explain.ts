import type { LayerWeights } from '../../engine/ops/op.js';
import { forward } from '../../engine/passes.js';
import { createTensor, type Tensor } from '../../engine/tensor.js';
import { catalogue, type LayerAttributes, type LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import type { LayerRecord } from '../../network/layer.js';
import { adaptiveRange } from '../../network/layers/pooling.js';
import type { Layer, Network } from '../../network/network.js';
import type { Shape } from '../../network/shape.js';
import type { WindowAxis } from '../../network/window.js';
import { formatValue } from '../format.js';
import type {
  Copy,
  Formula,
  Opaque,
  Pooling,
  Products,
  Reading,
  Terms,
  Unit,
  UnitOf,
  UnitReport,
  Working,
} from './unit.js';

/** One layer of a run, with all that its numbers come of. */
export interface LayerInRun {
  readonly network: Network;
  readonly index: number;
  readonly facts: LayerFacts;
  /** Activations of a single picture, NHWC. */
  readonly inputs: readonly Tensor[];
  readonly weights: LayerWeights;
  readonly output: Tensor;
}

interface Context<K extends LayerKind = LayerKind> extends LayerInRun {
  readonly layer: Layer;
  readonly attributes: LayerAttributes<K>;
  readonly input: Tensor;
  readonly unit: Unit;
}

/** What a unit reads of its first input, and what it makes of it. */
interface Explained {
  readonly reading: Omit<Reading, 'layer'>;
  readonly working: Working;
}

/** Explains the number of one unit: what it reads, and how it is worked out. Null where the layer has no such unit. */
export function explainUnit(run: LayerInRun, unit: Unit): UnitReport | null {
  const { network, index, output, inputs } = run;
  const layer = network.layers[index];
  if (!layer?.attributes || !isInside(unit, output)) return null;
  const report = { unit: { layer: layer.name, ...unit }, value: numberAt(output, unit.row, unit.column, unit.channel) };
  const [input] = inputs;
  const source = network.layers[layer.inputs[0] ?? -1]?.name;
  if (!input || source === undefined) return { ...report, reading: null, working: { type: 'opaque', input: null } };
  // The table pairs each kind with its attributes, which a union of kinds cannot express.
  const explain = (kinds[layer.kind] ?? categories[catalogue[layer.kind].category] ?? opaque) as (
    context: Omit<Context, 'attributes'> & { readonly attributes: unknown },
  ) => Explained;
  const { reading, working } = explain({ ...run, layer, attributes: layer.attributes, input, unit });
  return { ...report, reading: { layer: source, ...reading }, working };
}

const isInside = ({ channel, row, column }: Unit, { channels, height, width }: Shape): boolean =>
  channel >= 0 && channel < channels && row >= 0 && row < height && column >= 0 && column < width;

const numberAt = ({ width, channels, data }: Tensor, row: number, column: number, channel: number): number =>
  data[(row * width + column) * channels + channel] as number;

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** The places of one window along an axis. */
const tapsOf = ({ stride, before, dilation, kernel }: WindowAxis, place: number): number[] =>
  Array.from({ length: kernel }, (_, tap) => place * stride - before + tap * dilation);

/** The numbers under a window, channel after channel; what lies outside the input is 0 and marked. */
function gather(input: Tensor, { rows, columns, channels: [from, to] }: Omit<Reading, 'layer'>) {
  const area = rows.length * columns.length;
  const values = new Float32Array((to - from) * area);
  const outside = new Uint8Array(area);
  for (const [y, row] of rows.entries())
    for (const [x, column] of columns.entries()) {
      const place = y * columns.length + x;
      if (row < 0 || row >= input.height || column < 0 || column >= input.width) {
        outside[place] = 1;
        continue;
      }
      for (let channel = from; channel < to; channel++)
        values[(channel - from) * area + place] = numberAt(input, row, column, channel);
    }
  return { height: rows.length, width: columns.length, values, outside };
}

/** The channels that a filter of a grouped convolution sees. */
function groupChannels(filter: number, filters: number, groups: number, channels: number): readonly [number, number] {
  const each = channels / groups;
  const group = Math.floor((filter * groups) / filters);
  return [group * each, (group + 1) * each];
}

function products(
  input: Tensor,
  reading: Omit<Reading, 'layer'>,
  weights: Float32Array,
  bias: Float32Array | undefined,
  channel: number,
): { readonly reading: Omit<Reading, 'layer'>; readonly working: Products } {
  const working: Products = {
    type: 'products',
    ...gather(input, reading),
    weights,
    bias: bias ? (bias[channel] as number) : null,
  };
  return { reading, working };
}

/** A filter under the window: weights are OIHW, so those of one filter lie together. */
function slidingFilter({ facts: { window }, input, output, weights, unit }: Context, groups: number): Explained {
  const { weight, bias } = weights;
  if (!window || !weight) return opaque({ input, output, unit });
  const size = weight.length / output.channels;
  const reading = {
    rows: tapsOf(window.y, unit.row),
    columns: tapsOf(window.x, unit.column),
    channels: groupChannels(unit.channel, output.channels, groups, input.channels),
  };
  return products(input, reading, weight.slice(unit.channel * size, (unit.channel + 1) * size), bias, unit.channel);
}

/** The pixels whose stamps reach a place of a transposed convolution's output; weights are IOHW. */
function stampedFilter(context: Context<'convtranspose'>): Explained {
  const { facts, input, output, weights, unit, attributes } = context;
  const { transposed } = facts;
  const { weight, bias } = weights;
  if (!transposed || !weight) return opaque(context);
  const { groups } = attributes;
  const taps = (axis: typeof transposed.y, place: number) =>
    range(0, axis.kernel)
      .map((tap) => ({ tap, from: (place + axis.before - tap * axis.dilation) / axis.stride }))
      .filter(({ from }) => Number.isInteger(from) && from >= 0 && from < axis.input)
      .reverse();
  const [ys, xs] = [taps(transposed.y, unit.row), taps(transposed.x, unit.column)];
  const channels = groupChannels(unit.channel, output.channels, groups, input.channels);
  const area = transposed.y.kernel * transposed.x.kernel;
  const depth = weight.length / (input.channels * area);
  const place = unit.channel % depth;
  const seen = range(...channels).flatMap((channel) =>
    ys.flatMap((y) =>
      xs.map((x) => weight[(channel * depth + place) * area + y.tap * transposed.x.kernel + x.tap] as number),
    ),
  );
  const reading = { rows: ys.map(({ from }) => from), columns: xs.map(({ from }) => from), channels };
  return products(input, reading, Float32Array.from(seen), bias, unit.channel);
}

/** Every number of the input has its weight: [out, in], in the order in which the network's framework flattens. */
function dense({ network, input, weights: { weight, bias }, unit, output }: Context): Explained {
  if (!weight) return opaque({ input, output, unit });
  const { height, width, channels } = input;
  const own = weight.subarray(unit.channel * height * width * channels, (unit.channel + 1) * height * width * channels);
  const pixels = height * width;
  const inOrder =
    rulesOf(network.framework).flattenOrder === 'CHW'
      ? own.slice()
      : own.map((_, i) => own[(i % pixels) * channels + Math.floor(i / pixels)] as number);
  return products(input, everything(input), inOrder, bias, unit.channel);
}

const everything = ({ height, width, channels }: Shape): Omit<Reading, 'layer'> => ({
  rows: range(0, height),
  columns: range(0, width),
  channels: [0, channels],
});

const sameChannel = ({ channel }: Unit): readonly [number, number] => [channel, channel + 1];

function pooled(
  input: Tensor,
  reading: Omit<Reading, 'layer'>,
  how: Pooling['how'],
  divisor: (window: { readonly outside: Uint8Array }) => number,
): Explained {
  const window = gather(input, reading);
  return { reading, working: { type: 'pooling', how, ...window, divisor: divisor(window) } };
}

const inside = ({ outside }: { readonly outside: Uint8Array }): number =>
  outside.reduce((count, isOutside) => count + 1 - isOutside, 0);

/** A pool's window; after rounding up its last places may hang over the padding, where there is nothing at all. */
function underWindow(context: Context, how: Pooling['how'], countsPadding: boolean): Explained {
  const { facts, input, unit } = context;
  const { window } = facts;
  if (!window) return opaque(context);
  const places = (axis: WindowAxis, place: number) =>
    tapsOf(axis, place).filter((tap) => tap < axis.input + axis.after);
  const reading = {
    rows: places(window.y, unit.row),
    columns: places(window.x, unit.column),
    channels: sameChannel(unit),
  };
  return pooled(input, reading, how, (seen) => (countsPadding ? seen.outside.length : inside(seen)));
}

const overAll = ({ input, unit }: Context, how: Pooling['how']): Explained =>
  pooled(input, { ...everything(input), channels: sameChannel(unit) }, how, inside);

function adaptive({ input, output, unit }: Context): Explained {
  const rows = adaptiveRange(unit.row, input.height, output.height);
  const columns = adaptiveRange(unit.column, input.width, output.width);
  const reading = {
    rows: range(rows.from, rows.to),
    columns: range(columns.from, columns.to),
    channels: sameChannel(unit),
  };
  return pooled(input, reading, 'mean', inside);
}

const samePlace = ({ input, unit }: Pick<Context, 'input' | 'unit'>): Omit<Reading, 'layer'> => ({
  rows: [Math.min(unit.row, input.height - 1)],
  columns: [Math.min(unit.column, input.width - 1)],
  channels: unit.channel < input.channels ? sameChannel(unit) : [0, input.channels],
});

const ownInput = ({ input, unit }: Pick<Context, 'input' | 'unit'>): number =>
  numberAt(input, unit.row, unit.column, unit.channel);

/** Enough for a smooth curve. */
const CURVE_SAMPLES = 121;

/** An activation function, drawn by its own op over numbers around the unit's. */
function curve(context: Context): Explained {
  const { network, layer, facts, weights, input, unit } = context;
  const x = ownInput(context);
  const reach = Math.max(3, Math.min(1.25 * Math.abs(x), 1e6));
  const { channels } = input;
  const sweep = createTensor({ height: 1, width: CURVE_SAMPLES, channels });
  for (let i = 0; i < CURVE_SAMPLES; i++)
    sweep.data[i * channels + unit.channel] = -reach + (2 * reach * i) / (CURVE_SAMPLES - 1);
  const output = createTensor(sweep);
  for (const _ of forward(layer, network.framework, facts, [sweep], weights, output));
  const samples = Float32Array.from({ length: CURVE_SAMPLES }, (_, i) => numberAt(output, 0, i, unit.channel));
  return { reading: samePlace(context), working: { type: 'curve', input: x, from: -reach, to: reach, samples } };
}

/** Numbers of the same place (or the only one, where an input is a single pixel), of every input. */
function joined(operator: Terms['operator']) {
  return (context: Context): Explained => {
    const { network, layer, inputs, unit } = context;
    const terms = inputs.map((input, i) => {
      const place = { row: Math.min(unit.row, input.height - 1), column: Math.min(unit.column, input.width - 1) };
      const name = network.layers[layer.inputs[i] ?? -1]?.name ?? '';
      return {
        unit: { layer: name, ...place, channel: unit.channel },
        value: numberAt(input, place.row, place.column, unit.channel),
      };
    });
    return { reading: samePlace(context), working: { type: 'terms', operator, terms } };
  };
}

/**
 * A layer that only moves numbers is asked by its own op which number it moves here: it is run on numbers that say their
 * place. A float32 holds whole numbers up to 2²⁴, so that the place is asked for in two parts.
 */
function moved(context: Context): Explained {
  const { network, layer, facts, weights, inputs, output, unit } = context;
  const answerTo = (numberOf: (place: number) => number): number => {
    let place = 0;
    const marked = inputs.map((input) => ({
      ...input,
      data: Float32Array.from({ length: input.data.length }, () => numberOf(++place)),
    }));
    const answer = createTensor(output);
    for (const _ of forward(layer, network.framework, facts, marked, weights, answer));
    return numberAt(answer, unit.row, unit.column, unit.channel);
  };
  const HALF = 4096;
  let place = answerTo((at) => Math.floor(at / HALF)) * HALF + answerTo((at) => at % HALF);
  const value = numberAt(output, unit.row, unit.column, unit.channel);
  if (place === 0 && value === 0) return { reading: samePlace(context), working: { type: 'copy', from: null } };
  place--;
  for (const [i, input] of inputs.entries()) {
    if (place >= 0 && place < input.data.length && Object.is(input.data[place], value)) {
      const pixel = Math.floor(place / input.channels);
      const from: UnitOf = {
        layer: network.layers[layer.inputs[i] ?? -1]?.name ?? '',
        row: Math.floor(pixel / input.width),
        column: pixel % input.width,
        channel: place % input.channels,
      };
      return {
        reading: { rows: [from.row], columns: [from.column], channels: sameChannel(from) },
        working: { type: 'copy', from } satisfies Copy,
      };
    }
    place -= input.data.length;
  }
  return opaque(context);
}

function normalised(context: Context<'batchnorm'>): Explained {
  const { weights, attributes, unit } = context;
  const of = (name: 'running_mean' | 'running_var' | 'weight' | 'bias', otherwise: number) =>
    formatValue(weights[name]?.[unit.channel] ?? otherwise);
  const working: Formula = {
    type: 'formula',
    formula: '(x − mean)/√(variance + ε) · scale + shift',
    worked: `(${formatValue(ownInput(context))} − ${of('running_mean', 0)})/√(${of('running_var', 1)} + ${formatValue(attributes.epsilon)}) · ${of('weight', 1)} + ${of('bias', 0)}`,
  };
  return { reading: samePlace(context), working };
}

/** Powers of e over their sum, at one pixel. */
function shares(isLogarithm: boolean) {
  return (context: Context): Explained => {
    const { input, unit } = context;
    const x = ownInput(context);
    const at = { rows: [unit.row], columns: [unit.column], channels: [0, input.channels] as const };
    const sum = gather(input, at).values.reduce((total, value) => total + Math.exp(value - x), 0);
    const share = `1/(Σ eˣ⁻ˣᵘ = ${formatValue(sum)})`;
    return {
      reading: at,
      working: isLogarithm
        ? {
            type: 'formula',
            formula: 'xᵤ − ln Σ eˣ',
            worked: `−ln(Σ eˣ⁻ˣᵘ = ${formatValue(sum)}), xᵤ = ${formatValue(x)}`,
          }
        : { type: 'formula', formula: 'eˣᵘ/Σ eˣ', worked: `${share}, xᵤ = ${formatValue(x)}` },
    };
  };
}

/** What a layer reads at its unit's place, or under its window. */
function opaque(context: Pick<Context, 'input' | 'unit' | 'output'> & Partial<Pick<Context, 'facts'>>): Explained {
  const { input, output, unit, facts } = context;
  const { window } = facts ?? {};
  const keepsPlaces = input.height === output.height && input.width === output.width;
  const reading = window
    ? {
        rows: tapsOf(window.y, unit.row),
        columns: tapsOf(window.x, unit.column),
        channels: [0, input.channels] as const,
      }
    : keepsPlaces
      ? samePlace(context)
      : everything(input);
  const keeps = keepsPlaces && input.channels === output.channels;
  const working: Opaque = { type: 'opaque', input: keeps ? ownInput(context) : null };
  return { reading, working };
}

/** Layers that work their numbers out in a way of their own. */
const kinds: { readonly [K in LayerKind]?: (context: Context<K>) => Explained } = {
  conv: (context) => slidingFilter(context, context.attributes.groups),
  depthwise: (context) => slidingFilter(context, context.input.channels),
  convtranspose: stampedFilter,
  fc: dense,
  maxpool: (context) => underWindow(context, 'largest', false),
  avgpool: (context) => underWindow(context, 'mean', context.attributes.countpad),
  globalmaxpool: (context) => overAll(context, 'largest'),
  globalavgpool: (context) => overAll(context, 'mean'),
  adaptiveavgpool: adaptive,
  softmax: shares(false),
  logsoftmax: shares(true),
  batchnorm: normalised,
  dropout: moved,
  add: joined('+'),
  multiply: joined('·'),
  max: joined('max'),
  concat: moved,
};

/** What all other layers of a category have in common. */
const categories: { readonly [C in LayerRecord['category']]?: (context: Context) => Explained } = {
  activation: curve,
  shape: moved,
};
