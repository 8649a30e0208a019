import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import type { FrameworkRules } from '../../network/frameworks.js';
import { cropAmounts } from '../../network/layers/reshaping.js';
import type { Literal, Slot } from '../code/scope.js';
import { type Takes, type Use, unlessDefault, vectorsOf } from '../code/use.js';
import { CannotSay } from '../format.js';
import { adaptivePool, averagePool, convolution, depthwise, maxPool, sides, transposed, zeros } from './slide.js';
import { is, type LayerStep, layer, type Step, weighing } from './step.js';

interface Row<K extends LayerKind> {
  readonly takes: Takes;
  /** A text is why it cannot be said. `isPositive`: nothing that the layer reads is below 0. */
  readonly say: ((use: Use<K>, isPositive: boolean) => readonly Step[]) | string;
  /** What Keras calls it as the activation of another layer; null where it has no such word. */
  readonly activation?: (use: Use<K>) => string | null;
}

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
  conv: { takes: 'volume', say: convolution },
  depthwise: { takes: 'volume', say: depthwise },
  convtranspose: { takes: 'volume', say: transposed },
  maxpool: { takes: 'volume', say: maxPool },
  avgpool: { takes: 'volume', say: averagePool },
  globalmaxpool: { takes: 'makes vector', say: () => [layer('GlobalMaxPooling2D')] },
  globalavgpool: { takes: 'makes vector', say: () => [layer('GlobalAveragePooling2D')] },
  adaptiveavgpool: { takes: 'volume', say: adaptivePool },
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
      const values = use.each(({ attributes: { amount } }) => sides(amount));
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
            return sides({ top: -top, bottom: -bottom, left: -left, right: -right });
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
