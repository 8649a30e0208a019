import { type FrameworkRules, rulesOf } from '../../../network/frameworks.js';
import type { Attribute } from '../../../network/layer.js';
import type { Analyzer } from '../../findings/analyzer.js';
import { formatSizes } from '../../findings/instances.js';
import { type Outcome, type Situation, tryLines } from '../support/trial.js';

/** A value worth offering for an attribute, with what it leads to. */
export interface Candidate {
  readonly text: string;
  /** The size the layer would give; empty where it is not known or the same for every value. */
  readonly size: string;
  /** Why it does not work. */
  readonly message: string | undefined;
  /** 0 fits, 1 fits after rounding, 2 does not. */
  readonly rank: number;
}

const steps = ['0', '1', '2', '3', '4', '5', '6', '7', '8'];
const powers = ['1', '2', '4', '8', '16', '32', '64', '128', '256', '512'];
/** Where any number of channels works, fewer are seldom meant. */
const FEW = 8;
const MOST_UNFIT = 4;
const moreSizes = ['2x2', '7x7', '11x11'];

/** The words and numbers that an attribute may take, the usual ones first. */
function textsFor(attribute: Attribute, rules: FrameworkRules): readonly string[] {
  const { type } = attribute;
  const accepts = (text: string) =>
    type.parse(
      text.includes('x')
        ? { type: 'size', value: text.split('x').map(Number) }
        : { type: 'number', value: Number(text) },
    ) !== undefined;
  const words = type.suggestions.filter((text) => /^[a-z"]/.test(text));
  if (type.suggestions.length > words.length) {
    const numerals = type.positionalAs === 'size' || !accepts('1') ? moreSizes : steps;
    return [...new Set([...words, ...type.suggestions, ...numerals.filter(accepts)])];
  }
  if (words.length > 0) return words;
  // Whole numbers: channels and groups come in powers of two.
  if (accepts('1') && !accepts('0.5')) return powers;
  const byDefault = printedDefault(attribute, rules);
  return byDefault === undefined ? [] : [byDefault];
}

function printedDefault({ type, byDefault }: Attribute, rules: FrameworkRules): string | undefined {
  const value = byDefault?.(rules, {});
  return value === undefined || value === null ? undefined : type.print(value);
}

/**
 * The values for an attribute, those that fit first, each tried in the line: `before` and `after` are what stands around
 * the value.
 */
export function candidatesFor(
  attribute: Attribute,
  before: string,
  after: string,
  situations: readonly Situation[],
  analyzer: Analyzer,
): readonly Candidate[] {
  const rules = rulesOf(situations[0]?.framework);
  const texts = textsFor(attribute, rules);
  const lines = texts.map((text) => `${before}${text}${after}`);
  const uses = situations.map((situation) => tryLines(lines, situation, analyzer));
  const tried = texts.map((text, i) => ({ text, outcomes: uses.flatMap((outcomes) => outcomes[i] ?? []) }));
  // A line that lacks something else gives no size whatever the value is.
  const isTelling = tried.some(({ outcomes }) => outcomes.some(({ output }) => output !== null));
  const candidates = tried.map(({ text, outcomes }) => ({
    text,
    size: formatSizes(outcomes.map(({ output, rank }) => (rank === 2 ? null : output))),
    message: isTelling ? outcomes.find(({ rank }) => rank > 0)?.message : undefined,
    rank: isTelling ? worst(outcomes) : 0,
  }));
  const varies = new Set(candidates.map(({ size }) => size)).size > 1;
  const fit = candidates.filter(({ rank }) => rank < 2).sort((a, b) => a.rank - b.rank);
  // Of two words, the one that holds anyway is seldom what somebody writes down.
  const byDefault = printedDefault(attribute, rules);
  const [first = '', second, third] = fit.map(({ text }) => text);
  if (second && !third && first === byDefault && /^[a-z]/.test(first)) fit.reverse();
  const unfit = candidates.filter(({ rank }) => rank === 2).slice(0, MOST_UNFIT);
  const isFree = texts === powers && unfit.length === 0;
  return [...(isFree ? fit.filter(({ text }) => Number(text) >= FEW) : fit), ...unfit].map((candidate) =>
    varies ? candidate : { ...candidate, size: '' },
  );
}

const worst = (outcomes: readonly Outcome[]): number => Math.max(0, ...outcomes.map(({ rank }) => rank));
