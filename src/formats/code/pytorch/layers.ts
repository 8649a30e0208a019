import type { LayerKind } from '../../../network/catalogue.js';
import type { Fit } from '../../../network/frameworks.js';
import { cropAmounts } from '../../../network/layers/reshaping.js';
import type { Pair } from '../../../network/shape.js';
import type { Padding, Sides } from '../../../network/values.js';
import { borderOf, evenOutput, hangsOver, isEven, paddingSides } from '../../../network/window.js';
import { CannotSay, type LayerIn } from '../../format.js';
import type { Literal, Slot } from '../scope.js';
import { type Use, unlessDefault, windowOf } from '../use.js';

/** How PyTorch says a layer. */
export interface Said {
  /** What the module is made with; absent for a function. */
  readonly module?: string;
  /** What it makes of its inputs. */
  readonly call: (inputs: readonly string[], self: string) => string;
}

/** `vector`: (N, C); `volume`: (N, C, H, W); `any`: both, and gives what it takes. */
export type Takes = 'vector' | 'volume' | 'any';

/** A helper that the code has to define, by name. */
export type Helper = 'same' | 'gaussian' | 'gabor' | 'sobel';

/** What all layers with a window have. */
interface Windowed {
  readonly attributes: { readonly pad: Padding };
  readonly facts: LayerIn<'conv'>['facts'];
}

interface Row<K extends LayerKind> {
  readonly takes: Takes;
  /** A function of each number, which goes around whatever made its input. */
  readonly isActivation?: boolean;
  /** How it is said; a text is why it cannot be. */
  readonly say: ((use: Use<K>, wants: (helper: Helper) => void) => Said) | string;
}

/** A call with arguments, of which those that are null are left out. */
const call = (name: string, ...args: readonly (string | null)[]): string =>
  `${name}(${args.filter((arg) => arg !== null).join(', ')})`;

/** `stride=2`, in the code of the constructor. */
const made = (use: Use, name: string, slot: Slot | null): string | null =>
  slot && `${name}=${use.scope.say(slot, name)}`;

/** The same where the forward pass says it. */
const kept = (use: Use, name: string, slot: Slot | null): string | null =>
  slot && `${name}=${use.scope.say(slot, name, 'self.')}`;

/** A function of one argument. */
const pointwise = (name: string): Row<LayerKind> => ({
  takes: 'any',
  isActivation: true,
  say: () => ({ call: ([x]) => `${name}(${x})` }),
});

/** A function with attributes of its own by PyTorch's names; those with PyTorch's defaults are left out. */
const withAttributes = <K extends LayerKind>(
  name: string,
  ...attributes: readonly (readonly [ours: string, theirs: string, byDefault: Literal])[]
): Row<K> => ({
  takes: 'any',
  isActivation: true,
  say: (use) => {
    const args = attributes.map(([ours, theirs, byDefault]) =>
      kept(use as never, theirs, use.unless(byDefault, ours as never)),
    );
    return { call: ([x = '']) => call(name, x, ...args) };
  },
});

const modulesOwn = (module: string): Said => ({ module, call: ([x], self) => `${self}(${x})` });

/** Zeros (or others) around a volume: PyTorch's order is left, right, top, bottom. */
const padded = (use: Use, sides: Slot, mode: string | null): ((x: string) => string) => {
  const text = use.scope.say(sides, 'border', 'self.');
  return (x) => call('F.pad', x, text, mode);
};

const sidesOf = ({ top, bottom, left, right }: Sides): Literal => [left, right, top, bottom];

const before = (layer: Pick<Windowed, 'facts'>): Pair => {
  const { y, x } = windowOf(layer);
  return { y: y.before, x: x.before };
};

const windowed = (use: { readonly layers: readonly (Windowed | undefined)[] }): readonly Windowed[] =>
  use.layers.filter((layer) => layer !== undefined);

/** The text's own words for the padding, where they say what the window has on all sides. */
const padFormula = (use: Use<'conv'> | Use<'depthwise'> | Use<'maxpool'> | Use<'avgpool'>) =>
  windowed(use).every(
    ({ attributes: { pad } }) => pad.mode === 'explicit' && pad.top === pad.bottom && pad.left === pad.right,
  )
    ? use.written('pad')
    : undefined;

const isSame = (use: Use<'conv'> | Use<'depthwise'>): boolean =>
  windowed(use).every(({ attributes: { pad } }) => pad.mode === 'same');

/** nn.Conv2d rounds down and pads both sides alike: what else there is goes around the input first. */
function convolution(
  use: Use<'conv'> | Use<'depthwise'>,
  filters: Slot,
  groups: Slot | null,
  wants: (helper: Helper) => void,
): Said {
  const typed = use as Use<'conv'>;
  const even = typed.layers.every((layer) => !layer || (isEven(windowOf(layer).y) && isEven(windowOf(layer).x)));
  const isUpper = typed.layers.every((layer) => !layer || windowOf(layer).y.before <= windowOf(layer).y.after);
  const helper = !even && isSame(use) && isUpper;
  if (helper) wants('same');
  const padding = even ? unlessDefault(typed.pair(before, padFormula(use)), 0) : null;
  const module = call(
    helper ? 'Conv2dSame' : 'nn.Conv2d',
    typed.scope.say(typed.inputs[0] as Slot, 'in_channels'),
    typed.scope.say(filters, 'filters'),
    typed.scope.say(typed.attribute('kernel'), 'kernel_size'),
    made(typed, 'stride', typed.unless(1, 'stride')),
    made(typed, 'padding', padding),
    made(typed, 'dilation', typed.unless(1, 'dilation')),
    made(typed, 'groups', groups),
    made(typed, 'bias', typed.unless(true, 'bias')),
  );
  if (even || helper) return modulesOwn(module);
  const pad = padded(typed, { values: typed.each((layer) => sidesOf(borderOf(windowOf(layer)))) }, null);
  return { module, call: ([x = ''], self) => `${self}(${pad(x)})` };
}

/** How to make PyTorch's pool slide as ours does: `ceil_mode` or not, or null where it must be padded by hand. */
function poolRounding(use: Use<'maxpool'> | Use<'avgpool'>, countsPadding: boolean): boolean | null {
  const axes = windowed(use).flatMap((layer) => [windowOf(layer).y, windowOf(layer).x]);
  if (axes.some(({ before: pad, kernel }) => pad > kernel / 2)) return null;
  // Where padding counts, PyTorch must pad exactly as much.
  if (countsPadding && axes.some(({ before, after }) => before !== after)) return null;
  const roundsAs = (fit: Fit): boolean => axes.every((axis) => evenOutput(axis, fit) === axis.output);
  return roundsAs('floor') ? false : roundsAs('ceil') ? true : null;
}

function pool(
  name: string,
  use: Use<'maxpool'> | Use<'avgpool'>,
  rest: readonly (string | null)[],
  countsPadding: boolean,
): Said {
  const typed = use as Use<'maxpool'>;
  const isMax = name === 'F.max_pool2d';
  const rounding = poolRounding(use, countsPadding);
  const kernel = typed.attribute('kernel');
  const stride = typed.attribute('stride');
  const isKernel = JSON.stringify(kernel) === JSON.stringify(stride);
  const args = (ceil: boolean, pads: Slot | null) => [
    typed.scope.say(kernel, 'kernel_size', 'self.'),
    isKernel ? null : kept(typed, 'stride', stride),
    pads && kept(typed, 'padding', pads),
    isMax ? kept(typed, 'dilation', typed.unless(1, 'dilation')) : null,
    ceil ? 'ceil_mode=True' : null,
    ...rest,
  ];
  if (rounding !== null) {
    const written = args(rounding, unlessDefault(typed.pair(before, padFormula(use)), 0));
    return { call: ([x = '']) => call(name, x, ...written) };
  }
  if (!isMax && !countsPadding)
    throw new CannotSay('its padding is uneven, and PyTorch cannot leave it out of the average');
  // −∞ never wins; zeros that count are there before PyTorch pools, and what hangs over them is not counted.
  const sides = typed.each((layer) => sidesOf(isMax ? borderOf(windowOf(layer)) : paddingSides(windowOf(layer))));
  const over = typed.layers.some((layer) => layer && hangsOver(windowOf(layer)));
  const pad = padded(typed, { values: sides }, isMax ? 'value=float("-inf")' : null);
  const written = args(!isMax && over, null);
  return { call: ([x = '']) => call(name, pad(x), ...written) };
}

const merge = (sign: string): Row<LayerKind> => ({
  takes: 'any',
  say: () => ({ call: (inputs) => inputs.map((input) => (/ /.test(input) ? `(${input})` : input)).join(` ${sign} `) }),
});

const affine = <K extends 'groupnorm' | 'instancenorm'>(use: Use<K>, byDefault: boolean) => [
  made(use as never, 'eps', use.unless(1e-5, 'epsilon' as never)),
  made(use as never, 'affine', use.unless(byDefault, 'affine' as never)),
];

/** Every layer in PyTorch (1.13 and later). Sources: the documentation of torch.nn and torch.nn.functional. */
export const torchLayers: { readonly [K in LayerKind]: Row<K> } = {
  input: { takes: 'any', say: () => ({ call: ([x = 'x']) => x }) },
  conv: {
    takes: 'volume',
    say: (use, wants) => convolution(use, use.attribute('filters'), use.unless(1, 'groups'), wants),
  },
  depthwise: {
    takes: 'volume',
    say: (use, wants) => {
      const [channels] = use.inputs as readonly [Slot];
      const values = use.outputChannels;
      const isPlain = use.unless(1, 'multiplier') === null;
      return convolution(use, isPlain ? channels : { values }, channels, wants);
    },
  },
  convtranspose: {
    takes: 'volume',
    say: (use) => {
      const axes = use.each(({ facts: { transposed } }) => transposed);
      const isEvenly = axes.every((t) => !t || [t.y, t.x].every((axis) => axis.before === axis.after));
      const plain = axes.every(
        (t) => !t || [t.y, t.x].every(({ extra, stride, dilation }) => extra < Math.max(stride, dilation)),
      );
      if (!plain) throw new CannotSay('PyTorch adds fewer rows and columns than the stride');
      const module = (padding: Slot | null, extra: Slot | null) =>
        call(
          'nn.ConvTranspose2d',
          use.scope.say(use.inputs[0] as Slot, 'in_channels'),
          use.scope.say(use.attribute('filters'), 'filters'),
          use.scope.say(use.attribute('kernel'), 'kernel_size'),
          made(use as never, 'stride', use.unless(1, 'stride')),
          made(use as never, 'padding', padding),
          made(use as never, 'output_padding', extra),
          made(use as never, 'groups', use.unless(1, 'groups')),
          made(use as never, 'bias', use.unless(true, 'bias')),
          made(use as never, 'dilation', use.unless(1, 'dilation')),
        );
      const extra = use.pair(({ facts: { transposed: t } }) => ({ y: t?.y.extra ?? 0, x: t?.x.extra ?? 0 }));
      if (isEvenly) {
        const cut = use.pair(({ facts: { transposed: t } }) => ({ y: t?.y.before ?? 0, x: t?.x.before ?? 0 }));
        return modulesOwn(module(unlessDefault(cut, 0), unlessDefault(extra, 0)));
      }
      // Uneven: the whole output, cut by hand. Rows that are added anew lie beyond the cut.
      const own = module(null, null);
      const cut = use.each(({ facts: { transposed: t } }): Literal => {
        if (!t || t.y.extra > t.y.after || t.x.extra > t.x.after)
          throw new CannotSay('its uneven padding and outputpad cannot be said together');
        return [t.y.before, t.y.before + t.y.output, t.x.before, t.x.before + t.x.output];
      });
      const [top, bottom, left, right] = cuts(use as never, cut);
      return { module: own, call: ([x], self) => `${self}(${x})[:, :, ${top}:${bottom}, ${left}:${right}]` };
    },
  },
  maxpool: { takes: 'volume', say: (use) => pool('F.max_pool2d', use, [], false) },
  avgpool: {
    takes: 'volume',
    say: (use) => {
      const padding = use.layers.some(
        (layer) => layer && [windowOf(layer).y, windowOf(layer).x].some(({ before: b, after }) => b + after > 0),
      );
      const counts = use.same(({ attributes }) => attributes.countpad, 'countpad');
      const rest = padding && !counts ? ['count_include_pad=False'] : [];
      return pool('F.avg_pool2d', use, rest, counts && padding);
    },
  },
  globalmaxpool: { takes: 'volume', say: () => ({ call: ([x]) => `F.adaptive_max_pool2d(${x}, 1)` }) },
  globalavgpool: { takes: 'volume', say: () => ({ call: ([x]) => `F.adaptive_avg_pool2d(${x}, 1)` }) },
  adaptiveavgpool: {
    takes: 'volume',
    say: (use) => {
      const size = use.scope.say(use.attribute('size'), 'size', 'self.');
      return { call: ([x]) => `F.adaptive_avg_pool2d(${x}, ${size})` };
    },
  },
  fc: {
    takes: 'vector',
    say: (use) =>
      modulesOwn(
        call(
          'nn.Linear',
          use.scope.say(features(use), 'in_features'),
          use.scope.say(use.attribute('units'), 'out_features'),
          made(use as never, 'bias', use.unless(true, 'bias')),
        ),
      ),
  },
  relu: pointwise('F.relu'),
  leakyrelu: withAttributes('F.leaky_relu', ['alpha', 'negative_slope', 0.01]),
  prelu: {
    takes: 'any',
    say: (use) => {
      const shared = use.same(({ attributes }) => attributes.shared, 'shared');
      return modulesOwn(call('nn.PReLU', shared ? null : use.scope.say(use.inputs[0] as Slot, 'channels')));
    },
  },
  elu: withAttributes('F.elu', ['alpha', 'alpha', 1]),
  gelu: withAttributes('F.gelu', ['approximate', 'approximate', 'none']),
  silu: pointwise('F.silu'),
  hardswish: pointwise('F.hardswish'),
  hardsigmoid: {
    takes: 'any',
    say: (use) => {
      if (!use.unless(1 / 6, 'slope')) return { call: ([x]) => `F.hardsigmoid(${x})` };
      const slope = use.scope.say(use.attribute('slope'), 'slope', 'self.');
      return { call: ([x]) => `torch.clamp(${slope} * ${x} + 0.5, 0, 1)` };
    },
  },
  relu6: pointwise('F.relu6'),
  softplus: withAttributes('F.softplus', ['beta', 'beta', 1]),
  mish: pointwise('F.mish'),
  sigmoid: pointwise('torch.sigmoid'),
  tanh: pointwise('torch.tanh'),
  softsign: pointwise('F.softsign'),
  sign: pointwise('torch.sign'),
  // Modules, so that training can do without the last one: its loss has one of its own.
  softmax: { takes: 'any', say: () => modulesOwn('nn.Softmax(dim=1)') },
  logsoftmax: { takes: 'any', say: () => modulesOwn('nn.LogSoftmax(dim=1)') },
  batchnorm: {
    takes: 'any',
    say: (use) => {
      const { momentumMeans } = use.first.rules;
      const momentum = use.attribute('momentum');
      const update: Slot =
        momentumMeans === 'update'
          ? momentum
          : { values: momentum.values.map((keep) => (keep === undefined ? keep : round(1 - (keep as number)))) };
      return modulesOwn(
        call(
          use.first.isVector ? 'nn.BatchNorm1d' : 'nn.BatchNorm2d',
          use.scope.say(use.inputs[0] as Slot, 'channels'),
          made(use as never, 'eps', use.unless(1e-5, 'epsilon')),
          made(use as never, 'momentum', unlessDefault(update, 0.1)),
          made(use as never, 'affine', use.unless(true, 'affine')),
        ),
      );
    },
  },
  layernorm: {
    takes: 'any',
    say: (use) => {
      const module = call(
        'nn.LayerNorm',
        use.scope.say(use.inputs[0] as Slot, 'channels'),
        made(use as never, 'eps', use.unless(1e-5, 'epsilon')),
        made(use as never, 'elementwise_affine', use.unless(true, 'affine')),
      );
      if (use.first.isVector) return modulesOwn(module);
      return { module, call: ([x], self) => `${self}(${x}.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)` };
    },
  },
  groupnorm: {
    takes: 'any',
    say: (use) =>
      modulesOwn(
        call(
          'nn.GroupNorm',
          use.scope.say(use.attribute('groups'), 'groups'),
          use.scope.say(use.inputs[0] as Slot, 'channels'),
          ...affine(use, true),
        ),
      ),
  },
  instancenorm: {
    takes: 'volume',
    say: (use) =>
      modulesOwn(call('nn.InstanceNorm2d', use.scope.say(use.inputs[0] as Slot, 'channels'), ...affine(use, false))),
  },
  lrn: {
    takes: 'volume',
    say: (use) => {
      if (use.same(({ attributes }) => attributes.region, 'region') === 'within') return lrnWithin(use);
      const divides = use.first.rules.lrnDividesBySize;
      const alpha: Slot = divides
        ? use.attribute('alpha')
        : { values: use.each(({ attributes: { alpha: own, size } }) => own * size) };
      const args = [
        use.scope.say(use.attribute('size'), 'size', 'self.'),
        kept(use as never, 'alpha', unlessDefault(alpha, 1e-4)),
        kept(use as never, 'beta', use.unless(0.75, 'beta')),
        kept(use as never, 'k', use.unless(1, 'k')),
      ];
      return { call: ([x = '']) => call('F.local_response_norm', x, ...args) };
    },
  },
  dropout: {
    takes: 'any',
    say: (use) => modulesOwn(call('nn.Dropout', use.scope.say(use.attribute('rate'), 'rate'))),
  },
  flatten: { takes: 'vector', say: () => ({ call: ([x = '']) => x }) },
  reshape: {
    takes: 'vector',
    say: (use) => {
      const shape = use.each(
        ({ output, rules }): Literal =>
          rules.flattenOrder === 'CHW'
            ? [output.channels, output.height, output.width]
            : [output.height, output.width, output.channels],
      );
      const text = use.scope.say({ values: shape }, 'size', 'self.');
      const back = use.first.rules.flattenOrder === 'CHW' ? '' : '.permute(0, 3, 1, 2)';
      return { call: ([x]) => `${x}.unflatten(1, ${text})${back}` };
    },
  },
  pad: {
    takes: 'volume',
    say: (use) => {
      const mode = use.same(({ attributes }) => attributes.mode, 'mode');
      const values = use.each(
        ({ attributes: { amount } }): Literal => [amount.left, amount.right, amount.top, amount.bottom],
      );
      const word = { zeros: null, reflect: 'mode="reflect"', edge: 'mode="replicate"' }[mode];
      const pad = padded(use as never, { values }, word);
      return { call: ([x = '']) => pad(x) };
    },
  },
  crop: {
    takes: 'volume',
    say: (use) => {
      const values = use.each(({ attributes, inputs: [input], output }): Literal => {
        const amounts = input ? cropAmounts(input, attributes) : { top: 0, left: 0 };
        return [-amounts.top, -amounts.top + output.height, -amounts.left, -amounts.left + output.width];
      });
      const [top, bottom, left, right] = cuts(use as never, values);
      return { call: ([x]) => `${x}[:, :, ${top}:${bottom}, ${left}:${right}]` };
    },
  },
  slice: {
    takes: 'any',
    say: (use) => {
      const from = use.scope.say(use.attribute('start'), 'start', 'self.');
      const end = use.scope.say(
        { values: use.each(({ attributes: { start }, output }) => start + output.channels) },
        'end',
        'self.',
      );
      return { call: ([x]) => `${x}[:, ${from === '0' ? '' : from}:${end}]` };
    },
  },
  upsample: {
    takes: 'volume',
    say: (use) => {
      const mode = use.same(({ attributes }) => attributes.mode, 'mode');
      const aligned = mode === 'bilinear' && use.same(({ attributes }) => attributes.aligncorners, 'aligncorners');
      const args = [
        kept(use as never, 'scale_factor', use.attribute('factor')),
        mode === 'bilinear' ? 'mode="bilinear"' : null,
        aligned ? 'align_corners=True' : null,
      ];
      return { call: ([x = '']) => call('F.interpolate', x, ...args) };
    },
  },
  channelshuffle: {
    takes: 'volume',
    say: (use) => {
      const groups = use.scope.say(use.attribute('groups'), 'groups', 'self.');
      return { call: ([x]) => `${x}.unflatten(1, (${groups}, -1)).transpose(1, 2).flatten(1, 2)` };
    },
  },
  pixelshuffle: {
    takes: 'volume',
    say: (use) => {
      const factor = use.scope.say(use.attribute('factor'), 'factor', 'self.');
      return { call: ([x]) => `F.pixel_shuffle(${x}, ${factor})` };
    },
  },
  add: merge('+'),
  multiply: merge('*'),
  concat: { takes: 'any', say: () => ({ call: (inputs) => `torch.cat([${inputs.join(', ')}], dim=1)` }) },
  max: {
    takes: 'any',
    say: () => ({ call: (inputs) => inputs.reduce((a, b) => `torch.maximum(${a}, ${b})`) }),
  },
  gaussian: {
    takes: 'volume',
    say: (use, wants) => {
      wants('gaussian');
      const sigma = use.scope.say(use.attribute('sigma'), 'sigma', 'self.');
      const size = use.scope.say({ values: use.each((layer) => windowOf(layer).y.kernel) }, 'size', 'self.');
      return { call: ([x]) => `gaussian_blur(${x}, ${sigma}, ${size})` };
    },
  },
  gabor: {
    takes: 'volume',
    say: (use, wants) => {
      wants('gabor');
      const args = [
        use.scope.say(use.attribute('orientations'), 'orientations', 'self.'),
        use.scope.say(use.attribute('wavelength'), 'wavelength', 'self.'),
        use.scope.say(use.attribute('sigma'), 'sigma', 'self.'),
        use.scope.say({ values: use.each((layer) => windowOf(layer).y.kernel) }, 'size', 'self.'),
      ];
      return { call: ([x]) => `gabor_filters(${x}, ${args.join(', ')})` };
    },
  },
  sobel: {
    takes: 'volume',
    say: (use, wants) => {
      wants('sobel');
      const magnitude = use.same(({ attributes }) => attributes.mode, 'mode') === 'magnitude';
      return { call: ([x]) => `sobel(${x}${magnitude ? ', magnitude=True' : ''})` };
    },
  },
  hog: { takes: 'volume', say: 'PyTorch has no histograms of oriented gradients' },
};

/** x/(k + alpha · mean of squares)^beta over pixels: the mean counts the zeros beyond the border, as Caffe does. */
function lrnWithin(use: Use<'lrn'>): Said {
  const size = use.same(({ attributes }) => attributes.size, 'size');
  if (size % 2 === 0) throw new CannotSay('its window has no middle');
  const [alpha, beta, k] = (['alpha', 'beta', 'k'] as const).map((name) =>
    use.scope.say(use.attribute(name), name, 'self.'),
  );
  const mean = (x: string) => `F.avg_pool2d(${x}**2, ${size}, stride=1, padding=${(size - 1) / 2})`;
  return { call: ([x = '']) => `${x} / (${k} + ${alpha} * ${mean(x)}) ** ${beta}` };
}

/** What a slice of rows and columns begins and ends with. */
function cuts(use: Use, values: Use['outputChannels'] | readonly (Literal | undefined)[]): string[] {
  return ['top', 'bottom', 'left', 'right'].map((name, place) =>
    use.scope.say({ values: values.map((value) => (value as readonly Literal[] | undefined)?.[place]) }, name, 'self.'),
  );
}

/** The inputs of a fully connected layer: channels · height · width. */
function features(use: Use<'fc'>): Slot {
  const [channels] = use.inputs as readonly [Slot<number>];
  const size = use.each(({ inputs: [input] }) => [input?.height ?? 1, input?.width ?? 1] as const);
  const values = use.each(({ inputs: [input] }) => (input ? input.height * input.width * input.channels : 1));
  const [height, width] = size.find((pair) => pair) ?? [1, 1];
  if (size.some((pair) => pair && (pair[0] !== height || pair[1] !== width))) return { values };
  if (height * width === 1) return channels;
  const own = use.scope.constant(channels);
  const number = (value: number) => ({ type: 'value', value: { type: 'number', value } }) as const;
  const formula = channels.formula ?? (own === undefined ? undefined : number(own));
  if (!formula) return { values };
  const operands = [formula, number(height)] as const;
  return {
    values,
    formula: {
      type: 'operation',
      operator: '*',
      operands: [{ type: 'operation', operator: '*', operands }, number(width)],
    },
  };
}

/** Without the last digits that a difference of decimals leaves: 1 − 0.9 is 0.1. */
const round = (value: number): number => Number(value.toPrecision(12));
