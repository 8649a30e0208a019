import { expect, test } from 'vitest';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { checkNetwork } from '../../../src/network/check.js';
import { volumeOf as sizeOf } from '../../../src/network/shape.js';
import { describeOracles, namedOracle, readOracleJson } from '../oracles.js';

interface Entry {
  readonly model: string;
  readonly json: string;
  readonly total_macs: number;
  readonly onnx: readonly {
    readonly file: string;
    readonly variant: string;
    readonly float_initializer_elements: number;
  }[];
}

interface Leaf {
  readonly type: string;
  readonly params: number;
  readonly hp: { readonly bias?: boolean; readonly out_channels?: number; readonly num_features?: number };
}

/** Batch, then what the language has as a volume; ConvNeXt turns some round, channels last. */
const volumeOf = (dims: readonly number[], channelsLast: boolean): readonly number[] => {
  const [a = 1, b = 1, c = 1] = dims.slice(1);
  return channelsLast ? [c, a, b] : [a, b, c];
};

describeOracles("torchvision's models", () => {
  const index: readonly Entry[] = readOracleJson('torchvision/index.json');
  const files = index.flatMap(({ onnx, ...entry }) => onnx.map((file) => ({ ...entry, ...file })));
  test.each(files)('$file', ({ file, variant, json, total_macs }) => {
    const { network, report } = readOnnx([namedOracle(`torchvision/${file}`)]);
    const unsupported = report.filter(({ fidelity }) => fidelity === 'unsupported');
    expect(unsupported).toEqual([]);
    const { facts, totals } = checkNetwork(network);
    const shapes: Readonly<Record<string, readonly number[]>> = readOracleJson(
      `torchvision/${file.replace('.gz', '')}.shapes.json.gz`,
    );
    let compared = 0;
    for (const { name, layers } of report) {
      const truth = shapes[`${name}_output_0`];
      const output = facts[layers.at(-1) ?? -1]?.output;
      if (!truth || !output || truth.length > 4) continue;
      const channelsLast = file.startsWith('convnext') && truth[1] === truth[2] && truth.length === 4;
      expect([name, output.channels, output.height, output.width]).toEqual([name, ...volumeOf(truth, channelsLast)]);
      compared++;
    }
    expect(compared).toBeGreaterThan(10);
    // ConvNeXt's layer scale, one learned number a channel, stands in none of the leaves that are counted there.
    const scales = network.layers.flatMap(({ kind, attributes }, index) => {
      const isScale = kind === 'depthwise' && attributes?.kernel.y === 1;
      const { output, macs, params } = facts[index] ?? {};
      if (isScale) expect([macs, params]).toEqual([output && sizeOf(output), output?.channels]);
      return isScale ? [{ macs: macs ?? 0, params: params ?? 0 }] : [];
    });
    expect(scales.length).toBe(file.startsWith('convnext') ? 18 : 0);
    expect(totals.macs).toBe(total_macs + scales.reduce((sum, { macs }) => sum + macs, 0));
    const { leaves }: { leaves: readonly Leaf[] } = readOracleJson(`torchvision/${json}`);
    let params = scales.reduce((sum, scale) => sum + scale.params, 0);
    for (const [i, { type, params: own, hp }] of leaves.entries()) {
      const before = leaves[i - 1];
      // Folding puts the two parameters a channel into the convolution right before, which gets a bias.
      const isFolded =
        variant === 'folded' &&
        type === 'BatchNorm2d' &&
        before?.type === 'Conv2d' &&
        before.hp.out_channels === hp.num_features;
      if (!isFolded) params += own;
      else if (before?.hp.bias === false) params += before.hp.out_channels ?? 0;
    }
    expect(totals.params).toBe(params);
  });
});
