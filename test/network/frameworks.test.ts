import { expect, test } from 'vitest';
import { type Framework, type FrameworkRules, frameworks } from '../../src/network/frameworks.js';

type Row = Readonly<Record<Framework, unknown>>;

/** The columns of the table "Framework differences that bite" in the order caffe, pytorch, keras, onnx, torch7, lasagne. */
const row = (
  caffe: unknown,
  pytorch: unknown,
  keras: unknown,
  onnx: unknown,
  torch7: unknown,
  lasagne: unknown,
): Row => ({
  caffe,
  pytorch,
  keras,
  onnx,
  torch7,
  lasagne,
});

const table: Readonly<Partial<Record<keyof FrameworkRules, Row>>> = {
  convFit: row('floor', 'floor', 'floor', 'floor', 'floor', 'floor'),
  poolFit: row('caffe', 'floor', 'floor', 'floor', 'floor', 'floor'),
  maxPoolStride: row('one', 'kernel', 'kernel', 'one', 'kernel', 'kernel'),
  averagePoolStride: row('one', 'kernel', 'kernel', 'one', 'one', 'kernel'),
  averageCountsPadding: row(true, true, false, false, true, false),
  same: row('none', 'stride-1', 'upper', 'upper', 'none', 'half'),
  batchNormEpsilon: row(1e-5, 1e-5, 1e-3, 1e-5, 1e-5, 1e-4),
  batchNormMomentum: row(0.999, 0.1, 0.99, 0.9, 0.1, 0.1),
  momentumMeans: row('keep', 'update', 'keep', 'keep', 'update', 'update'),
  lrnAlpha: row(1, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4),
  lrnK: row(1, 1, 1, 1, 1, 2),
  lrnDividesBySize: row(true, true, true, true, true, false),
  flattenOrder: row('CHW', 'CHW', 'HWC', 'CHW', 'CHW', 'CHW'),
};

test.each(Object.entries(table))('%s', (rule, expected) => {
  const found = Object.fromEntries(
    Object.entries(frameworks).map(([name, rules]) => [name, rules[rule as keyof FrameworkRules]]),
  );
  expect(found).toEqual(expected);
});
