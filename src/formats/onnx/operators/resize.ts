import { pairOf, Untranslatable } from '../../builder.js';
import { frozenNote, spatial, type Translator } from './operator.js';

export const resize: Translator = (node, net) => {
  const input = spatial(node, net);
  const { dims } = net.activation(node);
  const isOld = node.op === 'Upsample' || net.opset < 11;
  const scales = node.numbers('scales') ?? net.integers(node, isOld ? 1 : 2, 'scales') ?? [];
  const sizes = isOld ? undefined : net.integers(node, 3, 'sizes');
  const [y = 1, x = 1] =
    sizes && sizes.length > 0
      ? [(sizes.at(-2) ?? 0) / input.height, (sizes.at(-1) ?? 0) / input.width]
      : scales.slice(-2);
  if (dims.length !== 3 || !Number.isInteger(y) || !Number.isInteger(x))
    throw new Untranslatable(`it resizes by ${y} and ${x}; the language by whole numbers`);
  const mode = node.text('mode', 'nearest');
  const places = node.text('coordinate_transformation_mode', isOld ? 'asymmetric' : 'half_pixel');
  const rounding = node.text('nearest_mode', isOld ? 'floor' : 'round_prefer_floor');
  const input0 = net.input(node);
  if (mode === 'nearest') {
    const repeats =
      (places === 'asymmetric' && rounding === 'floor') ||
      ((places === 'half_pixel' || places === 'pytorch_half_pixel') && rounding.startsWith('round')) ||
      (places === 'asymmetric' && rounding === 'round_prefer_floor' && y <= 2 && x <= 2);
    if (!repeats) throw new Untranslatable(`nearest, ${places} and ${rounding}: it does not repeat each pixel`);
    net.add(node, 'upsample', { factor: pairOf(y, x), mode: 'nearest' }, [input0]);
  } else if (mode === 'linear' && ['half_pixel', 'pytorch_half_pixel', 'align_corners'].includes(places)) {
    const aligncorners = places === 'align_corners';
    net.add(node, 'upsample', { factor: pairOf(y, x), mode: 'bilinear', aligncorners }, [input0]);
  } else throw new Untranslatable(`mode ${mode}, ${places}`);
  return undefined;
};

export const depthToSpace: Translator = (node, net) => {
  if (node.text('mode', 'DCR') !== 'CRD') throw new Untranslatable('mode DCR deals the channels out in another order');
  net.add(node, 'pixelshuffle', { factor: node.number('blocksize', 0) }, [net.input(node)]);
  return undefined;
};

/** Channel (i·b + j)·C + c is pixel (i, j) of the blocks of channel c: filters of a single 1, which training leaves alone. */
export const spaceToDepth: Translator = (node, net) => {
  const b = node.number('blocksize', 0);
  const { channels } = spatial(node, net);
  const filters = channels * b * b;
  const attributes = { filters, kernel: pairOf(b), stride: pairOf(b), bias: false, frozen: true };
  const index = net.add(node, 'conv', attributes, [net.input(node)]);
  const weight = new Float32Array(filters * channels * b * b);
  for (let filter = 0; filter < filters; filter++) {
    const [block, channel] = [Math.floor(filter / channels), filter % channels];
    weight[(filter * channels + channel) * b * b + block] = 1;
  }
  net.builder.weigh(index, 'weight', weight);
  return frozenNote;
};
