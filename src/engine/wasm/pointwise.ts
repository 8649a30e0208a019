import type { LayerKind } from '../../network/catalogue.js';
import { type Shape, sameShape, volumeOf } from '../../network/shape.js';
import { GELU_CUBIC, GELU_SCALE } from '../ops/normal.js';
import { type LayerWeights, weightOf } from '../ops/op.js';
import type { FunctionBuilder, Local } from './assembler.js';
import { exponentialMinusOne, hyperbolicTangent, logistic, normalBelow } from './curves.js';
import { activate } from './epilogue.js';
import { type Mapping, mapFunction } from './map.js';
import { type FastContext, type FastMaker, type FastOp, packed } from './op.js';
import { sliceRows } from './slices.js';

/** What a pointwise step costs in multiply–accumulates, memory being what it waits for. */
const COST = 4;

/** A {@link Mapping} of volumes: `tables` are numbers a channel, kept from run to run behind the volumes' operands. */
interface VolumeMapping {
  /** Tells mappings of equal sizes apart. */
  readonly name: string;
  readonly output: Shape;
  readonly inputs: readonly Shape[];
  readonly tables?: (weights: LayerWeights) => readonly Float32Array[];
  readonly tableCount?: number;
  readonly combine: Mapping['combine'];
}

function mapVolumes({ name, output, inputs, tables, tableCount = 0, combine }: VolumeMapping): FastOp {
  // Rows where all operands have them, pixels where one is repeated at each of them.
  const byPixel = tableCount > 0 || !inputs.every((input) => sameShape(input, output));
  const unit = byPixel ? output.channels : output.width * output.channels;
  const units = volumeOf(output) / unit;
  const stride = unit * 4;
  const inputStrides = inputs.map((input) => (sameShape(input, output) ? stride : 0));
  const mapping: Mapping = {
    unit,
    operandStrides: [...inputStrides, ...Array<number>(tableCount).fill(0)],
    outputStride: stride,
    combine,
  };
  return {
    algorithm: 'vectors of 4',
    key: JSON.stringify(['map', name, mapping]),
    functions: () => ({ map: mapFunction(mapping) }),
    scratchBytes: 0,
    constants: tableCount * output.channels,
    *pack(weights, host) {
      for (const [i, table] of (tables?.(weights) ?? []).entries()) packed(host).set(table, i * output.channels);
      yield;
    },
    *run({ map }, places) {
      const tablePlaces = Array.from({ length: tableCount }, (_, i) => places.constants + i * output.channels * 4);
      for (const { first, count } of sliceRows(units, unit * COST)) {
        const operands = places.inputs.map((input, i) => input + first * (inputStrides[i] ?? 0));
        map?.(count, places.output + first * stride, ...operands, ...tablePlaces);
        yield;
      }
    },
  };
}

type Function1 = (code: FunctionBuilder, x: Local) => void;

/** The op of a function of one number; `of` makes it from the layer's attributes. */
const pointwise =
  <K extends LayerKind>(kind: K, of: (attributes: FastContext<K>['attributes']) => Function1): FastMaker<K> =>
  ({ attributes, inputs, output }) => {
    const f = of(attributes);
    return mapVolumes({
      name: `${kind} ${JSON.stringify(attributes)}`,
      output,
      inputs,
      combine: (code, operands) => f(code, operands[0] as Local),
    });
  };

/** x where x > 0, otherwise what `below` pushes. */
function aboveZero(code: FunctionBuilder, x: Local, below: () => void): void {
  code.get(x);
  below();
  code.get(x).constant(0).vector('greater').vector('bitselect').set(x);
}

export const relu = pointwise('relu', () => (code, x) => activate(code, 'relu', x));

export const relu6 = pointwise('relu6', () => (code, x) => activate(code, 'relu6', x));

export const dropout = pointwise('dropout', () => () => {});

export const leakyrelu = pointwise(
  'leakyrelu',
  ({ alpha }) =>
    (code, x) =>
      aboveZero(code, x, () => code.get(x).constant(alpha).vector('multiply')),
);

export const hardswish = pointwise('hardswish', () => (code, x) => {
  code.get(x).constant(3).vector('add').constant(0).vector('pseudoMax').constant(6).vector('pseudoMin');
  code.get(x).vector('multiply').constant(6).vector('divide').set(x);
});

export const hardsigmoid = pointwise('hardsigmoid', ({ slope }) => (code, x) => {
  code.get(x).constant(slope).vector('multiply').constant(0.5).vector('add');
  code.constant(0).vector('pseudoMax').constant(1).vector('pseudoMin').set(x);
});

export const sigmoid = pointwise('sigmoid', () => logistic);

export const tanh = pointwise('tanh', () => hyperbolicTangent);

export const softsign = pointwise('softsign', () => (code, x) => {
  code.get(x).get(x).vector('absolute').constant(1).vector('add').vector('divide').set(x);
});

export const silu = pointwise('silu', () => (code, x) => {
  const share = code.local('v128');
  code.get(x).set(share);
  logistic(code, share);
  code.get(x).get(share).vector('multiply').set(x);
});

export const elu = pointwise('elu', ({ alpha }) => (code, x) => {
  const below = code.local('v128');
  code.get(x).constant(0).vector('pseudoMin').set(below);
  exponentialMinusOne(code, below);
  aboveZero(code, x, () => code.get(below).constant(alpha).vector('multiply'));
});

export const gelu = pointwise('gelu', ({ approximate }) => (code, x) => {
  const share = code.local('v128');
  if (approximate === 'tanh') {
    code
      .get(x)
      .get(x)
      .vector('multiply')
      .constant(GELU_SCALE * GELU_CUBIC)
      .vector('multiply');
    code.constant(GELU_SCALE).vector('add').get(x).vector('multiply').set(share);
    hyperbolicTangent(code, share);
    code.get(share).constant(1).vector('add').constant(0.5).vector('multiply').set(share);
  } else {
    code.get(x).set(share);
    normalBelow(code, share);
  }
  code.get(x).get(share).vector('multiply').set(x);
});

export const prelu: FastMaker<'prelu'> = ({ inputs, output }) =>
  mapVolumes({
    name: 'prelu',
    output,
    inputs,
    tables(weights) {
      const slopes = weightOf(weights, 'weight');
      return [Float32Array.from({ length: output.channels }, (_, c) => slopes[slopes.length === 1 ? 0 : c] ?? 0)];
    },
    tableCount: 1,
    combine: (code, [x, slope]) => {
      if (x === undefined || slope === undefined) return;
      aboveZero(code, x, () => code.get(x).get(slope).vector('multiply'));
    },
  });

export const batchnorm: FastMaker<'batchnorm'> = ({ inputs, output, attributes: { epsilon } }) =>
  mapVolumes({
    name: `batchnorm ${epsilon}`,
    output,
    inputs,
    tables(weights) {
      const { weight, bias } = weights;
      const { channels } = output;
      const mean = weightOf(weights, 'running_mean');
      const scale = Float32Array.from(
        weightOf(weights, 'running_var'),
        (variance, c) => (weight?.[c] ?? 1) / Math.sqrt(variance + epsilon),
      );
      return [mean, scale, bias ?? new Float32Array(channels)];
    },
    tableCount: 3,
    combine: (code, [x, mean, scale, bias]) => {
      if (x === undefined || mean === undefined || scale === undefined || bias === undefined) return;
      code.get(x).get(mean).vector('subtract').get(scale).vector('multiply').get(bias).vector('add').set(x);
    },
  });

/** Folds the inputs; those of 1×1×C are repeated over all pixels. */
const fold =
  <K extends 'add' | 'multiply' | 'max'>(instruction: 'add' | 'multiply' | 'max'): FastMaker<K> =>
  ({ inputs, output }) =>
    mapVolumes({
      name: instruction,
      output,
      inputs,
      combine: (code, [first, ...others]) => {
        if (first === undefined) return;
        for (const other of others) code.get(first).get(other).vector(instruction).set(first);
      },
    });

export const add = fold<'add'>('add');
export const multiply = fold<'multiply'>('multiply');
export const max = fold<'max'>('max');

export const concat: FastMaker<'concat'> = ({ inputs, output }) => {
  const pixels = output.height * output.width;
  const copies = inputs.map(
    ({ channels }): Omit<Mapping, 'combine'> => ({
      unit: channels,
      operandStrides: [channels * 4],
      outputStride: output.channels * 4,
    }),
  );
  return {
    algorithm: 'vectors of 4',
    key: JSON.stringify(['concat', copies]),
    functions: () =>
      Object.fromEntries(copies.map((copy, i) => [`copy${i}`, mapFunction({ ...copy, combine: () => {} })])),
    scratchBytes: 0,
    constants: 0,
    *pack() {},
    *run(functions, places) {
      let to = places.output;
      for (const [i, { channels }] of inputs.entries()) {
        functions[`copy${i}`]?.(pixels, to, places.inputs[i] ?? 0);
        to += channels * 4;
        yield;
      }
    },
  };
};
