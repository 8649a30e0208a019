import type { LayerKind } from '../../../src/network/catalogue.js';
import type { Layer } from '../../../src/network/network.js';
import type { Contest, Ready } from '../contest.js';

/** ConvNetJS has no types. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type ConvNetJS = any;

type Make = (convnetjs: ConvNetJS, size: object, layer: Layer) => ConvNetJS;

/** A layer by the name of its constructor, which its sizes are given with its other options. */
const made =
  (type: string, optionsOf: (layer: Layer) => object = () => ({})): Make =>
  (convnetjs, size, layer) =>
    new convnetjs[type]({ ...size, ...optionsOf(layer) });

const window = ({ attributes }: Layer<'conv' | 'maxpool'>) => ({
  sx: attributes?.kernel.x,
  sy: attributes?.kernel.y,
  stride: attributes?.stride.x,
});

/** The kinds of LeNet's layers. */
const makers: { readonly [K in LayerKind]?: Make } = {
  input: made('InputLayer'),
  conv: made('ConvLayer', (layer) => ({
    ...window(layer as Layer<'conv'>),
    filters: (layer as Layer<'conv'>).attributes?.filters,
    pad: 0,
  })),
  maxpool: made('PoolLayer', (layer) => window(layer as Layer<'maxpool'>)),
  relu: made('ReluLayer'),
  fc: made('FullyConnLayer', (layer) => ({ num_neurons: (layer as Layer<'fc'>).attributes?.units })),
};

/** Networks like LeNet, whose layers follow each other. */
export async function prepareConvNetJS(convnetjs: ConvNetJS, contest: Contest): Promise<Ready> {
  const { network, facts, input, weights } = contest;
  const net = new convnetjs.Net();
  // Not by `makeLayers`, which sets biases of its own.
  net.layers = network.layers.map((layer, index) => {
    const make = makers[layer.kind];
    if (!make) throw new Error(`ConvNetJS has no ${layer.kind}`);
    const { height, width, channels } = facts[index]?.inputs[0] ?? input;
    const sizes = ['in', 'out'].map((side) => ({
      [`${side}_sx`]: width,
      [`${side}_sy`]: height,
      [`${side}_depth`]: channels,
    }));
    const result = make(convnetjs, Object.assign({}, ...sizes), layer);
    const { weight, bias } = weights(index);
    const area = facts[index]?.window ? result.sx * result.sy : height * width;
    for (const [filter, volume] of (result.filters ?? []).entries()) {
      // Ours lies [channel][y][x], its own [y][x][channel].
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < area; i++) volume.w[i * channels + c] = weight?.[(filter * channels + c) * area + i];
      result.biases.w[filter] = bias?.[filter] ?? 0;
    }
    return result;
  });
  const volume = new convnetjs.Vol(input.width, input.height, input.channels, 0);
  return {
    async run() {
      volume.w.set(input.data);
      return Float32Array.from(net.forward(volume).w as ArrayLike<number>);
    },
    dispose() {},
  };
}
