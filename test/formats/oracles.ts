import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe } from 'vitest';
import type { LayerWeights } from '../../src/engine/ops/op.js';
import { type GivenWeights, runNetwork } from '../../src/engine/run.js';
import { fromNCHW, type Tensor } from '../../src/engine/tensor.js';
import { type Imported, type NamedBytes, weightName } from '../../src/formats/format.js';
import { checkNetwork } from '../../src/network/check.js';

/** Answers of other tools that lie beside the project, where they are; and imported networks on our engine. */

const folder = new URL('../../../shared/oracles/', import.meta.url);

const oracle = (path: string): URL => new URL(path, folder);

export const hasOracles = existsSync(folder);

/** Tests against the oracles; skipped, and said so, where they are not. */
export function describeOracles(name: string, tests: () => void): void {
  if (hasOracles) describe(name, tests);
  else {
    console.warn(`skipped: ${name}: there is no ${folder.pathname}`);
    describe.skip(name, tests);
  }
}

export const readOracle = (path: string): Uint8Array => {
  const bytes = readFileSync(oracle(path));
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};

export const readOracleJson = (path: string) => JSON.parse(new TextDecoder().decode(readOracle(path)));

export const oracleFiles = (path: string, ending: string): readonly string[] =>
  hasOracles ? readdirSync(oracle(path)).filter((name) => name.endsWith(ending)) : [];

export const namedOracle = (path: string, name = path.replace(/^.*\//, '').replace(/\.gz$/, '')): NamedBytes => ({
  name,
  bytes: readOracle(path),
});

/** Runs an imported network on one picture with its weights; the output of its last layer. */
export async function runImported({ network, weights }: Imported, picture: ArrayLike<number>): Promise<Tensor> {
  const checked = checkNetwork(network);
  const [input] = network.layers;
  if (input?.kind !== 'input' || !input.attributes) throw new Error('no input');
  const givenWeights = (index: number): GivenWeights | undefined => {
    const specs = checked.facts[index]?.weights ?? [];
    const values: Record<string, Float32Array> = {};
    for (const { name } of specs) {
      const tensor = weights.get(weightName(network.layers[index]?.name ?? '', name));
      if (tensor) values[name] = tensor.values;
    }
    return specs.length > 0 ? { id: `${index}`, values: values as LayerWeights } : undefined;
  };
  const tensor = fromNCHW(picture, input.attributes.size);
  const run = await runNetwork(checked, { tensor, id: 'test' }, { givenWeights });
  const last = run.at(-1)?.activation;
  if (!last) throw new Error('nothing came out');
  return last;
}
