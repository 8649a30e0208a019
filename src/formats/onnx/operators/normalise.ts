import { Untranslatable } from '../../builder.js';
import { axisOf, pointwise, type Translator } from './operator.js';

export const batchNorm: Translator = (node, net) => {
  if (node.number('training_mode', 0) === 1)
    throw new Untranslatable('it is in training mode: its statistics are those of the batch');
  const { dims } = net.activation(node);
  const attributes = { epsilon: node.number('epsilon', 1e-5), momentum: node.number('momentum', 0.9) };
  const index = net.add(node, 'batchnorm', attributes, [net.input(node)], dims);
  for (const [i, weight] of ['weight', 'bias', 'running_mean', 'running_var'].entries())
    net.weigh(index, weight, net.constant(node, i + 1, 'parameters'));
  return undefined;
};

export const instanceNorm: Translator = (node, net) => {
  const attributes = { epsilon: node.number('epsilon', 1e-5), affine: true };
  const index = net.add(node, 'instancenorm', attributes, [net.input(node)], net.activation(node).dims);
  net.weigh(index, 'weight', net.constant(node, 1, 'scale'));
  net.weigh(index, 'bias', net.constant(node, 2, 'shift'));
  return undefined;
};

export const lrn: Translator = (node, net) => {
  const size = node.number('size', 5);
  if (size % 2 === 0) throw new Untranslatable('of an even size the window lies otherwise here');
  const attributes = {
    size,
    alpha: node.number('alpha', 1e-4),
    beta: node.number('beta', 0.75),
    k: node.number('bias', 1),
  };
  net.add(node, 'lrn', attributes, [net.input(node)], net.activation(node).dims);
  return undefined;
};

export const softmax =
  (kind: 'softmax' | 'logsoftmax'): Translator =>
  (node, net) => {
    const { dims } = net.activation(node);
    const axis = axisOf(node.number('axis', net.opset < 13 ? 1 : -1), dims);
    // Before 13 it went over all axes from the given one on.
    const isAlone = net.opset >= 13 || dims.slice(1).every((dim) => dim === 1);
    if (axis !== 1 || !isAlone) throw new Untranslatable('it does not normalise over the channels alone');
    return pointwise(kind)(node, net);
  };
