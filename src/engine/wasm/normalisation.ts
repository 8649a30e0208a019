import type { Shape } from '../../network/shape.js';
import type { LayerWeights } from '../ops/op.js';
import { FunctionBuilder, type Local } from './assembler.js';
import { exponential } from './curves.js';
import { blockBytes } from './machine.js';
import { mapFunction } from './map.js';
import { type FastMaker, type FastOp, type PackingHost, packed } from './op.js';
import { sliceRows } from './slices.js';
import { itself, squaredDistance, sumColumns, sumFunction } from './sums.js';

/** What a number costs in multiply–accumulates: it is read three times. */
const COST = 12;

/** Calls `block` for four channels at a time; `offset` counts their bytes. */
function eachBlock(code: FunctionBuilder, channels: number, offset: Local, block: (lanes: number) => void): void {
  const each = (lanes: number) => {
    block(lanes);
    code.increase(offset, 16);
  };
  code.i32(0).set(offset);
  if (channels >= 4) code.repeat(Math.floor(channels / 4), () => each(4));
  if (channels % 4 > 0) each(channels % 4);
}

/** The function (input, output, pixels): e^(x − m)/Σ e^(x − m) over the channels of each pixel, m their largest. */
function softmaxFunction(channels: number): FunctionBuilder {
  return new FunctionBuilder(3, (code, input, output, pixels) => {
    const [largest, total, value] = code.locals('v128', 3) as [Local, Local, Local];
    const offset = code.local('i32');
    const at = (start: Local) => code.get(start).get(offset).do('i32Add');
    code.repeat({ local: pixels }, () => {
      code.constant(Number.NEGATIVE_INFINITY).set(largest);
      eachBlock(code, channels, offset, (lanes) => {
        code.get(largest);
        at(input).load();
        if (lanes < 4) code.constant(Number.NEGATIVE_INFINITY).mask(lanes).vector('bitselect');
        code.vector('max').set(largest);
      });
      code.across('max', largest).constant(0).set(total);
      eachBlock(code, channels, offset, (lanes) => {
        at(input).load().get(largest).vector('subtract').set(value);
        exponential(code, value);
        code.store(() => at(output), value, 0, lanes);
        code.get(total).get(value);
        if (lanes < 4) code.mask(lanes).vector('and');
        code.vector('add').set(total);
      });
      code.across('add', total).constant(1).get(total).vector('divide').set(total);
      eachBlock(code, channels, offset, (lanes) => {
        at(output).load().get(total).vector('multiply').set(value);
        code.store(() => at(output), value, 0, lanes);
      });
      code.increase(input, channels * 4).increase(output, channels * 4);
    });
  });
}

/** The function (input, output, pixels, weights, biases): the channels of each pixel at mean 0 and variance 1. */
function layernormFunction(channels: number, epsilon: number): FunctionBuilder {
  return new FunctionBuilder(5, (code, input, output, pixels, weights, biases) => {
    const [mean, scale, value, first] = code.locals('v128', 4) as [Local, Local, Local, Local];
    const offset = code.local('i32');
    const at = (start: Local) => code.get(start).get(offset).do('i32Add');
    // Of the distances from the first: of numbers that are almost equal, their mean would have too few digits.
    const distance = () => at(input).load().get(first).vector('subtract');
    const average = (sum: Local) =>
      code
        .across('add', sum)
        .get(sum)
        .constant(1 / channels)
        .vector('multiply');
    code.repeat({ local: pixels }, () => {
      code.get(input).loadSplat().set(first).constant(0).set(mean);
      eachBlock(code, channels, offset, (lanes) => {
        distance();
        if (lanes < 4) code.mask(lanes).vector('and');
        code.get(mean).vector('add').set(mean);
      });
      average(mean).set(mean);
      code.constant(0).set(scale);
      eachBlock(code, channels, offset, (lanes) => {
        distance().get(mean).vector('subtract');
        if (lanes < 4) code.mask(lanes).vector('and');
        code.set(value).get(value).get(value).vector('multiply').get(scale).vector('add').set(scale);
      });
      average(scale).constant(epsilon).vector('add').vector('sqrt').set(scale);
      eachBlock(code, channels, offset, (lanes) => {
        distance().get(mean).vector('subtract').get(scale).vector('divide');
        at(weights).load().vector('multiply');
        at(biases).load().vector('add').set(value);
        code.store(() => at(output), value, 0, lanes);
      });
      code.increase(input, channels * 4).increase(output, channels * 4);
    });
  });
}

/** An op that works on each pixel by itself; `tables`: its weight and bias, where it has them. */
function pixelwise(
  { height, width, channels }: Shape,
  key: readonly unknown[],
  make: () => FunctionBuilder,
  tables = 0,
): FastOp {
  const row = Math.ceil(channels / 4) * 4;
  return {
    algorithm: 'vectors of 4',
    key: JSON.stringify(key),
    functions: () => ({ normalise: make() }),
    scratchBytes: 0,
    constants: tables * row,
    *pack(weights, host) {
      if (tables > 0) packAffine(weights, host, channels, row);
      yield;
    },
    *run({ normalise }, { inputs: [from = 0], output, constants }) {
      const pixel = channels * 4;
      for (const { first, count } of sliceRows(height * width, channels * COST)) {
        normalise?.(from + first * pixel, output + first * pixel, count, constants, constants + row * 4);
        yield;
      }
    },
  };
}

/** A row of weights, 1 by default, and one of biases. */
function packAffine({ weight, bias }: LayerWeights, host: PackingHost, channels: number, row: number): void {
  const numbers = packed(host);
  numbers.fill(1, 0, row).fill(0, row, 2 * row);
  if (weight) numbers.set(weight.subarray(0, channels));
  if (bias) numbers.set(bias.subarray(0, channels), row);
}

export const softmax: FastMaker<'softmax'> = ({ output }) =>
  pixelwise(output, ['softmax', output.channels], () => softmaxFunction(output.channels));

export const layernorm: FastMaker<'layernorm'> = ({ output, attributes: { epsilon } }) => {
  const { channels } = output;
  return pixelwise(output, ['layernorm', channels, epsilon], () => layernormFunction(channels, epsilon), 2);
};

/**
 * Normalises over all pixels of each group of channels: the sums of each channel come from WebAssembly, those of groups are
 * summed up here, and so is the scale of each channel.
 */
function groupOp({ height, width, channels }: Shape, groups: number, epsilon: number): FastOp | undefined {
  if (channels % groups !== 0) return undefined;
  const pixels = height * width;
  const each = channels / groups;
  const row = blockBytes(channels * 4);
  const pixel = channels * 4;
  return {
    algorithm: 'vectors of 4',
    needsAllRows: true,
    key: JSON.stringify(['groupnorm', channels]),
    functions: () => ({
      sum: sumFunction(channels, itself),
      squares: sumFunction(channels, squaredDistance),
      map: mapFunction({
        unit: channels,
        operandStrides: [pixel, 0, 0, 0],
        outputStride: pixel,
        combine(code, operands) {
          const [x, mean, scale, bias] = operands as [Local, Local, Local, Local];
          code.get(x).get(mean).vector('subtract').get(scale).vector('multiply').get(bias).vector('add').set(x);
        },
      }),
    }),
    scratchBytes: 3 * row,
    constants: 2 * channels,
    *pack(weights, host) {
      packAffine(weights, host, channels, channels);
      yield;
    },
    *run({ sum, squares, map }, { inputs: [x = 0], output, scratch, constants }, memory) {
      const tables = [scratch + row, scratch + 2 * row] as const;
      const summing = { matrices: [x], width: channels, rows: pixels, scratch };
      const perGroup = (sums: Float64Array): Float64Array => {
        const means = new Float64Array(channels);
        for (let first = 0; first < channels; first += each) {
          const total = sums.subarray(first, first + each).reduce((total, value) => total + value, 0);
          means.fill(total / (each * pixels), first, first + each);
        }
        return means;
      };
      const mean = perGroup(sumColumns(sum, summing, memory()));
      yield;
      memory().set(mean, tables[0] / 4);
      const variance = perGroup(sumColumns(squares, { ...summing, tables: [tables[0]] }, memory()));
      yield;
      const numbers = memory();
      for (let c = 0; c < channels; c++)
        numbers[tables[1] / 4 + c] =
          (numbers[constants / 4 + c] as number) / Math.sqrt((variance[c] as number) + epsilon);
      for (const { first, count } of sliceRows(pixels, channels * COST)) {
        map?.(count, output + first * pixel, x + first * pixel, ...tables, constants + channels * 4);
        yield;
      }
    },
  };
}

export const groupnorm: FastMaker<'groupnorm'> = ({ output, attributes: { groups, epsilon } }) =>
  groupOp(output, groups, epsilon);

export const instancenorm: FastMaker<'instancenorm'> = ({ output, attributes: { epsilon } }) =>
  groupOp(output, output.channels, epsilon);
