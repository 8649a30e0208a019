import { Untranslatable } from '../../builder.js';
import type { Node, OnnxNet } from '../net.js';
import {
  affine,
  everywhere,
  frozenNote,
  isPerChannel,
  numberwise,
  pointwise,
  size,
  type Translator,
} from './operator.js';

export const prelu: Translator = (node, net) => {
  const slope = net.constant(node, 1, 'slopes');
  const value = net.anyOrder(node);
  const { channels } = net.builder.shapeOf(value.index);
  // Before opset 7 a row of slopes was one a channel.
  const isRow = net.opset < 7 && slope.dims.length === 1 && slope.dims[0] === channels;
  if (isRow || isPerChannel(slope, value, channels)) {
    const index = net.add(node, 'prelu', { shared: size(slope.dims) < channels }, [value.index], value);
    net.weigh(index, 'weight', slope);
    return undefined;
  }
  const slopes = everywhere(slope, value);
  numberwise(node, net, value, (vector) => {
    const index = net.add(node, 'prelu', { shared: false }, [vector]);
    net.builder.weigh(index, 'weight', slopes);
    return index;
  });
  return undefined;
};

/** min(max(x, low), high): a relu6 between two scalings, where it is none itself. */
export function between(node: Node, net: OnnxNet, at: number, low: number, high: number): string | undefined {
  const form = net.anyOrder(node, at);
  const input = form.index;
  const isBelow = low < -1e30;
  const isAbove = high > 1e30;
  const single = (kind: 'relu' | 'relu6') => {
    net.add(node, kind, {}, [input], form);
    return undefined;
  };
  const moved = (factor: number, shift: number) => affine(node, net, input, factor, shift, { part: '_moved', form });
  if (isBelow && isAbove) {
    net.put(node, input, form);
    return undefined;
  }
  if (low === 0 && high === 6) return single('relu6');
  if (low === 0 && isAbove) return single('relu');
  if (isAbove || isBelow) {
    // max(x, a) = relu(x − a) + a, min(x, b) = b − relu(b − x).
    const [sign, bound] = isAbove ? [1, low] : [-1, high];
    const cut = net.add(node, 'relu', {}, [moved(sign, -sign * bound)], form, '_cut');
    affine(node, net, cut, sign, bound, { form });
  } else {
    const scale = (high - low) / 6;
    if (!(scale > 0)) throw new Untranslatable(`its bounds are ${low} and ${high}`);
    const cut = net.add(node, 'relu6', {}, [moved(1 / scale, -low / scale)], form, '_cut');
    affine(node, net, cut, scale, low, { form });
  }
  return frozenNote;
}

export const clip: Translator = (node, net) => {
  const bound = (at: number, name: string, byDefault: number): number => {
    if (!net.has(node, at)) return node.number(name, byDefault);
    const { values } = net.constant(node, at, 'bounds');
    if (!values) throw new Untranslatable('its bounds lie in a file that is not there');
    return values[0] ?? byDefault;
  };
  const low = bound(1, 'min', Number.NEGATIVE_INFINITY);
  return between(node, net, 0, low, bound(2, 'max', Number.POSITIVE_INFINITY));
};

export const hardSigmoid: Translator = (node, net) => {
  const [slope, offset] = [node.number('alpha', 0.2), node.number('beta', 0.5)];
  const sixth = Math.fround(1 / 6);
  if (offset === 0.5)
    return pointwise('hardsigmoid', () => ({ slope: Math.abs(slope - sixth) < 1e-6 ? 1 / 6 : slope }))(node, net);
  const value = net.anyOrder(node);
  const moved = affine(node, net, value.index, 6 * slope, 6 * offset, { part: '_moved' });
  const cut = net.add(node, 'relu6', {}, [moved], value, '_cut');
  affine(node, net, cut, 1 / 6, 0);
  return frozenNote;
};

export const selu: Translator = (node, net) => {
  const value = net.anyOrder(node);
  const elu = net.add(node, 'elu', { alpha: node.number('alpha', 1.6732632) }, [value.index], value, '_elu');
  affine(node, net, elu, node.number('gamma', 1.050701), 0);
  return frozenNote;
};

export const dropout: Translator = (node, net) => {
  const ratio = net.has(node, 1) ? (net.constant(node, 1, 'ratio').values?.[0] ?? 0.5) : node.number('ratio', 0.5);
  return pointwise('dropout', () => ({ rate: ratio }))(node, net);
};

export const negative: Translator = (node, net) => {
  affine(node, net, net.anyOrder(node).index, -1, 0);
  return frozenNote;
};

export const swish: Translator = (node, net) => {
  if (node.number('alpha', 1) !== 1) throw new Untranslatable('its alpha is not 1');
  return pointwise('silu')(node, net);
};
