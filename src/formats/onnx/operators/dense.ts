import { pairOf, Untranslatable } from '../../builder.js';
import { ImportError } from '../../format.js';
import type { Constant } from '../constant.js';
import { isConstant, type Node, type OnnxNet } from '../net.js';
import { affine, frozenNote, ownAxis, perChannel, size, type Translator } from './operator.js';

/** A · B, B being constant: B's columns (or rows, transposed) are the units. Returns the layer. */
function dense(
  node: Node,
  net: OnnxNet,
  matrix: Constant,
  isTransposed: boolean,
  bias: Constant | undefined,
  scale = 1,
): number {
  const value = net.anyOrder(node);
  const { dims } = value;
  if (matrix.dims.length !== 2) throw new Untranslatable('its matrix differs from picture to picture');
  if (ownAxis(-1, value) !== 0) throw new Untranslatable('it multiplies the last axis of a volume, not its channels');
  const [rows = 0, columns = 0] = matrix.dims;
  const [inputs, units] = isTransposed ? [columns, rows] : [rows, columns];
  if (inputs !== dims.at(-1))
    throw new ImportError(
      `${node.message.where}: a vector of ${dims.at(-1)} times a matrix of [${matrix.dims.join(', ')}]`,
    );
  const form = { ...value, dims: [...dims.slice(0, -1), units] };
  const shared = { bias: bias !== undefined };
  const index =
    dims.length === 1
      ? net.add(node, 'fc', { ...shared, units }, [value.index], form)
      : net.add(node, 'conv', { ...shared, filters: units, kernel: pairOf(1) }, [value.index], form);
  const { values } = matrix;
  if (values) {
    const weight = new Float32Array(inputs * units);
    for (let unit = 0; unit < units; unit++)
      for (let i = 0; i < inputs; i++)
        weight[unit * inputs + i] = scale * (values[isTransposed ? unit * inputs + i : i * units + unit] as number);
    net.builder.weigh(index, 'weight', weight);
  }
  if (bias?.values) net.builder.weigh(index, 'bias', perChannel(bias, units));
  return index;
}

export const gemm: Translator = (node, net) => {
  if (node.number('transA', 0) === 1) throw new Untranslatable('transA exchanges pictures and their features');
  const [alpha, beta] = [node.number('alpha', 1), node.number('beta', 1)];
  const isTransposed = node.number('transB', 0) === 1;
  const matrix = net.constant(node, 1, 'weights');
  const bias = net.has(node, 2) ? net.value(node, 2) : undefined;
  if (bias && !isConstant(bias)) {
    // Something computed is added.
    const [product, addend] = [dense(node, net, matrix, isTransposed, undefined, alpha), net.input(node, 2)];
    const form = { dims: [net.builder.shapeOf(product).channels] };
    const scaled = beta === 1 ? addend : affine(node, net, addend, beta, 0, { part: '_scaled', form });
    net.add(node, 'add', {}, [product, scaled], form, '_sum');
    return beta === 1 ? undefined : frozenNote;
  }
  if (bias && ![1, matrix.dims[isTransposed ? 0 : 1]].includes(size(bias.dims)))
    throw new Untranslatable('its bias differs from picture to picture');
  const scaled = bias && { dims: bias.dims, values: bias.values?.map((value) => value * beta) ?? null };
  dense(node, net, matrix, isTransposed, scaled, alpha);
  return undefined;
};

export const matMul: Translator = (node, net) => {
  dense(node, net, net.constant(node, 1, 'weights'), false, undefined);
  return undefined;
};
