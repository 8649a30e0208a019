import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LayerFacts } from '../../src/network/check.js';
import type { Shape } from '../../src/network/shape.js';
import { check, type Line } from './build.js';

/** Small networks whose sizes and counts PyTorch 1.13 computed, their receptive fields measured by gradient support. */
interface TorchNet {
  readonly name: string;
  readonly layers: readonly TorchLayer[];
  readonly total_params: number;
  readonly total_macs: number;
  readonly receptive_field_before_head: {
    readonly size: readonly number[];
    readonly jump: readonly number[];
    readonly start_of_unit0: readonly number[];
  };
}

interface TorchLayer {
  readonly type: string;
  readonly hp: Readonly<Record<string, unknown>>;
  readonly output: readonly number[];
  readonly params: number;
  readonly macs: number;
}

const places = ['test/fixtures/torch/index.json', '../shared/oracles/torch/index.json'];
const file = places.map((place) => join(process.cwd(), place)).find((place) => existsSync(place));
if (!file) console.warn(`Not run: PyTorch's networks are in none of ${places.join(', ')}`);
const nets: readonly TorchNet[] = file ? JSON.parse(readFileSync(file, 'utf8')).nets : [];

const fitOf = ({ ceil_mode }: TorchLayer['hp']) => ({ fit: ceil_mode ? 'ceil' : 'floor' });

const pool = ({ hp }: TorchLayer) => ({ kernel: hp.kernel_size, stride: hp.stride, pad: hp.padding, ...fitOf(hp) });

const translations: Readonly<Record<string, (layer: TorchLayer) => Line>> = {
  Conv2d: ({ hp }) => [
    'conv',
    {
      filters: hp.out_channels,
      kernel: hp.kernel_size,
      stride: hp.stride,
      pad: hp.padding,
      dilation: hp.dilation,
      groups: hp.groups,
      bias: hp.bias,
    },
  ],
  Linear: ({ hp }) => ['fc', { units: hp.out_features, bias: hp.bias }],
  MaxPool2d: (layer) => ['maxpool', { ...pool(layer), dilation: layer.hp.dilation }],
  AvgPool2d: (layer) => ['avgpool', { ...pool(layer), countpad: layer.hp.count_include_pad }],
  // All of them are to 1×1.
  AdaptiveAvgPool2d: () => 'globalavgpool',
  BatchNorm2d: () => 'batchnorm',
  LocalResponseNorm: ({ hp }) => ['lrn', { size: hp.size }],
  ReLU: () => 'relu',
  LeakyReLU: ({ hp }) => ['leakyrelu', { alpha: hp.negative_slope }],
  Tanh: () => 'tanh',
  Flatten: () => 'flatten',
};

const translate = (layer: TorchLayer): Line => {
  const line = translations[layer.type]?.(layer);
  if (!line) throw new Error(`no translation of ${layer.type}`);
  return line;
};

/** NCHW, or NC after flattening. */
const shapeOf = ([, channels = 0, height = 1, width = 1]: readonly number[]): Shape => ({ height, width, channels });

const isHead = ({ type }: TorchLayer): boolean => ['AdaptiveAvgPool2d', 'Flatten'].includes(type);

describe.skipIf(!file)("PyTorch's networks", () => {
  test.each(nets.map((net) => [net.name, net] as const))('%s', (_, net) => {
    const [, channels = 0, height = 0, width = 0] = (net.layers[0] as TorchLayer & { input: number[] }).input;
    const { facts, totals } = check(net.layers.map(translate), { input: [height, width, channels], like: 'pytorch' });
    expect(facts.slice(1).map(({ output, params, macs }) => ({ output, params, macs }))).toEqual(
      net.layers.map(({ output, params, macs }) => ({ output: shapeOf(output), params, macs })),
    );
    expect(totals).toMatchObject({ params: net.total_params, macs: net.total_macs });

    const head = net.layers.findIndex(isHead);
    // Facts count the input, so that the layer before the head is the one at the head's own index.
    const field = (facts.at(head) as LayerFacts).field;
    const { size, jump, start_of_unit0: start } = net.receptive_field_before_head;
    expect(field).toMatchObject({
      y: { size: size[0], stride: jump[0], start: start[0] },
      x: { size: size[1], stride: jump[1], start: start[1] },
    });
  });
});
