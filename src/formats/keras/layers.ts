import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import type { FrameworkRules } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import type { WindowAxis } from '../../network/window.js';
import type { Literal, Slot } from '../code/scope.js';
import { reachOf, type Takes, type Use, unlessDefault, vectorsOf, windowOf } from '../code/use.js';
import { CannotSay } from '../format.js';
import type { Helper } from './helpers.js';

/** A Keras layer; what its class has as a default is left out (null). */
export interface LayerStep {
  readonly layer: string;
  readonly config: Readonly<Record<string, Slot | null>>;
  /** It holds the layer's weights. */
  readonly weighs?: true;
}

/** What no Keras layer does, in code; the reason says so to a format that holds layers only. */
interface CodeStep {
  readonly code: (inputs: readonly string[]) => string;
  readonly helper?: Helper;
  readonly reason: string;
}

/** What a layer is made of, one applied to what the other gives. */
export type Step = LayerStep | CodeStep;

interface Row<K extends LayerKind> {
  readonly takes: Takes;
  /** A text is why it cannot be said. `isPositive`: nothing that the layer reads is below 0. */
  readonly say: ((use: Use<K>, isPositive: boolean) => readonly Step[]) | string;
  /** What Keras calls it as the activation of another layer; null where it has no such word. */
  readonly activation?: (use: Use<K>) => string | null;
}

/** The same in every instance. */
const is = (value: Literal): Slot => ({ values: [value] });

const layer = (name: string, config: LayerStep['config'] = {}): LayerStep => ({ layer: name, config });
const weighing = (name: string, config: LayerStep['config']): LayerStep => ({ layer: name, config, weighs: true });

/** A function that Keras knows by name. */
const activation = (name: string): Row<LayerKind> => ({
  takes: 'any',
  say: () => [layer('Activation', { activation: is(name) })],
  activation: () => name,
});

/** A function that Keras knows by name where an attribute is what Keras takes it to be. */
const activationWhere = <K extends LayerKind>(
  name: string,
  isTheirs: (use: Use<K>) => boolean,
  otherwise: (use: Use<K>) => readonly Step[],
): Row<K> => ({
  takes: 'any',
  say: (use) => (isTheirs(use) ? [layer('Activation', { activation: is(name) })] : otherwise(use)),
  activation: (use) => (isTheirs(use) ? name : null),
});

type Border = readonly [readonly [number, number], readonly [number, number]];

/** Rows and columns at top and bottom, left and right, as short as Keras takes them. */
const sides = ([[top, bottom], [left, right]]: Border): Literal => {
  if (top !== bottom || left !== right)
    return [
      [top, bottom],
      [left, right],
    ];
  return top === left ? top : [top, left];
};

const axesOf = (use: Use): readonly WindowAxis[] =>
  use.layers.flatMap((placed) => (placed ? [windowOf(placed).y, windowOf(placed).x] : []));

const extentOf = ({ kernel, dilation }: WindowAxis): number => dilation * (kernel - 1) + 1;

/** Keras's "valid" rounds down. */
const isValid = (axis: WindowAxis): boolean =>
  axis.before === 0 && Math.floor((axis.input - extentOf(axis)) / axis.stride) + 1 === axis.output;

/** TensorFlow's "same": ⌈N/S⌉ places, the odd zero at the end. */
const isSame = (axis: WindowAxis): boolean => {
  const missing = Math.max((axis.output - 1) * axis.stride + extentOf(axis) - axis.input, 0);
  return axis.output === Math.ceil(axis.input / axis.stride) && axis.before === Math.floor(missing / 2);
};

/** What must be around the input where neither of Keras's paddings has the same places. */
interface Slide {
  readonly padding: Slot | null;
  readonly border: Slot | null;
}

function slide(use: Use): Slide {
  const axes = axesOf(use);
  if (axes.every(isValid)) return { padding: null, border: null };
  if (axes.every(isSame)) return { padding: is('same'), border: null };
  const values = use.each((placed) => {
    const [y, x] = [reachOf(windowOf(placed).y), reachOf(windowOf(placed).x)];
    return sides([
      [y.before, y.after + y.over],
      [x.before, x.after + x.over],
    ]);
  });
  return { padding: null, border: { values, formula: padFormula(use) } };
}

/** The text's own word for a padding that is the same on all sides. */
function padFormula(use: Use) {
  const isEven = use.layers.every((placed) => {
    const { pad } = (placed?.attributes ?? {}) as { readonly pad?: LayerPadding };
    const over = placed ? reachOf(windowOf(placed).y).over + reachOf(windowOf(placed).x).over : 0;
    return !placed || (pad?.mode === 'explicit' && pad.top === pad.bottom && pad.left === pad.right && over === 0);
  });
  return isEven ? use.written('pad') : undefined;
}

type LayerPadding = { mode: string; top?: number; bottom?: number; left?: number; right?: number };

const zeros = (border: Slot | null): readonly Step[] => (border ? [layer('ZeroPadding2D', { padding: border })] : []);

/** Strides and dilation together are what Keras's backends refuse. */
function refuseBoth(use: Use<'conv'> | Use<'depthwise'> | Use<'convtranspose'>): void {
  for (const placed of (use as Use<'conv'>).layers) {
    if (!placed) continue;
    const { stride, dilation } = placed.attributes;
    if (stride.y * stride.x > 1 && dilation.y * dilation.x > 1)
      throw new CannotSay('Keras convolves with a stride or a dilation, not both');
  }
}

function unevenStride(use: Use<'depthwise'>): void {
  for (const placed of use.layers)
    if (placed && placed.attributes.stride.y !== placed.attributes.stride.x)
      throw new CannotSay("Keras's DepthwiseConv2D has one stride for both axes");
}

function pool(name: string, use: Use<'maxpool'> | Use<'avgpool'>, { padding, border }: Slide): readonly Step[] {
  const any = use as Use<'maxpool'>;
  const [size, stride] = [any.attribute('kernel'), any.attribute('stride')];
  const isDefault = JSON.stringify(size) === JSON.stringify(stride);
  return [...zeros(border), layer(name, { pool_size: size, strides: isDefault ? null : stride, padding })];
}

/** Averages that count the padding and yet not what hangs over it: zeros first, then what Keras leaves out by itself. */
function countingPool(use: Use<'avgpool'>): readonly Step[] {
  const border = use.each((placed) => {
    const { y, x } = windowOf(placed);
    return sides([
      [y.before, y.after],
      [x.before, x.after],
    ]);
  });
  const padded = axesOf(use as never).map((axis) => ({
    ...axis,
    input: axis.input + axis.before + axis.after,
    before: 0,
    after: 0,
  }));
  const padding = padded.every(isValid) ? null : padded.every(isSame) ? is('same') : undefined;
  if (padding === undefined)
    throw new CannotSay('it counts its padding but not what hangs over, which Keras cannot tell apart');
  return pool('AveragePooling2D', use, {
    padding,
    border: unlessDefault({ values: border, formula: padFormula(use as never) }, 0),
  });
}

const affineOf = <K extends 'batchnorm' | 'layernorm' | 'groupnorm' | 'instancenorm'>(
  use: Use<K>,
): LayerStep['config'] => {
  const has = use.same(({ attributes }) => (attributes as unknown as { readonly affine: boolean }).affine, 'affine');
  return has ? {} : { center: is(false), scale: is(false) };
};

const NO_FILTER = 'Keras has no such filter; a conv with these weights, frozen, is one';

/** Every layer in Keras 3. Sources: keras.io/api/layers and Keras's source. */
export const kerasLayers: { readonly [K in LayerKind]: Row<K> } = {
  input: { takes: 'any', say: () => [] },
  conv: {
    takes: 'volume',
    say: (use) => {
      refuseBoth(use);
      const { padding, border } = slide(use as never);
      return [
        ...zeros(border),
        weighing('Conv2D', {
          filters: use.attribute('filters'),
          kernel_size: use.attribute('kernel'),
          strides: use.unless(1, 'stride'),
          padding,
          dilation_rate: use.unless(1, 'dilation'),
          groups: use.unless(1, 'groups'),
          use_bias: use.unless(true, 'bias'),
        }),
      ];
    },
  },
  depthwise: {
    takes: 'volume',
    say: (use) => {
      refuseBoth(use);
      unevenStride(use);
      const { padding, border } = slide(use as never);
      return [
        ...zeros(border),
        weighing('DepthwiseConv2D', {
          kernel_size: use.attribute('kernel'),
          strides: use.unless(1, 'stride'),
          padding,
          depth_multiplier: use.unless(1, 'multiplier'),
          dilation_rate: use.unless(1, 'dilation'),
          use_bias: use.unless(true, 'bias'),
        }),
      ];
    },
  },
  convtranspose: { takes: 'volume', say: (use) => transposed(use) },
  maxpool: {
    takes: 'volume',
    say: (use, isPositive) => {
      if (use.unless(1, 'dilation')) throw new CannotSay('Keras has no dilated pooling');
      const { padding, border } = slide(use as never);
      if (!border || isPositive) return pool('MaxPooling2D', use, { padding, border });
      // −∞ never wins.
      const text = use.scope.say(border, 'border');
      return [
        {
          code: ([x]) => `pad_lowest(${x}, ${text})`,
          helper: 'padLowest',
          reason: 'its padding must be −∞, which no layer of Keras adds',
        },
        ...pool('MaxPooling2D', use, { padding, border: null }),
      ];
    },
  },
  avgpool: {
    takes: 'volume',
    say: (use) => {
      const axes = axesOf(use as never);
      const isPadded = axes.some(({ before, after }) => before + after > 0);
      if (isPadded && use.same(({ attributes }) => attributes.countpad, 'countpad')) return countingPool(use);
      const { padding, border } = slide(use as never);
      if (border) throw new CannotSay('its padding is not that of "same", and Keras would count it in the average');
      return pool('AveragePooling2D', use, { padding, border });
    },
  },
  globalmaxpool: { takes: 'makes vector', say: () => [layer('GlobalMaxPooling2D')] },
  globalavgpool: { takes: 'makes vector', say: () => [layer('GlobalAveragePooling2D')] },
  adaptiveavgpool: {
    takes: 'volume',
    say: (use) => {
      const size = use.each(({ inputs: [input], attributes: { size: wanted } }): Literal => {
        const [y, x] = [(input?.height ?? 0) / wanted.y, (input?.width ?? 0) / wanted.x];
        if (!Number.isInteger(y) || !Number.isInteger(x))
          throw new CannotSay(
            `${input?.height}×${input?.width} does not divide into ${wanted.y}×${wanted.x} equal windows`,
          );
        return y === x ? y : [y, x];
      });
      return size.every((value) => value === undefined || value === 1)
        ? []
        : [layer('AveragePooling2D', { pool_size: { values: size } })];
    },
  },
  fc: {
    takes: 'vector',
    say: (use) => [weighing('Dense', { units: use.attribute('units'), use_bias: use.unless(true, 'bias') })],
  },
  relu: activation('relu'),
  leakyrelu: { takes: 'any', say: (use) => [layer('LeakyReLU', { negative_slope: use.attribute('alpha') })] },
  prelu: {
    takes: 'any',
    say: (use) => {
      const shared = use.same(({ attributes }) => attributes.shared, 'shared');
      const axes = use.first.isVector ? (shared ? [1] : null) : shared ? [1, 2, 3] : [1, 2];
      return [weighing('PReLU', { shared_axes: axes && is(axes) })];
    },
  },
  elu: activationWhere(
    'elu',
    (use) => !use.unless(1, 'alpha'),
    (use) => [layer('ELU', { alpha: use.attribute('alpha') })],
  ),
  gelu: activationWhere(
    'gelu',
    (use) => !use.unless('none', 'approximate'),
    () => [{ code: ([x]) => `keras.activations.gelu(${x}, approximate=True)`, reason: 'there is no layer of it' }],
  ),
  silu: activation('silu'),
  softsign: activation('softsign'),
  hardswish: activation('hard_silu'),
  hardsigmoid: activationWhere(
    'hard_sigmoid',
    (use) => !use.unless(1 / 6, 'slope'),
    (use) => {
      const slope = use.scope.say(use.attribute('slope'), 'slope');
      return [{ code: ([x]) => `ops.clip(${slope} * ${x} + 0.5, 0, 1)`, reason: 'its slope is not that of Keras' }];
    },
  ),
  relu6: activation('relu6'),
  softplus: activationWhere(
    'softplus',
    (use) => !use.unless(1, 'beta'),
    (use) => {
      const beta = use.scope.say(use.attribute('beta'), 'beta');
      return [{ code: ([x]) => `ops.softplus(${beta} * ${x}) / ${beta}`, reason: 'there is no layer with a beta' }];
    },
  ),
  mish: activation('mish'),
  sigmoid: activation('sigmoid'),
  tanh: activation('tanh'),
  sign: { takes: 'any', say: () => [{ code: ([x]) => `ops.sign(${x})`, reason: 'there is no layer of it' }] },
  softmax: activation('softmax'),
  logsoftmax: activation('log_softmax'),
  batchnorm: {
    takes: 'any',
    say: (use) => {
      const keeps = use.first.rules.momentumMeans === 'keep';
      const momentum = use.attribute('momentum');
      const kept: Slot = keeps
        ? momentum
        : {
            values: momentum.values.map((value) =>
              value === undefined ? value : Number((1 - (value as number)).toPrecision(12)),
            ),
          };
      return [
        weighing('BatchNormalization', {
          momentum: unlessDefault(kept, 0.99),
          epsilon: use.unless(1e-3, 'epsilon'),
          ...affineOf(use),
        }),
      ];
    },
  },
  layernorm: {
    takes: 'any',
    say: (use) => [
      weighing('LayerNormalization', {
        epsilon: use.unless(1e-3, 'epsilon'),
        ...affineOf(use),
      }),
    ],
  },
  groupnorm: {
    takes: 'volume',
    say: (use) => [
      weighing('GroupNormalization', {
        groups: use.attribute('groups'),
        epsilon: use.unless(1e-3, 'epsilon'),
        ...affineOf(use),
      }),
    ],
  },
  instancenorm: {
    takes: 'volume',
    say: (use) => [
      // −1 is a group a channel.
      weighing('GroupNormalization', {
        groups: is(-1),
        epsilon: use.unless(1e-3, 'epsilon'),
        ...affineOf(use),
      }),
    ],
  },
  lrn: {
    takes: 'volume',
    say: (use) => {
      if (use.same(({ attributes }) => attributes.region, 'region') === 'within')
        throw new CannotSay('Keras has no normalisation over the pixels around each');
      const divides = use.first.rules.lrnDividesBySize;
      const alpha: Slot = divides
        ? use.attribute('alpha')
        : { values: use.each(({ attributes: { alpha: own, size } }) => own * size) };
      const args = [
        use.scope.say(use.attribute('size'), 'size'),
        use.scope.say(alpha, 'alpha'),
        use.scope.say(use.attribute('beta'), 'beta'),
        use.scope.say(use.attribute('k'), 'k'),
      ].join(', ');
      return [
        {
          code: ([x]) => `local_response_norm(${x}, ${args})`,
          helper: 'lrn',
          reason: 'Keras has no layer of local response normalisation',
        },
      ];
    },
  },
  dropout: { takes: 'any', say: (use) => [layer('Dropout', { rate: use.attribute('rate') })] },
  flatten: { takes: 'vector', say: () => [] },
  reshape: { takes: 'any', say: (use) => reshaped(use) },
  pad: {
    takes: 'volume',
    say: (use) => {
      const mode = use.same(({ attributes }) => attributes.mode, 'mode');
      const values = use.each(({ attributes: { amount } }) =>
        sides([
          [amount.top, amount.bottom],
          [amount.left, amount.right],
        ]),
      );
      if (mode === 'zeros') return zeros({ values });
      const isOne = use.layers.every(
        (placed) =>
          !placed || Math.max(...Object.values(placed.attributes.amount).filter((n) => typeof n === 'number')) <= 1,
      );
      if (mode === 'edge' && !isOne) throw new CannotSay('Keras repeats the edge once, not more often');
      const text = use.scope.say(
        {
          values: use.each(
            ({ attributes: { amount } }): Literal => [
              [0, 0],
              [amount.top, amount.bottom],
              [amount.left, amount.right],
              [0, 0],
            ],
          ),
        },
        'border',
      );
      // One mirrored pixel is the edge itself.
      const word = mode === 'edge' ? 'symmetric' : 'reflect';
      return [{ code: ([x]) => `ops.pad(${x}, ${text}, mode="${word}")`, reason: `it pads by ${mode}, not zeros` }];
    },
  },
  crop: {
    takes: 'volume',
    say: (use) => [
      layer('Cropping2D', {
        cropping: {
          values: use.each(({ attributes, inputs: [input] }) => {
            const { top, bottom, left, right } = input
              ? cropAmounts(input, attributes)
              : { top: 0, bottom: 0, left: 0, right: 0 };
            return sides([
              [-top, -bottom],
              [-left, -right],
            ]);
          }),
        },
      }),
    ],
  },
  slice: {
    takes: 'any',
    say: (use) => {
      const from = use.scope.say(use.attribute('start'), 'start');
      const end = use.scope.say(
        { values: use.each(({ attributes: { start }, output }) => start + output.channels) },
        'end',
      );
      return [{ code: ([x]) => `${x}[..., ${from === '0' ? '' : from}:${end}]`, reason: 'no layer of Keras slices' }];
    },
  },
  upsample: {
    takes: 'volume',
    say: (use) => {
      const mode = use.same(({ attributes }) => attributes.mode, 'mode');
      if (mode === 'bilinear' && use.same(({ attributes }) => attributes.aligncorners, 'aligncorners'))
        throw new CannotSay('Keras does not align the corners');
      return [
        layer('UpSampling2D', {
          size: use.attribute('factor'),
          interpolation: mode === 'bilinear' ? is('bilinear') : null,
        }),
      ];
    },
  },
  channelshuffle: {
    takes: 'volume',
    say: (use) => {
      const groups = use.each(({ output: { height, width, channels }, attributes }): Literal => {
        return [height, width, attributes.groups, channels / attributes.groups];
      });
      const whole = use.each(({ output: { height, width, channels } }): Literal => [height, width, channels]);
      return [
        layer('Reshape', { target_shape: { values: groups } }),
        layer('Permute', { dims: is([1, 2, 4, 3]) }),
        layer('Reshape', { target_shape: { values: whole } }),
      ];
    },
  },
  pixelshuffle: {
    takes: 'volume',
    say: (use) => {
      const apart = use.each(({ inputs: [input], attributes: { factor }, output }): Literal => {
        return [input?.height ?? 1, input?.width ?? 1, output.channels, factor, factor];
      });
      const whole = use.each(({ output: { height, width, channels } }): Literal => [height, width, channels]);
      return [
        layer('Reshape', { target_shape: { values: apart } }),
        layer('Permute', { dims: is([1, 4, 2, 5, 3]) }),
        layer('Reshape', { target_shape: { values: whole } }),
      ];
    },
  },
  add: { takes: 'any', say: () => [layer('Add')] },
  concat: { takes: 'any', say: () => [layer('Concatenate')] },
  multiply: { takes: 'any', say: () => [layer('Multiply')] },
  max: { takes: 'any', say: () => [layer('Maximum')] },
  gaussian: { takes: 'volume', say: NO_FILTER },
  gabor: { takes: 'volume', say: NO_FILTER },
  sobel: { takes: 'volume', say: NO_FILTER },
  hog: { takes: 'volume', say: 'Keras has no histograms of oriented gradients' },
};

/**
 * Keras's own lengths of a transposed convolution: N·S where it pads, N·S + max(F − S, 0) where it does not. What the layer
 * has less is cut off.
 */
function transposed(use: Use<'convtranspose'>): readonly Step[] {
  refuseBoth(use);
  if (use.unless(1, 'groups')) throw new CannotSay("Keras's Conv2DTranspose has no groups");
  const axes = use.layers.flatMap((placed) => {
    const window = placed?.facts.transposed;
    return window ? [window.y, window.x] : [];
  });
  const extent = (axis: (typeof axes)[number]) => axis.dilation * (axis.kernel - 1) + 1;
  const isLikeSame = axes.every(
    (axis) =>
      axis.output === axis.input * axis.stride &&
      extent(axis) >= axis.stride &&
      axis.before === Math.floor((extent(axis) - axis.stride) / 2),
  );
  const step = weighing('Conv2DTranspose', {
    filters: use.attribute('filters'),
    kernel_size: use.attribute('kernel'),
    strides: use.unless(1, 'stride'),
    padding: isLikeSame ? is('same') : null,
    dilation_rate: use.unless(1, 'dilation'),
    use_bias: use.unless(true, 'bias'),
  });
  if (isLikeSame) return [step];
  const cut = use.each(({ facts }) => {
    const { y, x } = facts.transposed as NonNullable<typeof facts.transposed>;
    const of = (axis: typeof y): [number, number] => {
      const whole = axis.input * axis.stride + Math.max(extent(axis) - axis.stride, 0);
      const after = whole - axis.before - axis.output;
      if (after < 0) throw new CannotSay('its outputpad goes beyond what Keras makes');
      return [axis.before, after];
    };
    return sides([of(y), of(x)]);
  });
  const isWhole = cut.every((value) => value === undefined || value === 0);
  return isWhole ? [step] : [step, layer('Cropping2D', { cropping: { values: cut } })];
}

/** Numbers in the network's order; Keras's own is height, width, channels. */
function reshaped(use: Use<'reshape'>): readonly Step[] {
  const isOurs = use.first.rules.flattenOrder === 'CHW';
  const shape = (order: 'CHW' | 'HWC') => ({
    values: use.each(
      ({ output: { channels, height, width } }): Literal =>
        order === 'CHW' ? [channels, height, width] : [height, width, channels],
    ),
  });
  if (!isOurs) return [layer('Reshape', { target_shape: shape('HWC') })];
  const before = use.first.isVector ? [] : [layer('Permute', { dims: is([3, 1, 2]) })];
  return [...before, layer('Reshape', { target_shape: shape('CHW') }), layer('Permute', { dims: is([2, 3, 1]) })];
}

/** What turns a value into the form that the next layer takes. */
export function fitting(isVector: boolean, wants: 'vector' | 'volume', keepsOrder: boolean): readonly LayerStep[] {
  if (wants === 'volume') return isVector ? [layer('Reshape', { target_shape: is([1, 1, -1]) })] : [];
  if (isVector) return [];
  return keepsOrder ? [layer('Permute', { dims: is([3, 1, 2]) }), layer('Flatten')] : [layer('Flatten')];
}

/** Whether a layer's flattened input must be in our order: an fc has its weights turned round instead. */
export const keepsOrder = (
  kind: LayerKind,
  rules: FrameworkRules,
  shape: { readonly height: number; readonly width: number },
): boolean => kind !== 'fc' && rules.flattenOrder === 'CHW' && shape.height * shape.width > 1;

/** Whether each layer's output is a vector in Keras. */
export const kerasVectors = (checked: CheckedNetwork): readonly boolean[] => vectorsOf(checked, kerasLayers);

const alwaysPositive: ReadonlySet<LayerKind> = new Set([
  'relu',
  'relu6',
  'sigmoid',
  'hardsigmoid',
  'softmax',
  'softplus',
]);
const staysPositive: ReadonlySet<LayerKind> = new Set([
  ...([
    'maxpool',
    'avgpool',
    'globalmaxpool',
    'globalavgpool',
    'adaptiveavgpool',
    'dropout',
    'flatten',
    'reshape',
  ] as const),
  ...([
    'crop',
    'slice',
    'upsample',
    'channelshuffle',
    'pixelshuffle',
    'add',
    'concat',
    'multiply',
    'max',
    'pad',
  ] as const),
]);

/** Whether no number of a layer's output can be below 0: zeros around it then never win a maximum. */
export function positives({ network }: CheckedNetwork): readonly boolean[] {
  const isPositive: boolean[] = [];
  for (const { kind, inputs } of network.layers)
    isPositive.push(
      alwaysPositive.has(kind) || (staysPositive.has(kind) && inputs.every((source) => isPositive[source])),
    );
  return isPositive;
}
