import { describe, expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import { type Constant, readTensor } from '../../../src/formats/onnx/constant.js';
import { readOnnx } from '../../../src/formats/onnx/read.js';
import { tensor as tensorSchema } from '../../../src/formats/onnx/schema.js';
import { decode } from '../../../src/formats/protobuf/wire.js';
import { relativeError } from '../../engine/build.js';
import { describeOracles, namedOracle, readOracle, readOracleJson, runImported } from '../oracles.js';
import { refused } from './refused.js';

/** ONNX's own backend tests: single operators and small graphs, with what they compute. */

interface Case {
  readonly name: string;
  readonly tier?: number;
  readonly inputs: readonly (readonly [string, string, readonly number[]])[];
}

const index: { cases: readonly Case[] } = readOracleJson('onnx/index.json');
const tier1 = index.cases.filter(({ tier }) => tier === 1);

const tensorAt = (path: string): Constant => readTensor(decode(readOracle(path), tensorSchema, path), []);

function load({ name, inputs }: Case) {
  const data = `onnx/${name}/test_data_set_0`;
  const tensors = inputs.map((_, i) => tensorAt(`${data}/input_${i}.pb`));
  const shape = inputs[0]?.[2].join();
  // Inputs of one shape are volumes; what goes with a volume of another shape is its weights.
  const areVolumes = inputs.every(([, , dims]) => dims.join() === shape) || name.includes('concat');
  const given = new Map(
    areVolumes ? [] : inputs.slice(1).map(([input], i) => [input, tensors[i + 1] as Constant] as const),
  );
  const imported = readOnnx([namedOracle(`onnx/${name}/model.onnx`)], given);
  return { imported, volumes: areVolumes ? tensors : tensors.slice(0, 1), output: tensorAt(`${data}/output_0.pb`) };
}

/** What stands first against a case, by operator, in the words of the import; undefined where nothing does. */
function objection(testCase: Case): readonly [operator: string, why: string] | undefined {
  try {
    const first = load(testCase).imported.report.find(({ fidelity }) => fidelity === 'unsupported');
    return first && [first.kind, first.why ?? ''];
  } catch (error) {
    const [, operator = '', why = ''] = /\((\w+)\): (.*)$/.exec((error as Error).message) ?? [];
    return [operator, why];
  }
}

describeOracles("ONNX's own operator tests", () => {
  test('what is refused names its operator, and stands in the table of the documentation', () => {
    const found = tier1.flatMap((testCase) => {
      const reason = objection(testCase);
      return reason === undefined ? [] : [[testCase.name.replace(/.*\//, ''), reason] as const];
    });
    console.info(`${tier1.length - found.length} of ${tier1.length} cases are read`);
    expect(Object.fromEntries(found)).toEqual(refused);
  });

  const read = tier1.filter(({ name }) => !Object.hasOwn(refused, name.replace(/.*\//, '')));
  describe.each(read)('$name', (testCase) => {
    test('computes what ONNX does', async () => {
      const { imported, volumes, output } = load(testCase);
      const batch = volumes[0]?.dims[0] ?? 1;
      const of = ({ values }: Constant, picture: number) => {
        const size = (values?.length ?? 0) / batch;
        return [...(values ?? []).slice(picture * size, (picture + 1) * size)];
      };
      for (let picture = 0; picture < batch; picture++) {
        const found = await runImported(
          imported,
          volumes.flatMap((volume) => of(volume, picture)),
        );
        expect(relativeError(toNCHW(found), of(output, picture))).toBeLessThan(2e-5);
      }
    });
  });
});
