import type { FrameworkRules } from './frameworks.js';
import type { Problem } from './problem.js';
import type { Shape } from './shape.js';
import type { ValueType } from './values.js';
import type { TransposedWindow, Window } from './window.js';

/** One attribute of a layer. `T` is its type in `Layer.attributes`. */
export interface Attribute<T = unknown> {
  readonly type: ValueType<T>;
  readonly doc: string;
  /** May be written without its name, recognised by its type: the `6` and `5x5` of `conv 6 5x5`. */
  readonly positional: boolean;
  readonly required: boolean;
  /** May stand without a value, which means true: `frozen`. */
  readonly flag?: boolean;
  /** The value when none is written; `given` holds the attributes written in the text. */
  readonly byDefault?: (rules: FrameworkRules, given: Readonly<Record<string, unknown>>) => T;
}

export type Attributes = Readonly<Record<string, Attribute>>;

export type AttributeValues<A extends Attributes> = {
  readonly [K in keyof A]: A[K] extends Attribute<infer T> ? T : never;
};

/** An attribute that must be written, in words or by position. */
export const required = <T>(type: ValueType<T>, doc: string): Attribute<T> => ({
  type,
  doc,
  positional: true,
  required: true,
});

/** An attribute with a default. A function default may depend on the framework and on what is written. */
export const optional = <T>(
  type: ValueType<T>,
  byDefault: T | ((rules: FrameworkRules, given: Readonly<Record<string, unknown>>) => T),
  doc: string,
  { positional = false } = {},
): Attribute<T> => ({
  type,
  doc,
  positional,
  required: false,
  byDefault: typeof byDefault === 'function' ? (byDefault as NonNullable<Attribute<T>['byDefault']>) : () => byDefault,
});

/** An attribute that may be absent: null then. */
export const absent = <T>(type: ValueType<T>, doc: string, { positional = false } = {}): Attribute<T | null> => ({
  type: type as ValueType<T | null>,
  doc,
  positional,
  required: false,
  byDefault: () => null,
});

/** A tensor of learned (or running) values. Shapes are PyTorch's: OIHW filters, [out, in] for fc. */
export interface WeightSpec {
  readonly name: 'weight' | 'bias' | 'running_mean' | 'running_var';
  readonly shape: readonly number[];
  /** False for running statistics: they are buffers, not parameters. */
  readonly learned: boolean;
  /** What all its values start as, or by which rule each does (engine/weights.ts). */
  readonly initial: number | 'he' | 'xavier' | 'gabor' | 'gaussian' | 'kmeans' | 'sparse';
}

/** Which inputs one output unit depends on, along one axis. */
export interface Support {
  /** Pixels of the input that one output unit spans. */
  readonly extent: number;
  /** Input pixels between the fields of neighbouring outputs; a fraction after upsampling. */
  readonly step: number;
  /** The first input pixel of the first output's field; negative in padding. */
  readonly start: number;
  /**
   * Where outputs are denser than inputs: what each output of one input pixel's worth sees, from the first pixel up to, not
   * including, the second. They repeat a pixel further on, so that `step` is 1 over their number.
   */
  readonly phases?: readonly Span[];
}

/** Pixels from the first up to, not including, the second. */
export type Span = readonly [from: number, to: number];

/** What a layer's shape rule finds out from its input shapes and attributes. */
export interface Inference {
  /** Null when it cannot be known. */
  readonly output: Shape | null;
  readonly problems?: readonly Problem[];
  /** The sliding window, for the layers that have one. */
  readonly window?: Window;
  /** The window of a transposed convolution. */
  readonly transposed?: TransposedWindow;
  readonly weights?: readonly WeightSpec[];
  /** Multiply–accumulates, without bias. */
  readonly macs?: number;
  /** Default: taken from `window`, or one pixel to one pixel. `everything`: each output sees the whole input. */
  readonly support?: 'everything' | { readonly y: Support; readonly x: Support };
}

export interface InferContext<A extends Attributes> {
  /** One shape per input; exactly one unless the layer merges. */
  readonly inputs: readonly Shape[];
  /** The layers that the inputs come from, for messages. */
  readonly inputNames: readonly string[];
  readonly attributes: AttributeValues<A>;
  readonly rules: FrameworkRules;
}

/** How the numbers of a layer come about, a line each, for the hover and the panel. */
export interface Explanation {
  readonly output?: readonly string[];
  readonly params?: string;
  readonly macs?: string;
}

type LayerCategory =
  | 'input'
  | 'convolution'
  | 'pooling'
  | 'dense'
  | 'activation'
  | 'normalisation'
  | 'shape'
  | 'merge'
  | 'filter';

/** Everything about one kind of layer; hover, completion, checks, docs and counts read this record. */
export interface LayerRecord<A extends Attributes = Attributes> {
  readonly title: string;
  readonly category: LayerCategory;
  /** One sentence; the rest of the doc explains. Markdown. */
  readonly summary: string;
  readonly doc: string;
  /** A line of the language, used in docs and completion. */
  readonly example: string;
  readonly attributes: A;
  /** How many inputs it takes: none, one, or a merge of two and more. */
  readonly arity: 'none' | 'one' | 'many';
  /** True for a map that is linear in its input (two in a row collapse to one). */
  readonly linear?: boolean;
  /** True for a normalisation that subtracts each channel's mean: a bias just before it is lost. */
  readonly subtractsMean?: boolean;
  /** True where the outputs are probabilities: the end of a classifier. */
  readonly makesProbabilities?: boolean;
  /** True where the outputs say yes or no and nothing between: no gradient goes through. */
  readonly decides?: boolean;
  /** True where a layer does something else while a network learns: chance, or what the pictures of a batch have in common. */
  readonly differsInTraining?: boolean;
  readonly infer: (context: InferContext<A>) => Inference;
  readonly explain?: (context: InferContext<A>, inference: Inference) => Explanation;
}

/** Gives a record its attribute types; the identity at run time. */
export const defineLayer = <A extends Attributes>(record: LayerRecord<A>): LayerRecord<A> => record;
