import { axisArithmetic, decimals, formatBytes, formatMacs, grouped, windowArithmetic } from './arithmetic.js';
import { groupFixes, samePadFixes, type WindowSituation, windowFixes } from './fixes.js';
import type { Fix, Problem, Severity } from './problem.js';
import { BYTES_PER_NUMBER, formatPair, formatShape, type Pair, printShape, type Shape, volumeOf } from './shape.js';
import { padding, type Value } from './values.js';
import { kernelExtent, kernelFitsInside, lostToRounding, type Window, type WindowAttributes } from './window.js';

/**
 * Every diagnostic of the product is made in this file, so that all speak with one voice: what is wrong, with which
 * numbers, what would work. The text is plain; places are added by whoever knows them.
 */

interface CodeRecord {
  readonly severity: Severity;
  /** One sentence for the list in the docs. */
  readonly title: string;
  /** What it is about could go: an editor shows it faded. */
  readonly faded?: boolean;
}

/** The stable codes, what each is about, and how bad it is unless the user's settings say otherwise. */
export const codes = {
  syntax: { severity: 'error', title: 'The text is not in the language.' },
  'too-large': { severity: 'error', title: 'The file or the network is larger than what is checked.' },
  'missing-input': { severity: 'error', title: 'A network begins with its input.' },
  'unknown-layer': { severity: 'error', title: 'No layer or block has this name.' },
  'unknown-attribute': { severity: 'error', title: 'The layer does not take this attribute.' },
  'unknown-framework': { severity: 'error', title: 'No framework has this name.' },
  'missing-value': { severity: 'error', title: 'A value the layer needs is not there.' },
  'repeated-value': { severity: 'error', title: 'A value is given twice.' },
  'invalid-value': { severity: 'error', title: 'A value is of the wrong kind or out of range.' },
  'duplicate-name': { severity: 'error', title: 'A name is given twice.' },
  'does-not-fit': { severity: 'error', title: 'The filter or window does not divide its input evenly.' },
  'kernel-exceeds-input': { severity: 'error', title: 'The filter or window is larger than its padded input.' },
  'unknown-name': { severity: 'error', title: 'No constant, parameter or layer has this name.' },
  'used-before-definition': { severity: 'error', title: 'A layer takes its input from one that comes later.' },
  misplaced: { severity: 'error', title: 'A statement stands where it has no meaning.' },
  'recursive-block': { severity: 'error', title: 'A block contains itself.' },
  'import-not-found': { severity: 'error', title: 'The file of an import cannot be read.' },
  'import-cycle': { severity: 'error', title: 'Files import each other.' },
  'sizes-diverge': {
    severity: 'error',
    title: 'A layer has another output size under the rules of another framework.',
  },
  'expectation-failed': { severity: 'error', title: 'An expect does not hold.' },
  'classes-differ': {
    severity: 'error',
    title: 'A network gives another number of scores than its dataset has classes.',
  },
  'weights-differ': { severity: 'error', title: 'A weights file has other tensors than the network.' },
  'weights-unreadable': { severity: 'error', title: 'A weights file cannot be read.' },
  'weights-missing': { severity: 'information', title: 'A weights file is not there.' },
  'empty-file': { severity: 'information', title: 'The file has nothing in it.' },
  'groups-do-not-divide': { severity: 'error', title: 'Groups must divide the channels evenly.' },
  'shapes-differ': { severity: 'error', title: 'Volumes that are merged have different sizes.' },
  'unseen-pixels': { severity: 'information', title: 'Rounding leaves rows or columns that no window sees.' },
  'linear-layers': { severity: 'warning', title: 'Two linear layers in a row collapse to one.' },
  shrinking: { severity: 'warning', title: 'Every convolution shrinks its input.' },
  'bias-before-batchnorm': { severity: 'hint', title: 'A normalisation takes away the bias just before it.' },
  'unused-layer': { severity: 'warning', title: 'Nothing uses the output of a layer.', faded: true },
  'unused-name': {
    severity: 'hint',
    title: 'Nothing uses a constant, a block, a parameter, a loop variable or an import.',
    faded: true,
  },
  'softmax-not-last': { severity: 'warning', title: 'A softmax is not the end of its path.' },
  'channels-first': { severity: 'warning', title: 'An input looks as if its channels came first.' },
  'misaligned-paths': { severity: 'warning', title: 'Merged paths look at different places of the image.' },
  'small-receptive-field': { severity: 'hint', title: 'The last units see only a part of the image.' },
  'memory-budget': { severity: 'warning', title: 'The network needs more memory than the budget allows.' },
  'macs-budget': { severity: 'warning', title: 'The network needs more MACs than the budget allows.' },
} as const satisfies Record<string, CodeRecord>;

export type DiagnosticCode = keyof typeof codes;

export const isFaded = (code: DiagnosticCode): boolean => {
  const { faded = false }: CodeRecord = codes[code];
  return faded;
};

/** "did you mean conv?", or nothing. */
const didYouMean = (candidates: readonly string[]): string =>
  candidates.length === 0 ? '' : `; did you mean ${candidates.slice(0, 2).join(' or ')}?`;

const list = (words: readonly string[]): string => words.join(', ');

// — Shapes —

/** `filter` for a convolution, `window` for a pool. */
type WindowNoun = 'filter' | 'window';

const strideText = ({ y, x }: Pair): string => (y === x ? `${y}` : `(${y}, ${x})`);

export const doesNotFit = (noun: WindowNoun, situation: WindowSituation): Problem => ({
  code: 'does-not-fit',
  message:
    `${formatPair(situation.attributes.kernel)} ${noun} does not fit ` +
    `${situation.input.height}×${situation.input.width} at stride ${strideText(situation.attributes.stride)}: ` +
    windowArithmetic(situation.window, (axis) => !Number.isInteger(axis.exact)),
  isOfSize: true,
  fixes: () => windowFixes(situation),
});

export const kernelExceedsInput = (noun: WindowNoun, situation: WindowSituation): Problem => {
  const { window, input, attributes } = situation;
  const tooLarge = kernelFitsInside(window.y) ? window.x : window.y;
  const extent = kernelExtent(tooLarge.kernel, tooLarge.dilation);
  const padded = tooLarge.input + tooLarge.before + tooLarge.after;
  const dilated = extent === tooLarge.kernel ? '' : ` (dilated by ${tooLarge.dilation} it spans ${extent} pixels)`;
  const with_ = padded === tooLarge.input ? '' : `, padded to ${padded}`;
  return {
    code: 'kernel-exceeds-input',
    message:
      `${formatPair(attributes.kernel)} ${noun}${dilated} is larger than its ${input.height}×${input.width} input${with_}: ` +
      axisArithmetic(tooLarge),
    fixes: () => windowFixes(situation),
  };
};

export const groupsDoNotDivide = (
  groups: number,
  channels: number,
  whose: 'input channels' | 'filters',
  inputChannels: number,
  filters: number,
): Problem => ({
  code: 'groups-do-not-divide',
  message: `${groups} groups do not divide ${channels} ${whose}: ${channels}/${groups} = ${decimals(channels / groups)}`,
  attribute: 'groups',
  fixes: () => groupFixes(groups, inputChannels, filters),
});

/** `what` is a layer's output or its weights, with its size. */
export const tensorTooLarge = (what: string, numbers: number, most: number): Problem => ({
  code: 'too-large',
  message:
    `${what} ${holds(numbers)} (${formatBytes(numbers * BYTES_PER_NUMBER)}); ` +
    `more than ${grouped(most)} in one place cannot be computed with`,
});

const holds = (numbers: number): string =>
  numbers > Number.MAX_SAFE_INTEGER ? 'holds more than 2^53 numbers' : `holds ${grouped(numbers)} numbers`;

export const tooManyMacs = (macs: number): Problem => ({
  code: 'too-large',
  message: `The layer takes ${formatMacs(macs)}, more than can be counted exactly (2^53)`,
});

export const padExceedsWindow = (kernel: Pair, pixels: number): Problem => ({
  code: 'invalid-value',
  attribute: 'pad',
  message: `pad must be less than the ${formatPair(kernel)} window: with ${pixels} there are windows that see nothing but padding`,
});

/** `pad same` where the framework has none like it; `except` says when it has: ` only at stride 1`. */
const notSame = (framework: string, except: string, attributes: WindowAttributes): Problem => {
  const fixes = samePadFixes(attributes);
  const [instead] = fixes.flatMap(({ edits }) => edits.map(({ value }) => value));
  return {
    code: 'invalid-value',
    attribute: 'pad',
    message: `${framework} has ${except}; write pad ${instead}, or pad fit`,
    fixes: () => fixes,
  };
};

export const sameNeedsOddKernel = (framework: string, attributes: WindowAttributes): Problem =>
  notSame(framework, `pad same only for odd kernels, not ${formatPair(attributes.kernel)}`, attributes);

export const sameNeedsStrideOne = (framework: string, attributes: WindowAttributes): Problem =>
  notSame(framework, 'pad same only at stride 1', attributes);

export const noSamePadding = (framework: string, attributes: WindowAttributes): Problem =>
  notSame(framework, 'no pad same', attributes);

export const perChannelCount = (attribute: string, found: number, channels: number): Problem => ({
  code: 'invalid-value',
  attribute,
  message: `${attribute} has ${found} numbers for ${channels} channels; give one, or one a channel`,
});

const count = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

export const unseenPixels = (noun: WindowNoun, window: Window): Problem => {
  const rows = lostToRounding(window.y);
  const columns = lostToRounding(window.x);
  const lost = [rows > 0 ? count(rows, 'row') : '', columns > 0 ? count(columns, 'column') : ''].filter(Boolean);
  const where = [rows > 0 ? 'bottom' : '', columns > 0 ? 'right' : ''].filter(Boolean);
  return {
    code: 'unseen-pixels',
    message:
      `${lost.join(' and ')} of the input at the ${where.join(' and ')} ${rows + columns === 1 ? 'is' : 'are'} ` +
      `never seen by the ${noun}: ${windowArithmetic(window, (axis) => lostToRounding(axis) > 0)}, rounded down`,
  };
};

/** `like` names the framework that was asked about. */
export const sizesDiverge = (layer: string, here: Shape, there: Shape, like: string): Problem => ({
  code: 'sizes-diverge',
  message: `${layer} is ${formatShape(here)} here, ${formatShape(there)} like ${like}`,
});

// — Lessons —

export const linearLayers = (first: string, second: string): Problem => ({
  code: 'linear-layers',
  message:
    `${first} and ${second} are both linear with no activation function between: ` +
    'together they can do no more than one linear layer',
  fixes: () => [{ title: 'Put relu between', edits: [], insertion: { into: 'above', line: 'relu' } }],
});

export interface Shrinking {
  /** The sizes along the run: before the first convolution, and after each. */
  readonly sizes: readonly Shape[];
  readonly window: Window;
  /** The padding that keeps the size, as the language writes it. */
  readonly pad: string;
}

export const shrinking = ({ sizes, window, pad }: Shrinking): Problem => {
  const plane = (shape: Shape) => `${shape.height}×${shape.width}`;
  const [before, ...after] = sizes.map(plane);
  return {
    code: 'shrinking',
    message:
      `Every convolution shrinks its input: ${before} → ${after.join(' → ')}; ` +
      `pad ${pad} would keep ${before}${keepingArithmetic(window)}`,
    fixes: () => [
      {
        title: `Add pad ${pad}, which keeps ${before}`,
        edits: [{ target: 'layer', attribute: 'pad', value: pad }],
      },
    ],
  };
};

/** `: (5 − 1)/2 = 2`, for a square kernel. */
const keepingArithmetic = ({ y, x }: Window): string => {
  if (y.kernel !== x.kernel || y.dilation !== x.dilation) return '';
  const factor = y.dilation === 1 ? '' : `${y.dilation}·`;
  return `: ${factor}(${y.kernel} − 1)/2 = ${decimals((y.dilation * (y.kernel - 1)) / 2)}`;
};

export const biasBeforeNormalisation = (normalisation: string, biases: number): Problem => ({
  code: 'bias-before-batchnorm',
  attribute: 'bias',
  message: `${normalisation} subtracts each channel's mean, and the bias with it: ${count(biases, 'parameter')} without effect`,
  fixes: () => [{ title: 'Set bias to false', edits: [{ target: 'layer', attribute: 'bias', value: 'false' }] }],
});

export const unusedLayer = (name: string): Problem => ({
  code: 'unused-layer',
  message: `Nothing uses ${name}: take it away, or name it and let a later layer read it with from`,
});

/** `what` is a constant, block, parameter, loop variable or import. */
export const unusedName = (what: string, name: string): Problem => ({
  code: 'unused-name',
  message: `Nothing uses the ${what} ${name}`,
});

/** `written` as height × width × channels. */
export const channelsFirst = (written: Shape): Problem => {
  const { height: channels, width: height, channels: width } = written;
  const value = printShape({ height, width, channels });
  return {
    code: 'channels-first',
    message: `${formatShape(written)} is ${channels} pixels high with ${width} channels; sizes are height × width × channels: input ${value}`,
    attribute: 'size',
    fixes: () => [{ title: `Use input ${value}`, edits: [{ target: 'input', attribute: 'size', value }] }],
  };
};

export const softmaxNotLast = (name: string, user: string): Problem => ({
  code: 'softmax-not-last',
  message: `${name} makes probabilities, the end of a classifier, but ${user} goes on with them; inside a network use relu or tanh`,
});

export const misalignedPaths = (
  axis: 'height' | 'width',
  differ: 'strides' | 'centres',
  paths: readonly { readonly name: string; readonly pixels: number }[],
): Problem => {
  const each = paths.map(({ name, pixels }) => `${decimals(pixels)} (${name})`).join(' and ');
  return {
    code: 'misaligned-paths',
    message:
      differ === 'strides'
        ? `The merged paths step through the image at different strides along its ${axis}: ${each} pixels between units`
        : `The merged paths look at different places along the image's ${axis}: their first units centre on pixels ${each}`,
  };
};

export const smallReceptiveField = (name: string, field: Pair, image: Shape): Problem => ({
  code: 'small-receptive-field',
  message: `Each unit of ${name}, the last layer, sees ${formatPair(field)} pixels of the ${image.height}×${image.width} image`,
});

export const overMemoryBudget = (bytes: number, budget: number, largest: string, share: number): Problem => ({
  code: 'memory-budget',
  message:
    `The network needs ${formatBytes(bytes)} for parameters and activations, more than the budget of ` +
    `${formatBytes(budget)}; ${largest} alone needs ${formatBytes(share)}`,
});

export const overMacsBudget = (macs: number, budget: number, largest: string, share: number): Problem => ({
  code: 'macs-budget',
  message:
    `The network needs ${formatMacs(macs)}, more than the budget of ${formatMacs(budget)}; ` +
    `${largest} alone needs ${formatMacs(share)}`,
});

/** An input of a merge by its place among them, and the layer it comes from. */
interface MergedInput {
  readonly at: number;
  readonly name: string;
  readonly shape: Shape;
}

/** Two inputs of a merge disagree along `axes`. */
export const shapesDiffer = (
  merge: string,
  first: MergedInput,
  other: MergedInput,
  axes: readonly (keyof Shape)[],
): Problem => ({
  code: 'shapes-differ',
  message:
    `${merge} needs inputs of equal ${axes.join(' and ')}: ${first.name} is ${formatShape(first.shape)}, ` +
    `${other.name} ${formatShape(other.shape)}`,
  inputs: [first.at, other.at],
  isOfSize: !axes.includes('channels'),
  fixes: () =>
    [projections, alignments].flatMap((solve) => [...solve(first.shape, other), ...solve(other.shape, first)]),
});

/** A 1×1 convolution on the way from an input of a merge, a shortcut, that makes it the size of the other. */
function projections(wanted: Shape, { at, name, shape: given }: MergedInput): readonly Fix[] {
  const [y, x] = [Math.round(given.height / wanted.height), Math.round(given.width / wanted.width)];
  if (y < 1 || x < 1) return [];
  const stride = y === 1 && x === 1 ? '' : ` stride ${strideText({ y, x })}`;
  const line = `conv ${wanted.channels} 1x1${stride}`;
  return [
    insertedAt('empty branch', at, `Project the shortcut with ${line}`, line),
    insertedAt('from', at, `Project ${name} with ${line}`, line),
  ];
}

/** Zeros around the smaller of two inputs, or a vector of the one that is none. */
function alignments(wanted: Shape, { at, name, shape: given }: MergedInput): readonly Fix[] {
  if (wanted.height === 1 && wanted.width === 1)
    return [
      insertedAt('end of branch', at, 'Flatten the branch', 'flatten'),
      insertedAt('from', at, `Flatten ${name}`, 'flatten'),
    ];
  const [rows, columns] = [wanted.height - given.height, wanted.width - given.width];
  if (rows < 0 || columns < 0 || rows + columns === 0) return [];
  const line = `pad ${padding.print({
    mode: 'explicit',
    top: Math.floor(rows / 2),
    right: Math.ceil(columns / 2),
    bottom: Math.ceil(rows / 2),
    left: Math.floor(columns / 2),
  })}`;
  return [
    insertedAt('end of branch', at, `Pad the branch with ${line}`, line),
    insertedAt('from', at, `Pad ${name} with ${line}`, line),
  ];
}

const insertedAt = (
  into: 'empty branch' | 'end of branch' | 'from',
  input: number,
  title: string,
  line: string,
): Fix => ({ title, edits: [], insertion: { into, input, line } });

export const volumesDiffer = (input: Shape, size: Shape): Problem => ({
  code: 'invalid-value',
  attribute: 'size',
  message:
    `${formatShape(size)} holds ${grouped(volumeOf(size))} numbers, the input ${formatShape(input)} ` +
    `${grouped(volumeOf(input))}: reshape keeps every number`,
});

/** `arithmetic` shows how no pixel remains. */
export const nothingLeft = (attribute: string, arithmetic: string): Problem => ({
  code: 'invalid-value',
  attribute,
  message: `Nothing is left of the input: ${arithmetic}`,
});

export const reflectsTooFar = (pixels: number, length: number): Problem => ({
  code: 'invalid-value',
  attribute: 'amount',
  message: `${count(pixels, 'pixel')} cannot be reflected from ${length}: a reflection has at most ${length - 1}`,
});

export const cropLargerThanInput = (size: Pair, input: Shape): Problem => ({
  code: 'invalid-value',
  attribute: 'size',
  message: `${formatPair(size)} cannot be cropped out of ${input.height}×${input.width}, which is smaller`,
});

export const cropNeedsOneOf = (given: number): Problem => ({
  code: given === 0 ? 'missing-value' : 'invalid-value',
  message: `crop takes either an amount (crop 2) or a size (crop 24x24)${given === 0 ? '' : ', not both'}`,
});

export const channelsOutside = (start: number, end: number, channels: number): Problem => ({
  code: 'invalid-value',
  attribute: start < channels ? 'count' : 'start',
  message: `Channels ${start} to ${end - 1} are not all there: the input has ${channels}, counted from 0`,
});

export const factorDoesNotDivide = (factor: number, channels: number): Problem => ({
  code: 'invalid-value',
  attribute: 'factor',
  message: `${factor}·${factor} does not divide ${channels} channels: ${channels}/${factor * factor} = ${decimals(channels / (factor * factor))}`,
});

export const outputPadTooLarge = (outputpad: Pair): Problem => ({
  code: 'invalid-value',
  attribute: 'outputpad',
  message: `outputpad must be less than the stride or the dilation, not ${outputpad.y === outputpad.x ? outputpad.y : formatPair(outputpad)}: more would add rows that no kernel reaches`,
});

export const cellsMissing = (cell: number, block: number, input: Shape): Problem => ({
  code: 'invalid-value',
  attribute: 'cell',
  message:
    `A block of ${block}×${block} cells of ${cell}×${cell} pixels takes ${block * cell} pixels; ` +
    `the input is ${input.height}×${input.width}`,
});

export const filterTooLarge = (size: number, most: number): Problem => ({
  code: 'invalid-value',
  message: `The filter would be ${grouped(size)} pixels wide; at most ${grouped(most)} are computed with`,
});

export const needsOddSize = (size: number): Problem => ({
  code: 'invalid-value',
  attribute: 'size',
  message: `size must be odd, so that the filter has a middle; not ${size}`,
});

// — Attributes and names —

export const unknownLayer = (name: string, candidates: readonly string[]): Problem => ({
  code: 'unknown-layer',
  message: `There is no layer or block called ${name}${didYouMean(candidates)}`,
  replacements: candidates,
});

export const unknownAttribute = (
  name: string,
  layer: string,
  candidates: readonly string[],
  all: readonly string[],
): Problem => ({
  code: 'unknown-attribute',
  message:
    `${layer} has no attribute ${name}` +
    (candidates.length > 0 ? didYouMean(candidates) : all.length > 0 ? `; it takes ${list(all)}` : '; it takes none'),
  replacements: candidates,
});

export const unexpectedValue = (text: string, layer: string, missing?: string): Problem => ({
  code: 'invalid-value',
  message: `${layer} cannot take ${text} here${missing ? `; it needs ${missing}` : ''}`,
});

/** `BasicBlock 256` */
export const argumentOutside = (text: string, block: string): Problem => ({
  code: 'invalid-value',
  message: `${block} takes its arguments in parentheses: ${block}(${text})`,
  replacements: [`(${text})`],
});

export const missingValue = (attribute: string, layer: string, expects: string): Problem => ({
  code: 'missing-value',
  message: `${layer} needs ${attribute}: ${expects}`,
});

export const missingAttributeValue = (attribute: string, expects: string): Problem => ({
  code: 'missing-value',
  message: `${attribute} needs a value: ${expects}`,
  attribute,
});

export const repeatedValue = (attribute: string, layer: string): Problem => ({
  code: 'repeated-value',
  message: `${attribute} of ${layer} is given twice`,
  attribute,
});

export const invalidValue = (
  attribute: string,
  expects: string,
  found: string,
  candidates: readonly string[] = [],
): Problem => ({
  code: 'invalid-value',
  message: `${attribute} must be ${expects}, not ${found}${didYouMean(candidates)}`,
  attribute,
  replacements: candidates,
});

/** `conv 8 k` */
export const needsAttributeName = (attribute: string, value: string): Problem => ({
  code: 'invalid-value',
  message: `${value} does not say which attribute it is: write ${attribute} ${value}`,
  attribute,
  replacements: [`${attribute} ${value}`],
});

/** A name of a constant, parameter or layer that is not there. */
export const unknownName = (name: string, what: string, candidates: readonly string[]): Problem => ({
  code: 'unknown-name',
  message: `There is no ${what} called ${name}${didYouMean(candidates)}`,
  replacements: candidates,
});

/** `U(skip = enc1)` */
export const layerAsValue = (name: string): Problem => ({
  code: 'unknown-name',
  message: `${name} is a layer, not a value: layers are read by name with from, in the network that has them`,
});

/** `concat from skip` in a block with a parameter skip. */
export const parameterAsLayer = (name: string): Problem => ({
  code: 'unknown-name',
  message: `${name} is a parameter, a value: a block has one input, so what merges two layers stands in the network`,
});

/** `from relu1`, which no line names so. */
export const countedName = (name: string, kind: string): Problem => ({
  code: 'unknown-name',
  message: `No line is named ${name}; to read a layer, name it where it stands, ${name}: ${kind}`,
});

export const usedBeforeDefinition = (name: string): Problem => ({
  code: 'used-before-definition',
  message: `${name} comes later: a layer can only take what is above it`,
});

export const notElaborated = (name: string): Problem => ({
  code: 'unknown-name',
  message: `${name} is not there: the lines that define it are left out by an if or a repeat`,
});

export const duplicateName = (name: string): Problem => ({
  code: 'duplicate-name',
  message: `The name ${name} is given twice`,
});

export const nameOfLayer = (name: string): Problem => ({
  code: 'duplicate-name',
  message: `${name} is the name of a layer; call it something else`,
});

export const needsName = (what: string): Problem => ({ code: 'missing-value', message: `${what} needs a name` });

export const importNeedsPath = (): Problem => ({
  code: 'missing-value',
  message: 'import needs a file: import Block from "./blocks.convnet"',
});

export const importNeedsNames = (): Problem => ({
  code: 'missing-value',
  message: 'import needs the names it takes: import Block from "./blocks.convnet"',
});

export const unknownFramework = (name: string, all: readonly string[], candidates: readonly string[]): Problem => ({
  code: 'unknown-framework',
  message: `There are no rules for ${name}${candidates.length > 0 ? didYouMean(candidates) : `; like takes ${list(all)}`}`,
  replacements: candidates,
});

export const needsFramework = (all: readonly string[]): Problem => ({
  code: 'missing-value',
  message: `like needs a framework: ${list(all)}`,
});

// — Expressions —

/** A value as a person would name it. */
export const describe = (value: Value): string => {
  switch (value.type) {
    case 'size':
      return value.value.join('x');
    case 'tuple':
      return `(${value.items.map(describe).join(', ')})`;
    case 'string':
      return `"${value.value}"`;
    default:
      return String(value.value);
  }
};

export const wrongOperand = (operator: string, expected: string, found: Value): Problem => ({
  code: 'invalid-value',
  message: `${operator} works on ${expected}, not on ${describe(found)}`,
});

export const divisionByZero = (): Problem => ({ code: 'invalid-value', message: 'This divides by zero' });

export const unknownFunction = (name: string, all: readonly string[]): Problem => ({
  code: 'unknown-name',
  message: `There is no function called ${name}; there are ${list(all)}`,
});

export const wrongArgumentCount = (name: string, least: number, found: number): Problem => ({
  code: 'invalid-value',
  message: `${name} takes ${least === 1 ? 'one number' : `${least} numbers or more`}, not ${found}`,
});

export const namedValueInTuple = (name: string): Problem => ({
  code: 'invalid-value',
  message: `${name} = … stands only in the arguments of a block`,
});

// — Structure —

export const missingInput = (network: string): Problem => ({
  code: 'missing-input',
  message: `${network} has no input: begin with a line such as input 32x32x3`,
});

export const inputNotFirst = (): Problem => ({
  code: 'misplaced',
  message: 'input stands once, as the first layer of its network',
});

export const outsideNetwork = (): Problem => ({
  code: 'misplaced',
  message: 'A layer stands inside a network: network Name { input 32x32x3 … }',
});

export const branchOutsideMerge = (): Problem => ({
  code: 'misplaced',
  message: 'A branch stands inside a merge: add { branch { … } branch { … } }',
});

export const notABranch = (merge: string): Problem => ({
  code: 'misplaced',
  message: `The body of ${merge} holds branches: put this layer into branch { … }`,
});

export const unexpectedBody = (layer: string): Problem => ({
  code: 'misplaced',
  message: `${layer} has no body: only add, concat, multiply and max hold branches`,
});

export const settingOutsideNetwork = (name: string): Problem => ({
  code: 'misplaced',
  message: `${name} belongs to a network, not to a block, a branch or a repeat`,
});

export const tooFewInputs = (layer: string, found: number): Problem => ({
  code: 'missing-value',
  message: `${layer} merges two or more volumes, but has ${found}: give it branches, or from a, previous`,
});

export const tooManyInputs = (layer: string, found: number): Problem => ({
  code: 'invalid-value',
  message: `${layer} takes one input, not ${found}`,
});

export const takesNoInput = (layer: string): Problem => ({
  code: 'invalid-value',
  message: `${layer} takes nothing from other layers`,
});

// — Blocks, repeats and imports —

export const recursiveBlock = (chain: readonly string[]): Problem => ({
  code: 'recursive-block',
  message: `${chain[0]} contains itself: ${chain.join(' → ')}`,
});

export const tooManyArguments = (block: string, parameters: readonly string[], found: number): Problem => ({
  code: 'invalid-value',
  message: `${block} takes ${parameters.length === 0 ? 'no arguments' : list(parameters)}, not ${found} arguments`,
});

export const unknownParameter = (
  name: string,
  block: string,
  parameters: readonly string[],
  candidates: readonly string[],
): Problem => ({
  code: 'unknown-attribute',
  message:
    `${block} has no parameter ${name}` +
    (candidates.length > 0 ? didYouMean(candidates) : parameters.length > 0 ? `; it takes ${list(parameters)}` : ''),
  replacements: candidates,
});

export const missingArgument = (parameter: string, block: string): Problem => ({
  code: 'missing-value',
  message: `${block} needs ${parameter}`,
});

export const tooManyLayers = (most: number): Problem => ({
  code: 'too-large',
  message: `This makes more than ${grouped(most)} layers or steps; networks of that size are not checked`,
});

export const fileTooLarge = (characters: number, most: number): Problem => ({
  code: 'too-large',
  message: `This file has ${grouped(characters)} characters; files over ${grouped(most)} are not checked`,
});

export const emptyFile = (): Problem => ({
  code: 'empty-file',
  message: 'There is no network here yet; write network Name { input 32x32x3 … }',
});

export const callsTooDeep = (deepest: number): Problem => ({
  code: 'too-large',
  message: `Blocks call blocks more than ${deepest} levels deep`,
});

export const importNotFound = (path: string): Problem => ({
  code: 'import-not-found',
  message: `There is no file ${path} to import from`,
});

export const importUnreadable = (path: string, reason: string): Problem => ({
  code: 'import-not-found',
  message: `${path} cannot be imported: ${reason}`,
});

export const importCycle = (chain: readonly string[]): Problem => ({
  code: 'import-cycle',
  message: `These files import each other: ${chain.join(' → ')}`,
});

export const notExported = (name: string, path: string, candidates: readonly string[]): Problem => ({
  code: 'unknown-name',
  message: `${path} has no block or constant called ${name}${didYouMean(candidates)}`,
  replacements: candidates,
});

export const notABlock = (name: string): Problem => ({
  code: 'unknown-layer',
  message: `${name} is a constant, not a block`,
});

export const notAConstant = (name: string): Problem => ({
  code: 'invalid-value',
  message: `${name} is a block, not a value`,
});

// — Expectations —

export const expectationFailed = (what: string, expected: string, found: string): Problem => ({
  code: 'expectation-failed',
  message: `Expected ${what} ${expected}, found ${found}`,
});

export const unknownExpectation = (words: string, all: readonly string[]): Problem => ({
  code: 'invalid-value',
  message: `expect does not know ${words}; it knows a size, ${list(all)}`,
});

export const missingExpectation = (): Problem => ({
  code: 'missing-value',
  message: 'expect needs what is expected: expect 28x28x6, expect params 456, expect macs < 5G',
});

// — Training —

export const notInTraining = (): Problem => ({
  code: 'misplaced',
  message:
    'A training block says how the network learns: a line such as dataset digits, rate 0.001, epochs 5 stands here',
});

export const outsideTraining = (word: string): Problem => ({
  code: 'misplaced',
  message: `${word} belongs into the training block of a network: training { ${word} … }`,
});

export const missingDataset = (): Problem => ({
  code: 'missing-value',
  message:
    'training needs a dataset to learn from: dataset digits, dataset shapes, or a file or folder in double quotes',
});

export const classesDiffer = (dataset: string, classes: number, layer: string, scores: number): Problem => ({
  code: 'classes-differ',
  message: `${dataset} has ${classes} classes, but ${layer} gives ${scores} ${scores === 1 ? 'score' : 'scores'} a picture`,
});

// — Weights —

/** `messages` are clauses that name the tensors, the first of which is told. */
export const weightsDiffer = (file: string, [first = '', ...others]: readonly string[]): Problem => ({
  code: 'weights-differ',
  message: `${file} has other weights than this network: ${first}${others.length > 0 ? `, and ${others.length} more differ` : ''}`,
});

export const weightsUnreadable = (file: string, reason: string): Problem => ({
  code: 'weights-unreadable',
  message: `${file} cannot be read: ${reason}`,
});

export const weightsMissing = (file: string): Problem => ({
  code: 'weights-missing',
  message: `There is no file ${file}: the weights are random until it is trained or copied there`,
});

// — Syntax —

export const missingColon = (name: string, layer: string): Problem => ({
  code: 'unknown-layer',
  message: `There is no layer or block called ${name}; to name the layer write ${name}: ${layer}`,
});

export const attributeOnItsOwn = (attribute: string, layer: string): Problem => ({
  code: 'unknown-layer',
  message: `${attribute} is an attribute: it stands on the line of its layer, after ${layer}`,
});

export const twoStatementsOnALine = (word: string): Problem => ({
  code: 'unknown-attribute',
  message: `${word} begins a statement of its own: put it on a line of its own, or ; before it`,
});

export const neverClosed = (bracket: '{' | '('): string =>
  `This ${bracket} is never closed: a ${bracket === '{' ? '}' : ')'} is missing`;

export const nothingToClose = (bracket: '}' | ')'): string =>
  `This ${bracket} closes nothing: remove it, or add the ${bracket === '}' ? '{' : '('} it belongs to`;

export const missingOpeningBrace = (what: string): string => `The body of ${what} stands in braces: { is missing`;

export const bodyWithoutHeader = (afterIf: boolean): string =>
  afterIf
    ? 'else is missing before this {'
    : 'This { belongs to nothing: repeat, if, branch or a merge is missing before it';

export const brokenHeader = (keyword: string, found: string): string =>
  `${keyword} cannot be read: ${found} has no meaning here`;

export const missingKeyword = (keyword: string, name: string): string => `${keyword} is missing before ${name}`;

export const tooDeep = (braces: number, parentheses: number): string =>
  `This is nested too deep to be read: at most ${braces} braces, else if among them, or ${parentheses} parentheses`;

export const expressionTooLong = (operators: number): string =>
  `This line has more than ${operators} operators: give its parts names with const`;

export const noStatement = (found: string): string =>
  /^\d/.test(found)
    ? `A statement begins with the name of a layer, not with ${found}; names begin with a letter`
    : found === 'from'
      ? 'An import begins with what it takes: import Block from "./blocks.convnet"'
      : `A statement begins with the name of a layer, not with ${found}`;

export const unexpectedCharacters = (characters: string): string =>
  characters.startsWith('^')
    ? '^ has no meaning here: there is no power, write it as a product'
    : `${characters} has no meaning here`;

export const bareExpression = (operator: string, text: string): string =>
  `${operator} stands only in parentheses: write ${text}`;

export const assignment = (text: string): string => `= has no meaning here: a value follows its name, ${text}`;

export const importInBraces = (): string => 'import takes names without braces: import Block from "./blocks.convnet"';

export const unterminatedText = (): string => 'This text has no closing quote';

export const unexpectedToken = (found: string): string => `${found} has no meaning here`;

export const expectedInstead = (expected: string, found: string): string => `Expected ${expected}, found ${found}`;
