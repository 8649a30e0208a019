import type { LayerKind } from '../../network/catalogue.js';
import { rulesOf } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import type { Layer } from '../../network/network.js';
import type { Shape } from '../../network/shape.js';
import { kernelExtent, type TransposedAxis, type WindowAxis } from '../../network/window.js';
import { isEven, reachOf } from '../code/use.js';
import {
  CannotSay,
  type Exported,
  type ExportedFile,
  type LayerIn,
  type LayerTable,
  type Weights,
  type WriteInput,
  weightName,
  writeLayers,
} from '../format.js';
import { permute } from '../permute.js';
import { encode, type Plain } from '../protobuf/wire.js';
import { printPrototxt } from './print.js';
import { net as netSchema } from './schema.js';

/**
 * Writes a prototxt, and a caffemodel where there are weights. Layers are those of BVLC's Caffe; its conventions are kept:
 * batch normalisation is a BatchNorm and a Scale, and functions of a number work in place.
 */
export function writeCaffe({ checked, weights, fileName }: WriteInput): Exported {
  const { network } = checked;
  const writer = new NetWriter(network.layers, weights, rulesOf(network.framework).flattenOrder === 'HWC');
  const rules = rulesOf(network.framework);
  writeLayers('Caffe', checked, tableOf(writer, rules.momentumMeans === 'keep', rules.lrnDividesBySize));
  const net = { name: network.name, layer: writer.layers.map(({ blobs: _, ...layer }) => layer) };
  const printed = printPrototxt(net, netSchema);
  const files: ExportedFile[] = [{ name: `${fileName}.prototxt`, content: printed.text }];
  if (weights)
    files.push({
      name: `${fileName}.caffemodel`,
      content: encode({ name: network.name, layer: writer.layers }, netSchema),
    });
  const map = printed.lines.flatMap((line, i) => {
    const layer = writer.madeOf[i];
    return layer === undefined ? [] : [{ line, layer }];
  });
  return { files, map };
}

type AnyLayer = Pick<LayerIn<LayerKind>, 'index' | 'facts' | 'inputs' | 'output'> & {
  readonly layer: Pick<Layer, 'name' | 'inputs'>;
};

interface Blob {
  readonly name: string;
  readonly shape: Shape;
  /** Two axes, batch and channels, as InnerProduct makes them; else four. */
  readonly isFlat: boolean;
}

class NetWriter {
  readonly layers: Plain[] = [];
  /** The layer of the network that each of them belongs to. */
  readonly madeOf: number[] = [];
  readonly blobs: (Blob | undefined)[] = [];
  private readonly readers: readonly number[];
  private readonly names = new Set<string>();

  constructor(
    readonly network: readonly Layer[],
    private readonly weights: Weights | undefined,
    readonly readsRowsFirst: boolean,
  ) {
    this.readers = network.map((_, index) => network.filter(({ inputs }) => inputs.includes(index)).length);
  }

  unique(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.names.has(name); n++) name = `${wanted}_${n}`;
    this.names.add(name);
    return name;
  }

  append({ index }: AnyLayer, layer: Plain): void {
    this.layers.push(layer);
    this.madeOf.push(index);
  }

  /** Of a layer that was refused there is none: the others are still looked at. */
  blobOf(index = 0): Blob {
    return this.blobs[index] ?? { name: '', shape: { height: 1, width: 1, channels: 1 }, isFlat: false };
  }

  /** What a layer reads, with four axes (or two) where it has the others. */
  read(of: AnyLayer, place = 0, isFlat?: boolean): string {
    const blob = this.blobOf(of.layer.inputs[place]);
    if (isFlat === undefined || isFlat === blob.isFlat) return blob.name;
    const name = this.unique(`${of.layer.name}_${isFlat ? 'flat' : 'volume'}`);
    const { channels, height, width } = blob.shape;
    this.append(
      of,
      isFlat
        ? { name, type: 'Flatten', bottom: [blob.name], top: [name] }
        : {
            name,
            type: 'Reshape',
            bottom: [blob.name],
            top: [name],
            reshape_param: { shape: { dim: [0, channels, height, width] } },
          },
    );
    return name;
  }

  isFlat({ layer: { inputs } }: AnyLayer): boolean {
    return inputs.every((source) => this.blobOf(source).isFlat);
  }

  /** Adds a Caffe layer that makes the output of one of ours. */
  put(of: AnyLayer, type: string, bottom: readonly string[], rest: Plain = {}, isFlat = false): void {
    const name = this.unique(of.layer.name);
    this.append(of, { name, type, bottom, top: [name], ...rest });
    this.blobs[of.index] = { name, shape: of.output, isFlat };
  }

  /**
   * Adds a Caffe layer that makes more rows and columns than are wanted of one of ours, and what cuts them off: Slice, which
   * needs no other blob for its size as Crop does.
   */
  putCut(of: AnyLayer, type: string, bottom: string, rest: Plain, { y, x }: { y: EvenAxis; x: EvenAxis }): void {
    this.put(of, type, [bottom], rest);
    this.cut(of, this.blobOf(of.index).name, y, x);
  }

  /** Keeps of a blob the rows and columns that a layer is to make. */
  cut(of: AnyLayer, bottom: string, y: Omit<EvenAxis, 'pad'>, x: Omit<EvenAxis, 'pad'>): void {
    const { height, width } = of.output;
    let from = bottom;
    for (const [axis, part, { made, skip }, length] of [
      [2, 'rows', y, height],
      [3, 'columns', x, width],
    ] as const) {
      if (made === length) continue;
      const name = this.unique(`${of.layer.name}_${part}`);
      const ends = [skip, skip + length, made].filter((end, i, all) => end > (all[i - 1] ?? 0));
      const top = ends.map((end) => (end === skip + length ? name : this.unique(`${name}_cut`)));
      const slice_param = { axis, slice_point: ends.slice(0, -1) };
      this.append(of, { name, type: 'Slice', bottom: [from], top, slice_param });
      const silent = top.filter((other) => other !== name);
      this.append(of, { name: this.unique(`${name}_silence`), type: 'Silence', bottom: silent });
      from = name;
    }
    this.blobs[of.index] = { name: from, shape: of.output, isFlat: false };
  }

  /** The same, writing over its input where nothing else reads that. */
  inPlace(of: AnyLayer, type: string, rest: Plain = {}): void {
    const [source = 0] = of.layer.inputs;
    const { name: bottom, isFlat } = this.blobOf(source);
    const name = this.unique(of.layer.name);
    const isLast = this.readers[source] === 1 && this.network[source]?.kind !== 'input';
    const top = isLast ? bottom : name;
    this.append(of, { name, type, bottom: [bottom], top: [top], ...rest });
    this.blobs[of.index] = { name: top, shape: of.output, isFlat };
  }

  /** The trained values of a layer, where they are known; `frozen` ones learn at rate 0. */
  trained(of: AnyLayer, names: readonly string[], turn?: (values: Float32Array) => Float32Array): Plain {
    const blobs = names.map((weight, at): Plain | undefined => {
      const tensor = this.weights?.get(weightName(of.layer.name, weight));
      if (!tensor) return undefined;
      return { data: at === 0 && turn ? turn(tensor.values) : tensor.values, shape: { dim: tensor.shape } };
    });
    return {
      ...(of.facts.frozen && { param: names.map(() => ({ lr_mult: 0 })) }),
      ...(blobs.every((blob) => blob !== undefined) && names.length > 0 && { blobs: blobs as readonly Plain[] }),
    };
  }

  /** Weights that are all one number, where weights are written at all. */
  constant(dim: readonly number[], value: number): Plain {
    const size = dim.reduce((product, length) => product * length, 1);
    return this.weights ? { blobs: [{ data: new Float32Array(size).fill(value), shape: { dim } }] } : {};
  }

  weight({ layer }: AnyLayer, weight: string): Float32Array | undefined {
    return this.weights?.get(weightName(layer.name, weight))?.values;
  }
}

/** `field: 3`, or `field_h` and `field_w` where they differ. */
const pair = (field: string, y: number, x: number, byDefault?: number, short = field): Plain => {
  if (y === x) return y === byDefault ? {} : { [field]: y };
  return { [`${short}_h`]: y, [`${short}_w`]: x };
};

/** An axis padded on both sides alike: how many outputs are then made, and which of them is the first that is wanted. */
interface EvenAxis {
  readonly pad: number;
  readonly made: number;
  readonly skip: number;
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

const convolved = (axis: WindowAxis): EvenAxis =>
  evened(
    axis,
    (pad) => Math.floor((axis.input + 2 * pad - kernelExtent(axis.kernel, axis.dilation)) / axis.stride) + 1,
  );

/** Caffe's own rounding of a pool: up, without a last window that begins in the padding. */
function poolOutput({ input, kernel, stride }: WindowAxis, pad: number, isPadded: boolean): number {
  const output = Math.ceil((input + 2 * pad - kernel) / stride) + 1;
  return isPadded && (output - 1) * stride >= input + pad ? output - 1 : output;
}

function pooling(layer: LayerIn<'maxpool'> | LayerIn<'avgpool'>, method: 'MAX' | 'AVE') {
  const { window } = layer.facts;
  if (!window) throw new CannotSay('its window is not known');
  const axes = [window.y, window.x];
  const isPadded = axes.some(({ before }) => before > 0);
  const isUp = axes.every((axis) => poolOutput(axis, axis.before, isPadded) === axis.output);
  const isDown = !isUp && axes.every(isEven);
  if (!isUp && !isDown && method === 'AVE') throw new CannotSay('Caffe pads both sides alike, and rounds up or down');
  const [y, x] = [window.y, window.x].map((axis) =>
    isUp || isDown
      ? { pad: axis.before, made: axis.output, skip: 0 }
      : evened(axis, (pad) => poolOutput(axis, pad, true)),
  ) as [EvenAxis, EvenAxis];
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
function stamped({ input, stride, kernel, dilation, before, after, extra, output }: TransposedAxis): EvenAxis {
  if (extra > after) throw new CannotSay('Caffe adds no rows or columns behind what is stamped');
  const pad = Math.min(before, after - extra);
  const made = (input - 1) * stride + kernelExtent(kernel, dilation) - 2 * pad;
  if (made < before - pad + output) throw new CannotSay('Caffe adds no rows or columns behind what is stamped');
  return { pad, made, skip: before - pad };
}

/** An average over the zeros of the padding, but not over what lies beyond it. */
function requireCaffesAverage({ facts: { window }, attributes }: LayerIn<'avgpool'>): void {
  const axes = window ? [window.y, window.x] : [];
  const isPadded = axes.some(({ before, after }) => before + after > 0);
  if (isPadded && !attributes.countpad) throw new CannotSay('Caffe counts the padding in an average');
  if (axes.some((axis) => axis.before !== axis.after && axis.before + reachOf(axis).after > 0))
    throw new CannotSay('Caffe pads both sides alike');
}

const NO_LAYER = 'Caffe has no such layer';

function tableOf(net: NetWriter, keeps: boolean, dividesBySize: boolean): LayerTable<void> {
  const convolution = (layer: LayerIn<'conv'> | LayerIn<'depthwise'>, filters: number, group: number) => {
    const { window } = layer.facts;
    if (!window) throw new CannotSay('its window is not known');
    const { kernel, stride, dilation, bias } = layer.attributes;
    if (dilation.y !== dilation.x) throw new CannotSay("Caffe's text has one dilation for both axes here");
    const [y, x] = [convolved(window.y), convolved(window.x)];
    const convolution_param = {
      num_output: filters,
      ...(!bias && { bias_term: false }),
      ...pair('pad', y.pad, x.pad, 0),
      ...pair('kernel_size', kernel.y, kernel.x, undefined, 'kernel'),
      ...(group > 1 && { group }),
      ...pair('stride', stride.y, stride.x, 1),
      ...(dilation.y > 1 && { dilation: dilation.y }),
    };
    const trained = net.trained(layer, bias ? ['weight', 'bias'] : ['weight']);
    net.putCut(layer, 'Convolution', net.read(layer, 0, false), { convolution_param, ...trained }, { y, x });
  };
  const global = (pool: 'MAX' | 'AVE') => (layer: AnyLayer) =>
    net.put(layer, 'Pooling', [net.read(layer, 0, false)], { pooling_param: { pool, global_pooling: true } });
  const plain = (type: string) => (layer: AnyLayer) => net.inPlace(layer, type);
  const bottoms = (layer: AnyLayer, isFlat: boolean) =>
    layer.layer.inputs.map((_, place) => net.read(layer, place, isFlat));
  const eltwise = (operation: string) => (layer: AnyLayer) => {
    const isFlat = net.isFlat(layer);
    const rest = operation === 'SUM' ? {} : { eltwise_param: { operation } };
    net.put(layer, 'Eltwise', bottoms(layer, isFlat), rest, isFlat);
  };

  return {
    input: (layer) => {
      const { channels, height, width } = layer.output;
      const name = net.unique(layer.layer.name);
      net.append(layer, {
        name,
        type: 'Input',
        top: [name],
        input_param: { shape: { dim: [1, channels, height, width] } },
      });
      net.blobs[layer.index] = { name, shape: layer.output, isFlat: false };
    },
    conv: (layer) => convolution(layer, layer.attributes.filters, layer.attributes.groups),
    depthwise: (layer) => convolution(layer, layer.output.channels, layer.inputs[0]?.channels ?? 1),
    convtranspose: (layer) => {
      const { transposed } = layer.facts;
      const { filters, kernel, stride, dilation, groups, bias } = layer.attributes;
      if (!transposed) throw new CannotSay('its window is not known');
      const [y, x] = [stamped(transposed.y), stamped(transposed.x)];
      if (dilation.y !== dilation.x) throw new CannotSay("Caffe's text has one dilation for both axes here");
      const convolution_param = {
        num_output: filters,
        ...(!bias && { bias_term: false }),
        ...pair('pad', y.pad, x.pad, 0),
        ...pair('kernel_size', kernel.y, kernel.x, undefined, 'kernel'),
        ...(groups > 1 && { group: groups }),
        ...pair('stride', stride.y, stride.x, 1),
        ...(dilation.y > 1 && { dilation: dilation.y }),
      };
      const trained = net.trained(layer, bias ? ['weight', 'bias'] : ['weight']);
      net.putCut(layer, 'Deconvolution', net.read(layer, 0, false), { convolution_param, ...trained }, { y, x });
    },
    maxpool: (layer) => {
      const { dilation } = layer.attributes;
      if (dilation.y * dilation.x > 1) throw new CannotSay('Caffe has no dilated pooling');
      const { pooling_param, ...axes } = pooling(layer, 'MAX');
      net.putCut(layer, 'Pooling', net.read(layer, 0, false), { pooling_param }, axes);
    },
    avgpool: (layer) => {
      requireCaffesAverage(layer);
      const { pooling_param } = pooling(layer, 'AVE');
      net.put(layer, 'Pooling', [net.read(layer, 0, false)], { pooling_param });
    },
    globalmaxpool: global('MAX'),
    globalavgpool: global('AVE'),
    adaptiveavgpool: (layer) => {
      const [input] = layer.inputs;
      const { size } = layer.attributes;
      const [y, x] = [(input?.height ?? 0) / size.y, (input?.width ?? 0) / size.x];
      if (!Number.isInteger(y) || !Number.isInteger(x))
        throw new CannotSay(`${input?.height}×${input?.width} does not divide into ${size.y}×${size.x} equal windows`);
      if (size.y === 1 && size.x === 1) return global('AVE')(layer);
      const pooling_param = {
        pool: 'AVE',
        ...pair('kernel_size', y, x, undefined, 'kernel'),
        ...pair('stride', y, x, 1),
      };
      net.put(layer, 'Pooling', [net.read(layer, 0, false)], { pooling_param });
    },
    fc: (layer) => {
      const { units, bias } = layer.attributes;
      const [input] = layer.inputs;
      // Caffe reads a volume as channels, height, width.
      const turns = net.readsRowsFirst && input && input.height * input.width > 1;
      const turn = (values: Float32Array) =>
        permute(values, [units, input?.height ?? 1, input?.width ?? 1, input?.channels ?? 1], [0, 3, 1, 2]);
      net.put(
        layer,
        'InnerProduct',
        [net.read(layer)],
        {
          inner_product_param: { num_output: units, ...(!bias && { bias_term: false }) },
          ...net.trained(layer, bias ? ['weight', 'bias'] : ['weight'], turns ? turn : undefined),
        },
        true,
      );
    },
    relu: plain('ReLU'),
    leakyrelu: (layer) => net.inPlace(layer, 'ReLU', { relu_param: { negative_slope: layer.attributes.alpha } }),
    prelu: (layer) => {
      const { shared } = layer.attributes;
      net.inPlace(layer, 'PReLU', {
        ...(shared && { prelu_param: { channel_shared: true } }),
        ...net.trained(layer, ['weight']),
      });
    },
    elu: (layer) => net.inPlace(layer, 'ELU', { elu_param: { alpha: layer.attributes.alpha } }),
    gelu: NO_LAYER,
    silu: NO_LAYER,
    softsign: NO_LAYER,
    hardswish: NO_LAYER,
    hardsigmoid: NO_LAYER,
    relu6: (layer) => net.inPlace(layer, 'Clip', { clip_param: { min: 0, max: 6 } }),
    softplus: (layer) => {
      if (layer.attributes.beta !== 1) throw new CannotSay("Caffe's BNLL has no beta");
      net.inPlace(layer, 'BNLL');
    },
    mish: NO_LAYER,
    sigmoid: plain('Sigmoid'),
    tanh: plain('TanH'),
    sign: NO_LAYER,
    softmax: (layer) => net.put(layer, 'Softmax', [net.read(layer)], {}, net.isFlat(layer)),
    logsoftmax: NO_LAYER,
    batchnorm: (layer) => {
      const { epsilon, momentum, affine } = layer.attributes;
      const kept = keeps ? momentum : Number((1 - momentum).toPrecision(12));
      const [mean, variance] = [net.weight(layer, 'running_mean'), net.weight(layer, 'running_var')];
      const dim = [layer.output.channels];
      const blobs = mean &&
        variance && [
          { data: mean, shape: { dim } },
          { data: variance, shape: { dim } },
          { data: Float32Array.of(1), shape: { dim: [1] } },
        ];
      const batch_norm_param = {
        ...(kept !== 0.999 && { moving_average_fraction: kept }),
        ...(epsilon !== 1e-5 && { eps: epsilon }),
      };
      net.inPlace(layer, 'BatchNorm', {
        ...(Object.keys(batch_norm_param).length > 0 && { batch_norm_param }),
        ...(blobs && { blobs }),
      });
      if (!affine) return;
      const { name } = net.blobOf(layer.index);
      net.append(layer, {
        name: net.unique(`${layer.layer.name}_scale`),
        type: 'Scale',
        bottom: [name],
        top: [name],
        scale_param: { bias_term: true },
        ...net.trained(layer, ['weight', 'bias']),
      });
    },
    layernorm: NO_LAYER,
    groupnorm: NO_LAYER,
    instancenorm: NO_LAYER,
    lrn: (layer) => {
      const { size, alpha, beta, k, region } = layer.attributes;
      if (size % 2 === 0) throw new CannotSay('Caffe takes an odd number of neighbours');
      const scale = dividesBySize || region === 'within' ? alpha : alpha * size;
      net.put(layer, 'LRN', [net.read(layer, 0, false)], {
        lrn_param: {
          local_size: size,
          alpha: scale,
          beta,
          ...(region === 'within' && { norm_region: 'WITHIN_CHANNEL' }),
          ...(k !== 1 && { k }),
        },
      });
    },
    dropout: (layer) => net.inPlace(layer, 'Dropout', { dropout_param: { dropout_ratio: layer.attributes.rate } }),
    flatten: (layer) => {
      const [input] = layer.inputs;
      if (net.readsRowsFirst && input && input.height * input.width > 1)
        throw new CannotSay('Caffe flattens as channels, height, width');
      net.put(layer, 'Flatten', [net.read(layer)], {}, true);
    },
    reshape: (layer) => {
      if (net.readsRowsFirst) throw new CannotSay('Caffe reshapes as channels, height, width');
      const { channels, height, width } = layer.output;
      const reshape_param = { shape: { dim: [0, channels, height, width] } };
      net.put(layer, 'Reshape', [net.read(layer)], { reshape_param });
    },
    pad: (layer) => {
      const [input] = layer.inputs;
      const { amount, mode } = layer.attributes;
      if (mode !== 'zeros') throw new CannotSay('Caffe pads with zeros only');
      const { top, right, bottom, left } = amount;
      const [y, x] = [Math.max(top, bottom), Math.max(left, right)];
      const { channels = 1, height = 1, width = 1 } = input ?? {};
      // A filter of a 1 a channel pads as a convolution does.
      const convolution_param = {
        num_output: channels,
        bias_term: false,
        ...pair('pad', y, x, 0),
        kernel_size: 1,
        ...(channels > 1 && { group: channels }),
        weight_filler: { type: 'constant', value: 1 },
      };
      net.putCut(
        layer,
        'Convolution',
        net.read(layer, 0, false),
        { param: [{ lr_mult: 0 }], convolution_param, ...net.constant([channels, 1, 1, 1], 1) },
        {
          y: { pad: y, made: height + 2 * y, skip: y - top },
          x: { pad: x, made: width + 2 * x, skip: x - left },
        },
      );
    },
    crop: (layer) => {
      const [input] = layer.inputs;
      if (!input) throw new CannotSay('its input is not known');
      const { height, width } = layer.output;
      // Crop takes its size from another blob.
      const like = net.blobs.find(
        (blob) => blob && !blob.isFlat && blob.shape.height === height && blob.shape.width === width,
      );
      const { top, left } = cropAmounts(input, layer.attributes);
      if (!like) {
        const [y, x] = [
          { made: input.height, skip: -top },
          { made: input.width, skip: -left },
        ];
        net.cut(layer, net.read(layer, 0, false), y, x);
        return;
      }
      const offset = top === left ? [-top] : [-top, -left];
      net.put(layer, 'Crop', [net.read(layer, 0, false), like.name], { crop_param: { axis: 2, offset } });
    },
    slice: (layer) => {
      const [source = 0] = layer.layer.inputs;
      const { channels = 0 } = layer.inputs[0] ?? {};
      const parts = net.network.flatMap((other, index) =>
        other.kind === 'slice' && other.inputs[0] === source && other.attributes
          ? [
              {
                index,
                start: other.attributes.start,
                end: other.attributes.start + (other.attributes.count ?? channels - other.attributes.start),
              },
            ]
          : [],
      );
      parts.sort((a, b) => a.start - b.start);
      const isWhole =
        parts.every(({ start }, i) => start === (parts[i - 1]?.end ?? 0)) && parts.at(-1)?.end === channels;
      if (!isWhole)
        throw new CannotSay("Caffe's Slice gives all parts of its input, and here some are not read, or twice");
      if (net.blobs[layer.index]) return;
      const bottom = net.read(layer);
      const tops = parts.map(({ index }) => net.unique(net.network[index]?.name ?? 'slice'));
      const slice_point = parts.slice(1).map(({ start }) => start);
      const name = net.unique(`${net.network[source]?.name}_slice`);
      net.append(layer, { name, type: 'Slice', bottom: [bottom], top: tops, slice_param: { slice_point } });
      for (const [i, { index, start, end }] of parts.entries())
        net.blobs[index] = {
          name: tops[i] as string,
          shape: { ...layer.output, channels: end - start },
          isFlat: net.isFlat(layer),
        };
    },
    upsample: 'Caffe enlarges by a Deconvolution only: a convtranspose with such weights, frozen, is one',
    channelshuffle: NO_LAYER,
    pixelshuffle: NO_LAYER,
    add: eltwise('SUM'),
    concat: (layer) => {
      const isFlat = net.isFlat(layer);
      net.put(layer, 'Concat', bottoms(layer, isFlat), {}, isFlat);
    },
    multiply: (layer) => {
      const [volume, factors] = layer.inputs;
      const isScale = volume && factors && volume.height * volume.width > factors.height * factors.width;
      if (!isScale) return eltwise('PROD')(layer);
      if (layer.inputs.length > 2 || factors.height * factors.width > 1)
        throw new CannotSay('Caffe multiplies volumes of one size, or one by a number a channel');
      const bottom = [net.read(layer, 0, false), net.read(layer, 1, true)];
      net.put(layer, 'Scale', bottom, { scale_param: { axis: 0 } });
    },
    max: eltwise('MAX'),
    gaussian: NO_LAYER,
    gabor: NO_LAYER,
    sobel: NO_LAYER,
    hog: NO_LAYER,
  };
}
