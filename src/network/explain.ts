import { axisArithmetic, formatBytes, grouped } from './arithmetic.js';
import { catalogue } from './catalogue.js';
import type { LayerFacts } from './check.js';
import type { ReceptiveField } from './field.js';
import { rulesOf } from './frameworks.js';
import type { Explanation } from './layer.js';
import type { Network } from './network.js';
import { BYTES_PER_NUMBER, formatPair, formatShape, type Shape, sameShape, volumeOf } from './shape.js';
import type { Window, WindowAxis } from './window.js';

/** How the numbers of a layer come about, in words: one text for the hover, the summary and the panel. */
export interface LayerExplanation {
  /** A line a step. */
  readonly output: readonly string[];
  readonly params: string;
  /** Null for a layer without running statistics. */
  readonly buffers: string | null;
  readonly macs: string;
  readonly memory: string;
  readonly receptiveField: readonly string[];
}

/** Explains a layer; null where an error leaves its numbers unknown. */
export function explainLayer(network: Network, facts: readonly LayerFacts[], index: number): LayerExplanation | null {
  const layer = network.layers[index];
  const fact = facts[index];
  if (!layer?.attributes || !fact?.output || !fact.field) return null;
  const { output, window, transposed, weights, params, frozen, buffers, macs, field } = fact;
  const inputs = fact.inputs.filter((input) => input !== null);
  const own: Explanation =
    catalogue[layer.kind].explain?.(
      {
        inputs,
        inputNames: layer.inputs.map((source) => network.layers[source]?.name ?? ''),
        attributes: layer.attributes,
        rules: rulesOf(network.framework),
      },
      { output, weights, macs: macs ?? 0, ...(window && { window }), ...(transposed && { transposed }) },
    ) ?? {};
  const learned = own.params ?? (params ? grouped(params) : 'none: nothing to learn');
  return {
    output: own.output ?? (window ? explainWindow(window) : explainShape(inputs, output)),
    params: frozen && params ? `${learned}, frozen: training leaves them as they are` : learned,
    buffers: buffers ? `${grouped(buffers)} running statistics, which are not learned` : null,
    macs: own.macs ?? (macs ? grouped(macs) : 'none counted'),
    memory: `${output.height}·${output.width}·${output.channels}·${BYTES_PER_NUMBER} bytes = ${formatBytes(volumeOf(output) * BYTES_PER_NUMBER)}`,
    receptiveField: explainField(field),
  };
}

const explainShape = (inputs: readonly Shape[], output: Shape): string[] => {
  const [only] = inputs;
  return [only && sameShape(only, output) ? `${formatShape(output)}, the size of its input` : formatShape(output)];
};

/** One line where both axes go the same way. */
function explainWindow({ y, x }: Window): string[] {
  const height = explainAxis(y);
  const width = explainAxis(x);
  return height === width ? [height] : [`height ${height}`, `width ${width}`];
}

function explainAxis(axis: WindowAxis): string {
  const { exact, output } = axis;
  const arithmetic = axisArithmetic(axis);
  if (output === exact) return arithmetic;
  return `${arithmetic}, rounded ${output > exact ? 'up' : 'down'} to ${output}`;
}

function explainField({ y, x }: ReceptiveField): string[] {
  const pair = (height: number, width: number) =>
    height === width ? `${signed(height)}` : `(${signed(height)}, ${signed(width)})`;
  const strides =
    y.stride === x.stride
      ? `${pixels(y.stride)} apart`
      : `${pixels(y.stride)} apart vertically and ${pixels(x.stride)} horizontally`;
  const padding = y.start < 0 || x.start < 0 ? ', in the padding,' : '';
  return [
    `each unit sees ${formatPair({ y: y.size, x: x.size })} pixels of the image`,
    `neighbouring units look ${strides}`,
    `the first unit's view starts at ${pair(y.start, x.start)}${padding} and is centred on ${pair(y.centre, x.centre)}`,
  ];
}

const pixels = (n: number): string => `${n} ${n === 1 ? 'pixel' : 'pixels'}`;

const signed = (value: number): string => String(value).replace('-', '−');
