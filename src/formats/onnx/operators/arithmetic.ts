import { Untranslatable } from '../../builder.js';
import type { Constant } from '../constant.js';
import { isConstant, type Node, type OnnxNet } from '../net.js';
import { affine, count, type Factor, frozenNote, perChannel, size, type Translator } from './operator.js';

const merges = { Add: 'add', Sum: 'add', Mul: 'multiply', Max: 'max', Mean: 'add' } as const;

/** Add, Mul and their like: of volumes a merge, of a volume and a constant a scale or shift a channel. */
export const arithmetic: Translator = (node, net) => {
  const at = node.inputs.findIndex((_, i) => isConstant(net.value(node, i)));
  if (at >= 0 && node.inputs.length === 2) return withConstant(node, net, at);
  const inputs = node.inputs.map((_, i) => net.input(node, i));
  const { dims } = net.activation(node);
  const op = node.op as keyof typeof merges;
  if (node.op === 'Sub') {
    const negative = affine(node, net, inputs[1] as number, -1, 0, '_negative');
    net.add(node, 'add', {}, [inputs[0] as number, negative], dims);
    return frozenNote;
  }
  if (!Object.hasOwn(merges, op)) throw new Untranslatable('the language has no such operation on two volumes');
  if (inputs.length === 1) {
    net.put(node, inputs[0] as number, dims);
    return undefined;
  }
  const largest = node.inputs.map((_, i) => net.activation(node, i).dims).sort((a, b) => size(b) - size(a))[0] ?? dims;
  const sum = net.add(node, merges[op], {}, inputs, largest, op === 'Mean' ? '_sum' : '');
  if (op !== 'Mean') return undefined;
  affine(node, net, sum, 1 / inputs.length, 0);
  return frozenNote;
};

function withConstant(node: Node, net: OnnxNet, at: number): string | undefined {
  const other = 1 - at;
  const constant = net.constant(node, at, 'numbers');
  const input = net.input(node, other);
  const { dims } = net.activation(node, other);
  const { channels } = net.builder.shapeOf(input);
  const isScalar = count(constant) === 1;
  // Broadcasting goes from the last axis: the channels are the first of the volume's.
  const isChannelwise = count(constant) === channels && constant.dims.at(-dims.length) === channels;
  if (!isScalar && !isChannelwise) throw new Untranslatable('its constant has neither one number nor one a channel');
  if (node.op === 'Add' && absorbBias(node, net, input, other, constant)) return undefined;
  if (!constant.values) throw new Untranslatable('its constant lies in a file that is not there');
  const values = perChannel(constant, channels);
  const apply = (factor: Factor, shift: Factor): string => {
    affine(node, net, input, factor, shift, '', dims);
    return frozenNote;
  };
  if (node.op === 'Add') return apply(1, values);
  if (node.op === 'Mul') return apply(values, 0);
  if (node.op === 'Sub')
    return at === 1
      ? apply(
          1,
          values.map((value) => -value),
        )
      : apply(-1, values);
  if (node.op === 'Div' && at === 1)
    return apply(
      values.map((value) => 1 / value),
      0,
    );
  throw new Untranslatable('the language has no such operation with a constant');
}

/** A constant added to what a layer without bias makes, and nothing else reads, is its bias. */
function absorbBias(node: Node, net: OnnxNet, input: number, at: number, constant: Constant): boolean {
  const before = net.builder.layers[input];
  if (!before || (before.kind !== 'fc' && before.kind !== 'conv') || before.attributes?.bias) return false;
  if (net.readersOf(node.inputs[at]) !== 1) return false;
  net.builder.update(input, { bias: true });
  if (constant.values) net.builder.weigh(input, 'bias', perChannel(constant, net.builder.shapeOf(input).channels));
  net.put(node, input, net.activation(node, at).dims);
  return true;
}
