import { type Attribute, type Attributes, type AttributeValues, optional, required } from './layer.js';
import {
  builtInDatasets,
  lossNames,
  noAugmentation,
  optimiserNames,
  type ScheduleSettings,
  scheduleNames,
  type TrainingSettings,
} from './training.js';
import { boolean, number, oneOf, positiveInteger, type ValueType, wholeNumber } from './values.js';

/** One line of a `training` block: a word and its values; hover, completion, checks and the docs read it. */
interface TrainingLine<A extends Attributes = Attributes> {
  readonly summary: string;
  readonly example: string;
  readonly attributes: A;
}

const line = <A extends Attributes>(record: TrainingLine<A>): TrainingLine<A> => record;

const dataset: ValueType<string> = {
  expects: `${builtInDatasets.join(' or ')}, or a file or folder in double quotes`,
  suggestions: builtInDatasets,
  parse: (value) =>
    value.type === 'string' && value.value !== ''
      ? value.value
      : value.type === 'word'
        ? builtInDatasets.find((name) => name === value.value)
        : undefined,
  print: (value) => (builtInDatasets.some((name) => name === value) ? value : `"${value}"`),
};

const positive = number('a positive number', (value) => value > 0);
const notNegative = number('a number, 0 or more', (value) => value >= 0);
const part = number('a number from 0 up to, not including, 1', (value) => value >= 0 && value < 1);

const flag = (doc: string): Attribute<boolean> => ({ ...optional(boolean, false, doc), flag: true });

/** The lines of a `training` block, in the order of the docs. Values without a name go to the attributes that allow it. */
export const trainingLines = {
  dataset: line({
    summary:
      'What the network learns from: `digits` and `shapes` are drawn by the product, at any size; or a file or folder of pictures.',
    example: 'dataset digits',
    attributes: {
      source: required(dataset, 'A built-in set, or the path of a file or folder, relative to this file.'),
    },
  }),
  loss: line({
    summary: 'What learning makes small.',
    example: 'loss crossentropy',
    attributes: {
      kind: required(
        oneOf(...lossNames),
        '`crossentropy` of the scores before a softmax, or without one; `mse`, the mean squared error of what the last layer ' +
          'gives; `hinge` (a support vector machine’s); `perceptron` (Rosenblatt’s rule: learns from mistakes alone).',
      ),
    },
  }),
  optimiser: line({
    summary: 'How the weights follow the gradient.',
    example: 'optimiser adam',
    attributes: {
      kind: required(
        oneOf(...optimiserNames),
        '`sgd`, plain; `momentum`, keeping a part of the last step; `nesterov`, which looks ahead by it; `adam` and `adamw`, ' +
          'which take steps of like size in every direction.',
      ),
      beta2: optional(part, 0.999, 'What adam keeps of the mean of the squared gradients.'),
      epsilon: optional(positive, 1e-8, 'Keeps adam from dividing by 0.'),
    },
  }),
  rate: line({
    summary: 'The learning rate: how large the steps are.',
    example: 'rate 0.001',
    attributes: { value: required(positive, 'Adam likes 0.001, sgd 0.01 to 0.1.') },
  }),
  momentum: line({
    summary: 'What is kept of the last step, or, by adam, of the mean of the gradients.',
    example: 'momentum 0.9',
    attributes: { value: required(part, '0.9 where it is not said; plain sgd has none.') },
  }),
  decay: line({
    summary: 'Weight decay: pulls all weights towards 0.',
    example: 'decay 0.0005',
    attributes: {
      value: required(notNegative, 'Times the rate, the part of a weight that is taken away in each step.'),
    },
  }),
  schedule: line({
    summary: 'How the rate changes over the epochs.',
    example: 'schedule step every 10 factor 0.1',
    attributes: {
      kind: required(
        oneOf(...scheduleNames),
        '`constant`; `step`, down by a factor every few epochs; `linear` and `cosine`, down to 0 at the end.',
      ),
      every: optional(positiveInteger, 10, 'Epochs between two steps down.'),
      factor: optional(
        number('a number between 0 and 1', (value) => value > 0 && value <= 1),
        0.1,
        'What a step down multiplies the rate by.',
      ),
      warmup: optional(notNegative, 0, 'Epochs over which the rate rises from 0 first.'),
    },
  }),
  batch: line({
    summary: 'Pictures of one step.',
    example: 'batch 32',
    attributes: { count: required(positiveInteger, 'More give a steadier gradient, fewer more steps.') },
  }),
  epochs: line({
    summary: 'How often every picture is seen.',
    example: 'epochs 5',
    attributes: { count: required(positiveInteger, 'After each the network is tested.') },
  }),
  seed: line({
    summary: 'Chooses the random weights, the order of the pictures and their changes.',
    example: 'seed 7',
    attributes: { value: required(wholeNumber, 'The same seed gives the same weights.') },
  }),
  augment: line({
    summary: 'Changes by chance that leave a picture what it is.',
    example: 'augment shift 2 rotate 10',
    attributes: {
      shift: optional(notNegative, noAugmentation.shift, 'Pixels, up, down, left and right.'),
      rotate: optional(notNegative, noAugmentation.rotate, 'Degrees, to either side.'),
      scale: optional(part, noAugmentation.scale, 'The part by which it grows or shrinks: 0.1 is 10 %.'),
      flip: flag('Mirrored left to right, half of the time.'),
      noise: optional(
        notNegative,
        noAugmentation.noise,
        'The standard deviation of what is added to each pixel (0 to 1).',
      ),
    },
  }),
} as const;

export type TrainingWord = keyof typeof trainingLines;

export const trainingWords = Object.keys(trainingLines) as readonly TrainingWord[];

export const isTrainingWord = (word: string): word is TrainingWord => Object.hasOwn(trainingLines, word);

/** The attributes of a line, of any word. */
export const trainingAttributes = (word: TrainingWord): Attributes => trainingLines[word].attributes;

type LineValues = {
  readonly [W in TrainingWord]?: (typeof trainingLines)[W] extends TrainingLine<infer A> ? AttributeValues<A> : never;
};

/** What a block leaves unsaid: Adam, 32 pictures a step, five epochs. */
export function trainingSettings(dataset: string, lines: Omit<LineValues, 'dataset'>): TrainingSettings {
  const { kind = 'adam', beta2 = 0.999, epsilon = 1e-8 } = lines.optimiser ?? {};
  const isAdaptive = kind === 'adam' || kind === 'adamw';
  const schedule: ScheduleSettings = lines.schedule ?? { kind: 'constant', every: 1, factor: 1, warmup: 0 };
  return {
    dataset,
    loss: lines.loss?.kind ?? 'crossentropy',
    optimiser: {
      kind: isAdaptive ? kind : 'sgd',
      momentum: lines.momentum?.value ?? (kind === 'sgd' ? 0 : 0.9),
      nesterov: kind === 'nesterov',
      beta2,
      epsilon,
    },
    rate: lines.rate?.value ?? (isAdaptive ? 0.001 : 0.01),
    decay: lines.decay?.value ?? 0,
    schedule,
    batch: lines.batch?.count ?? 32,
    epochs: lines.epochs?.count ?? 5,
    seed: lines.seed?.value ?? 1,
    augment: lines.augment ?? noAugmentation,
  };
}
