import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { AnalysedNetwork } from '../../src/language/index.js';
import { type Shape, volumeOf } from '../../src/network/shape.js';

/**
 * Published networks as other programs measure them, in ../shared/oracles, and how they are compared with ours.
 *
 * Compared are the layers that have parameters or a sliding window: convolutions, fully connected layers, batch
 * normalisations and pools, each by its kind, kernel, stride, input, output, parameters and MACs, in the order of
 * execution. What the programs write differently is brought to one form: a filter over its whole input is a fully
 * connected layer, whose input is so many numbers; a pool over its whole input is a global one and not listed, as
 * torchvision's are; Caffe's BatchNorm and Scale are one batch normalisation. Activations, dropout and merges, which are
 * functions without a module in torchvision, show in the sizes of what follows.
 */

const folder = new URL('../../../shared/oracles/', import.meta.url);

/** Whether the oracles are on this machine; they are not part of the project. */
export const oraclesArePresent = existsSync(folder);
export const oraclesFolder = folder.pathname;

interface Measured {
  readonly params: number;
  readonly macs: number;
}

interface Windowed extends Measured {
  readonly kind: 'conv' | 'pool';
  readonly input: Shape;
  readonly output: Shape;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
}

const count = ({ params, macs }: Measured): string => `${params} params, ${macs} MACs`;
const size = ({ height, width, channels }: Shape): string => `${height}x${width}x${channels}`;

const fc = (input: Shape, output: Shape, measured: Measured): string =>
  `fc ${volumeOf(input)} → ${volumeOf(output)}, ${count(measured)}`;

const batchnorm = (of: Shape, params: number): string => `batchnorm ${size(of)}, ${params} params`;

function windowed({ kind, input, output, kernel, stride, ...measured }: Windowed): readonly string[] {
  if (kernel[0] === input.height && kernel[1] === input.width && output.height === 1 && output.width === 1)
    return kind === 'pool' ? [] : [fc(input, output, measured)];
  return [
    `${kind} ${kernel.join('x')} stride ${stride.join('x')}: ${size(input)} → ${size(output)}, ${count(measured)}`,
  ];
}

/** The layers of a network of ours. */
export function layersOf({ network, checked }: AnalysedNetwork): readonly string[] {
  return network.layers.flatMap(({ kind }, at) => {
    const facts = checked.facts[at];
    const input = facts?.inputs[0];
    if (!facts || !input || !facts.output) return [];
    const { output, window, params, macs } = facts;
    const measured = { params: params ?? 0, macs: macs ?? 0 };
    if (kind === 'fc') return [fc(input, output, measured)];
    if (kind === 'batchnorm') return [batchnorm(output, measured.params)];
    if (!window) return [];
    const { y, x } = window;
    return windowed({
      kind: kind === 'conv' || kind === 'depthwise' ? 'conv' : 'pool',
      input,
      output,
      kernel: [y.kernel, x.kernel],
      stride: [y.stride, x.stride],
      ...measured,
    });
  });
}

const readJson = <T>(path: string): T =>
  JSON.parse(gunzipSync(readFileSync(new URL(path, folder))).toString('utf8')) as T;

type Pair = readonly [number, number];

/** NCHW, or NC, for one picture. */
const shapeOf = ([, channels = 0, height = 1, width = 1]: readonly number[]): Shape => ({ height, width, channels });

const pairOf = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);

interface Leaf extends Measured {
  readonly type: string;
  readonly hp: { readonly kernel_size: number | Pair; readonly stride: number | Pair };
  readonly input: readonly number[];
  readonly output: readonly number[];
}

/** The leaf modules of a torchvision model. */
export const torchvisionLayers = (model: string): readonly string[] =>
  readJson<{ readonly leaves: readonly Leaf[] }>(`torchvision/${model}.json.gz`).leaves.flatMap(
    ({ type, hp, params, macs, ...shapes }) => {
      const input = shapeOf(shapes.input);
      const output = shapeOf(shapes.output);
      const slide = (kind: Windowed['kind']) =>
        windowed({ kind, input, output, kernel: pairOf(hp.kernel_size), stride: pairOf(hp.stride), params, macs });
      switch (type) {
        case 'Conv2d':
          return slide('conv');
        case 'MaxPool2d':
        case 'AvgPool2d':
          return slide('pool');
        case 'BatchNorm2d':
          return [batchnorm(output, params)];
        case 'Linear':
          return [fc(input, output, { params, macs })];
        default:
          return [];
      }
    },
  );

interface CaffeLayer extends Measured {
  readonly type: string;
  readonly in_shapes: readonly (readonly number[])[];
  readonly out_shapes: readonly (readonly number[])[];
  readonly hp: { readonly kernel: Pair; readonly stride: Pair } | null;
}

/** The layers of a prototxt, measured by Caffe's rules; the MACs of its whole batch are divided by its size. */
export const caffeLayers = (prototxt: string): readonly string[] =>
  readJson<{ readonly layers: readonly CaffeLayer[] }>(`prototxt/${prototxt}.prototxt.truth.json.gz`).layers.flatMap(
    ({ type, hp, params, ...layer }) => {
      const [from = [], to = []] = [layer.in_shapes[0], layer.out_shapes[0]];
      const input = shapeOf(from);
      const output = shapeOf(to);
      const macs = layer.macs / (to[0] ?? 1);
      if (type === 'InnerProduct') return [fc(input, output, { params, macs })];
      if (type === 'Scale') return [batchnorm(output, params)];
      if (!hp || (type !== 'Convolution' && type !== 'Pooling')) return [];
      const kind = type === 'Convolution' ? 'conv' : 'pool';
      return windowed({ kind, input, output, kernel: hp.kernel, stride: hp.stride, params, macs });
    },
  );

/** The rows of published-counts.csv. */
export interface PublishedRow {
  readonly framework: string;
  readonly model: string;
  readonly params: number;
  readonly macs: number;
}

export function publishedRows(): readonly PublishedRow[] {
  const [header = '', ...lines] = readFileSync(new URL('published-counts.csv', folder), 'utf8').trim().split('\n');
  const columns = header.split(',');
  return lines.map((line) => {
    // A cell with commas stands in quotes; none has quotes within.
    const cells = [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    return {
      framework: cell('framework'),
      model: cell('model'),
      params: Number(cell('params')),
      macs: Number(cell('macs_total')),
    };
  });
}
