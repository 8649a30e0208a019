import { axisArithmetic, decimals, formatBytes, grouped, windowArithmetic } from './arithmetic.js';
import { groupFixes, type WindowSituation, windowFixes } from './fixes.js';
import type { Problem, Severity } from './problem.js';
import { formatPair, formatShape, type Pair, type Shape } from './shape.js';
import type { Value } from './values.js';
import { kernelExtent, kernelFitsInside } from './window.js';

/**
 * Every diagnostic of the product is made in this file, so that all speak with one voice: what is wrong, with which
 * numbers, what would work. The text is plain; places are added by whoever knows them.
 */

interface CodeRecord {
  readonly severity: Severity;
  /** One sentence for the list in the docs. */
  readonly title: string;
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
  'expectation-failed': { severity: 'error', title: 'An expect does not hold.' },
  'empty-file': { severity: 'information', title: 'The file has nothing in it.' },
  'groups-do-not-divide': { severity: 'error', title: 'Groups must divide the channels evenly.' },
} as const satisfies Record<string, CodeRecord>;

export type DiagnosticCode = keyof typeof codes;

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

/** A shape so large that its numbers would not fit any memory; `what` says which. */
export const sizeTooLarge = (output: Shape): Problem => ({
  code: 'invalid-value',
  message: `${formatShape(output)} holds more than 2^53 numbers: nothing can count, let alone store them`,
});

export const sameNeedsStrideOne = (framework: string): Problem => ({
  code: 'invalid-value',
  attribute: 'pad',
  message: `${framework} has pad same only at stride 1; write the padding in numbers, or pad fit`,
});

export const noSamePadding = (framework: string): Problem => ({
  code: 'invalid-value',
  attribute: 'pad',
  message: `${framework} has no pad same; write the padding in numbers, or pad fit`,
});

export const perChannelCount = (attribute: string, found: number, channels: number): Problem => ({
  code: 'invalid-value',
  attribute,
  message: `${attribute} has ${found} numbers for ${channels} channels; give one, or one a channel`,
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

/** A name of a constant, parameter or layer that is not there. */
export const unknownName = (name: string, what: string, candidates: readonly string[]): Problem => ({
  code: 'unknown-name',
  message: `There is no ${what} called ${name}${didYouMean(candidates)}`,
  replacements: candidates,
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

export const noPreviousLayer = (): Problem => ({
  code: 'missing-input',
  message: 'There is no layer above this one to take its input from',
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

export const fileTooLarge = (bytes: number, most: number): Problem => ({
  code: 'too-large',
  message: `This file has ${formatBytes(bytes)}; files over ${formatBytes(most)} are not checked`,
});

export const emptyFile = (): Problem => ({
  code: 'empty-file',
  message: 'There is no network here yet; write network Name { input 32x32x3 … }',
});

export const importNotFound = (path: string): Problem => ({
  code: 'import-not-found',
  message: `There is no file ${path} to import from`,
});

export const importUnreadable = (path: string, reason: string): Problem => ({
  code: 'import-not-found',
  message: `${path} cannot be imported: ${reason}`,
});

export const importOutside = (path: string): Problem => ({
  code: 'import-not-found',
  message: `${path} lies outside the folder that is open, and is not read`,
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

// — Syntax —

export const missingColon = (name: string, layer: string): Problem => ({
  code: 'unknown-layer',
  message: `There is no layer or block called ${name}; to name the layer write ${name}: ${layer}`,
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

export const missingKeyword = (keyword: string, name: string): string => `${keyword} is missing before ${name}`;

export const tooDeep = (deepest: number): string => `Brackets are nested deeper than ${deepest} levels`;

export const unexpectedCharacters = (characters: string): string => `${characters} has no meaning here`;

export const unterminatedText = (): string => 'This text has no closing quote';

export const unexpectedToken = (found: string): string => `${found} has no meaning here`;

export const expectedInstead = (expected: string, found: string): string => `Expected ${expected}, found ${found}`;
