import { Untranslatable } from '../../builder.js';
import { ImportError } from '../../format.js';
import type { Constant } from '../constant.js';
import type { Node, OnnxNet } from '../net.js';
import { isPerChannel, perChannel, type Translator } from './operator.js';

/** A · B, B being constant: B's columns (or rows, transposed) are the units. */
function dense(
  node: Node,
  net: OnnxNet,
  matrix: Constant,
  isTransposed: boolean,
  bias: Constant | undefined,
  scale = 1,
): void {
  const { dims } = net.activation(node);
  if (dims.length !== 1) throw new Untranslatable('it multiplies the last axis of a volume, not a vector');
  const [rows = 0, columns = 0] = matrix.dims;
  const [inputs, units] = isTransposed ? [columns, rows] : [rows, columns];
  if (matrix.dims.length !== 2 || inputs !== dims[0])
    throw new ImportError(
      `${node.message.where}: a vector of ${dims[0]} times a matrix of [${matrix.dims.join(', ')}]`,
    );
  const index = net.add(node, 'fc', { units, bias: bias !== undefined }, [net.input(node)], [units]);
  const { values } = matrix;
  if (values) {
    const weight = new Float32Array(inputs * units);
    for (let unit = 0; unit < units; unit++)
      for (let i = 0; i < inputs; i++)
        weight[unit * inputs + i] = scale * (values[isTransposed ? unit * inputs + i : i * units + unit] as number);
    net.builder.weigh(index, 'weight', weight);
  }
  if (bias?.values) net.builder.weigh(index, 'bias', perChannel(bias, units));
}

export const gemm: Translator = (node, net) => {
  if (node.number('transA', 0) === 1) throw new Untranslatable('transA exchanges pictures and their features');
  const [alpha, beta] = [node.number('alpha', 1), node.number('beta', 1)];
  const bias = net.has(node, 2) ? net.constant(node, 2, 'biases') : undefined;
  const matrix = net.constant(node, 1, 'weights');
  if (bias && !isPerChannel(bias, matrix.dims[node.number('transB', 0) === 1 ? 0 : 1] ?? 0))
    throw new Untranslatable('its bias differs from picture to picture');
  const scaled = bias && { dims: bias.dims, values: bias.values?.map((value) => value * beta) ?? null };
  dense(node, net, matrix, node.number('transB', 0) === 1, scaled, alpha);
  return undefined;
};

export const matMul: Translator = (node, net) => {
  dense(node, net, net.constant(node, 1, 'weights'), false, undefined);
  return undefined;
};
