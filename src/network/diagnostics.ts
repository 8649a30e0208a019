import { axisArithmetic, decimals, windowArithmetic } from './arithmetic.js';
import { groupFixes, type WindowSituation, windowFixes } from './fixes.js';
import type { Problem, Severity } from './problem.js';
import { formatPair, formatShape, type Pair, type Shape } from './shape.js';
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
});

export const unexpectedValue = (text: string, layer: string, missing: string | undefined): Problem => ({
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

export const invalidValue = (attribute: string, expects: string, found: string): Problem => ({
  code: 'invalid-value',
  message: `${attribute} must be ${expects}, not ${found}`,
  attribute,
});
