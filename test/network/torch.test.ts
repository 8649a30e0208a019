import { describe, expect, test } from 'vitest';
import type { LayerFacts } from '../../src/network/check.js';
import type { Shape } from '../../src/network/shape.js';
import { nets, type TorchLayer, translateModule } from '../torch.js';
import { check } from './build.js';

/** NCHW, or NC after flattening. */
const shapeOf = ([, channels = 0, height = 1, width = 1]: readonly number[]): Shape => ({ height, width, channels });

const isHead = ({ type }: TorchLayer): boolean => ['AdaptiveAvgPool2d', 'Flatten'].includes(type);

describe("PyTorch's networks", () => {
  test.each(nets.map((net) => [net.name, net] as const))('%s', (_, net) => {
    const [, channels = 0, height = 0, width = 0] = (net.layers[0] as TorchLayer).input;
    const { facts, totals } = check(net.layers.map(translateModule), {
      input: [height, width, channels],
      like: 'pytorch',
    });
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
