import { Untranslatable } from '../../builder.js';
import { affine, count, frozenNote, pointwise, type Translator } from './operator.js';

export const prelu: Translator = (node, net) => {
  const slope = net.constant(node, 1, 'slopes');
  const { channels } = net.shape(node);
  const shared = count(slope) === 1 && channels > 1;
  const last = slope.dims.length === net.activation(node).dims.length + 1 ? slope.dims.slice(1) : slope.dims;
  const isChannelwise = count(slope) === channels && last[0] === channels;
  if (!shared && !isChannelwise) throw new Untranslatable('it has a slope a pixel');
  const index = net.add(node, 'prelu', { shared }, [net.input(node)], net.activation(node).dims);
  net.weigh(index, 'weight', slope);
  return undefined;
};

/** min(max(x, low), high): a relu6 between two scalings, where it is none itself. */
export const clip: Translator = (node, net) => {
  const bound = (at: number, name: string, byDefault: number): number => {
    if (!net.has(node, at)) return node.number(name, byDefault);
    const { values } = net.constant(node, at, 'bounds');
    if (!values) throw new Untranslatable('its bounds lie in a file that is not there');
    return values[0] ?? byDefault;
  };
  const low = bound(1, 'min', Number.NEGATIVE_INFINITY);
  const high = bound(2, 'max', Number.POSITIVE_INFINITY);
  const input = net.input(node);
  const { dims } = net.activation(node);
  const isBelow = low < -1e30;
  const isAbove = high > 1e30;
  if (isBelow && isAbove) net.put(node, input, dims);
  else if (low === 0 && high === 6) net.add(node, 'relu6', {}, [input], dims);
  else if (isAbove || isBelow) {
    // max(x, a) = relu(x − a) + a, min(x, b) = b − relu(b − x).
    const [sign, at] = isAbove ? [1, low] : [-1, high];
    if (sign === 1 && at === 0) return pointwise('relu')(node, net);
    const moved = affine(node, net, input, sign, -sign * at, '_moved');
    const cut = net.add(node, 'relu', {}, [moved], dims, '_cut');
    affine(node, net, cut, sign, at);
    return frozenNote;
  } else {
    const scale = (high - low) / 6;
    if (!(scale > 0)) throw new Untranslatable(`its bounds are ${low} and ${high}`);
    const moved = affine(node, net, input, 1 / scale, -low / scale, '_moved');
    const cut = net.add(node, 'relu6', {}, [moved], dims, '_cut');
    affine(node, net, cut, scale, low);
    return frozenNote;
  }
  return undefined;
};

export const hardSigmoid: Translator = (node, net) => {
  const [slope, offset] = [node.number('alpha', 0.2), node.number('beta', 0.5)];
  const sixth = Math.fround(1 / 6);
  if (offset === 0.5)
    return pointwise('hardsigmoid', () => ({ slope: Math.abs(slope - sixth) < 1e-6 ? 1 / 6 : slope }))(node, net);
  const moved = affine(node, net, net.input(node), 6 * slope, 6 * offset, '_moved');
  const cut = net.add(node, 'relu6', {}, [moved], net.activation(node).dims, '_cut');
  affine(node, net, cut, 1 / 6, 0);
  return frozenNote;
};

export const selu: Translator = (node, net) => {
  const alpha = node.number('alpha', 1.6732632);
  const elu = net.add(node, 'elu', { alpha }, [net.input(node)], net.activation(node).dims, '_elu');
  affine(node, net, elu, node.number('gamma', 1.050701), 0);
  return frozenNote;
};

export const dropout: Translator = (node, net) => {
  const ratio = net.has(node, 1) ? (net.constant(node, 1, 'ratio').values?.[0] ?? 0.5) : node.number('ratio', 0.5);
  return pointwise('dropout', () => ({ rate: ratio }))(node, net);
};

export const negative: Translator = (node, net) => {
  affine(node, net, net.input(node), -1, 0);
  return frozenNote;
};
