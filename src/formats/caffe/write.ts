import { rulesOf } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import {
  CannotSay,
  type Exported,
  type ExportedFile,
  type LayerIn,
  type LayerTable,
  type WriteInput,
  writeLayers,
} from '../format.js';
import { permute } from '../permute.js';
import { encode } from '../protobuf/wire.js';
import { convolved, type EvenAxes, evenAxes, pair, pooling, requireCaffesAverage, stamped } from './even.js';
import { printPrototxt } from './print.js';
import { net as netSchema } from './schema.js';
import { type AnyLayer, NetWriter } from './writer.js';

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

const NO_LAYER = 'Caffe has no such layer';

function tableOf(net: NetWriter, keeps: boolean, dividesBySize: boolean): LayerTable<void> {
  const convolution = (
    layer: LayerIn<'conv'> | LayerIn<'depthwise'> | LayerIn<'convtranspose'>,
    type: 'Convolution' | 'Deconvolution',
    filters: number,
    group: number,
    axes: EvenAxes,
  ) => {
    const { kernel, stride, dilation, bias } = layer.attributes;
    if (dilation.y !== dilation.x) throw new CannotSay("Caffe's text has one dilation for both axes here");
    const convolution_param = {
      num_output: filters,
      ...(!bias && { bias_term: false }),
      ...pair('pad', axes.y.pad, axes.x.pad, 0),
      ...pair('kernel_size', kernel.y, kernel.x, undefined, 'kernel'),
      ...(group > 1 && { group }),
      ...pair('stride', stride.y, stride.x, 1),
      ...(dilation.y > 1 && { dilation: dilation.y }),
    };
    const trained = net.trained(layer, bias ? ['weight', 'bias'] : ['weight']);
    net.putCut(layer, type, net.read(layer, 0, false), { convolution_param, ...trained }, axes);
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
    conv: (layer) => {
      const { filters, groups } = layer.attributes;
      convolution(layer, 'Convolution', filters, groups, evenAxes(layer.facts.window, convolved));
    },
    depthwise: (layer) => {
      const group = layer.inputs[0]?.channels ?? 1;
      convolution(layer, 'Convolution', layer.output.channels, group, evenAxes(layer.facts.window, convolved));
    },
    convtranspose: (layer) => {
      const { filters, groups } = layer.attributes;
      convolution(layer, 'Deconvolution', filters, groups, evenAxes(layer.facts.transposed, stamped));
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
