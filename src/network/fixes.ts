import { greatestCommonDivisor } from './arithmetic.js';
import { strictRules } from './frameworks.js';
import type { AttributeEdit, Fix } from './problem.js';
import type { Pair, Shape } from './shape.js';
import { kernelSize, type Padding, padding, positivePair } from './values.js';
import {
  fitsStrictly,
  kernelExtent,
  kernelFitsInside,
  seesOnlyPadding,
  slideWindow,
  type Window,
  type WindowAttributes,
  type WindowAxis,
} from './window.js';

/** How far from the written value a fix is looked for. */
const REACH = 64;

/** How many changes of divisors are worth offering. */
const MOST_GROUP_FIXES = 4;

/** A window over an input where it does not fit. */
export interface WindowSituation {
  readonly input: Shape;
  readonly attributes: WindowAttributes;
  readonly window: Window;
}

/** Which axes a change moves. */
interface Axes {
  readonly y: boolean;
  readonly x: boolean;
}

interface Candidate {
  readonly change: Partial<WindowAttributes>;
  readonly edits: readonly [AttributeEdit, ...AttributeEdit[]];
  /** Steps away from what is written. */
  readonly cost: number;
}

const setAttribute = (attribute: string, value: string): AttributeEdit => ({ target: 'layer', attribute, value });

/**
 * Changes to one attribute each, the nearest below and above what is written that make the window fit, ordered by how
 * little they change. Solved with the shape rule itself: what is offered is what will be accepted.
 */
export function windowFixes({ input, attributes, window }: WindowSituation): readonly Fix[] {
  const outputWith = (change: Partial<WindowAttributes>): string | undefined => {
    // Only `same` depends on the framework, and no change here ends in `same`.
    const next = slideWindow(input, { ...attributes, ...change }, strictRules);
    const fit = change.fit ?? attributes.fit;
    const fits =
      kernelFitsInside(next.y) &&
      kernelFitsInside(next.x) &&
      (fit !== 'strict' || fitsStrictly(next)) &&
      !padsMore(next.y, window.y) &&
      !padsMore(next.x, window.x);
    return fits ? `${next.y.output}×${next.x.output}` : undefined;
  };

  const found: (Fix & { readonly cost: number })[] = [];
  const offer = ({ change, edits, cost }: Candidate): boolean => {
    const output = outputWith(change);
    if (output === undefined) return false;
    const [{ attribute, value }] = edits;
    const title = `Use ${attribute} ${value} (output ${output})`;
    if (!found.some((fix) => fix.title === title)) found.push({ title, edits, cost });
    return true;
  };

  const fails = { y: !axisFits(window.y), x: !axisFits(window.x) };
  for (const candidateAt of directions(attributes, fails))
    for (let steps = 1; steps <= REACH; steps++) {
      const candidate = candidateAt(steps);
      if (!candidate || offer(candidate)) break;
    }
  // Beyond the nearest values: let the padding be worked out, or round as most frameworks do.
  offer({ change: { pad: { mode: 'fit' } }, edits: [setAttribute('pad', 'fit')], cost: 2.5 });
  if (attributes.fit === 'strict')
    offer({ change: { fit: 'floor' }, edits: [setAttribute('fit', 'floor')], cost: 3.5 });
  return found.sort((a, b) => a.cost - b.cost).map(({ title, edits }) => ({ title, edits }));
}

const axisFits = (axis: WindowAxis): boolean => kernelFitsInside(axis) && Number.isInteger(axis.exact);

/** Whether a change leads to windows that see nothing but padding, where none did before. */
const padsMore = (next: WindowAxis, before: WindowAxis): boolean => seesOnlyPadding(next) && !seesOnlyPadding(before);

/** The ways to go from what is written, a step at a time; undefined is the end of a way. */
function directions(attributes: WindowAttributes, fails: Axes): ((steps: number) => Candidate | undefined)[] {
  const { stride, kernel, dilation, pad } = attributes;
  const ways: ((steps: number) => Candidate | undefined)[] = [];
  // A value written as one number stays one number where that helps; else only the axis that fails is moved.
  const both = { y: true, x: true };
  const choices = fails.y && fails.x ? [both] : [both, fails];
  for (const sign of [-1, 1])
    for (const axes of choices) {
      const extra = axes === both ? 0 : 0.5;
      ways.push((steps) => {
        const moved = movePair(stride, sign * steps, axes);
        // A stride beyond the kernel skips pixels: nobody widens it so far.
        if (!moved || (sign > 0 && (moved.y > kernel.y || moved.x > kernel.x))) return undefined;
        return {
          change: { stride: moved },
          edits: [setAttribute('stride', positivePair.print(moved))],
          cost: steps + extra,
        };
      });
      ways.push((steps) => padCandidate(pad, sign * steps, axes, extra));
      ways.push((steps) => kernelCandidate(attributes, movePair(kernel, sign * steps, axes), steps + extra));
      // Dilation is reduced where there is some, never introduced.
      if (sign < 0)
        ways.push((steps) => {
          const moved = movePair(dilation, -steps, axes);
          return (
            moved && {
              change: { dilation: moved },
              edits: [setAttribute('dilation', positivePair.print(moved))],
              cost: steps + extra,
            }
          );
        });
    }
  return ways;
}

function movePair(pair: Pair, by: number, axes: Axes): Pair | undefined {
  const moved = { y: pair.y + (axes.y ? by : 0), x: pair.x + (axes.x ? by : 0) };
  return moved.y >= 1 && moved.x >= 1 ? moved : undefined;
}

function kernelCandidate(
  { kernel, stride }: WindowAttributes,
  moved: Pair | undefined,
  cost: number,
): Candidate | undefined {
  if (!moved) return undefined;
  const edit = setAttribute('kernel', kernelSize.print(moved));
  // A pool's stride follows its kernel unless it is written: written out, it stays what it was.
  const follows = stride.y === kernel.y && stride.x === kernel.x;
  return {
    change: { kernel: moved },
    edits: follows ? [edit, setAttribute('stride', positivePair.print(stride))] : [edit],
    cost,
  };
}

function padCandidate(pad: Padding, by: number, axes: Axes, extra: number): Candidate | undefined {
  const now = pad.mode === 'explicit' ? pad : { top: 0, right: 0, bottom: 0, left: 0 };
  const vertical = axes.y ? by : 0;
  const horizontal = axes.x ? by : 0;
  const next: Padding = {
    mode: 'explicit',
    top: now.top + vertical,
    right: now.right + horizontal,
    bottom: now.bottom + vertical,
    left: now.left + horizontal,
  };
  if (Math.min(next.top, next.right, next.bottom, next.left) < 0) return undefined;
  // A step of padding adds two pixels, so it counts a little more than a step of stride.
  return {
    change: { pad: next },
    edits: [setAttribute('pad', padding.print(next))],
    cost: Math.abs(by) + 0.2 + extra,
  };
}

/**
 * What to write for `pad same`: the padding on both sides whose output, rounded down, is ⌈N/S⌉ too, (F − 1)/2 of the
 * dilated kernel; or what makes the window fit.
 */
export function samePadFixes({ kernel, dilation }: WindowAttributes): readonly Fix[] {
  const [y, x] = [kernelExtent(kernel.y, dilation.y), kernelExtent(kernel.x, dilation.x)].map((extent) =>
    Math.floor((extent - 1) / 2),
  ) as [number, number];
  return [padding.print({ mode: 'explicit', top: y, right: x, bottom: y, left: x }), 'fit'].map((value) => ({
    title: `Use pad ${value}`,
    edits: [setAttribute('pad', value)],
  }));
}

function divisorsOf(n: number): number[] {
  const divisors: number[] = [];
  for (let small = 1; small * small <= n; small++)
    if (n % small === 0) divisors.push(small, ...(small * small === n ? [] : [n / small]));
  return divisors.sort((a, b) => a - b);
}

/**
 * The nearest numbers of groups that divide both the input channels and the filters, and the nearest numbers of filters
 * that the written groups divide, ordered by how little they change.
 */
export function groupFixes(groups: number, inputChannels: number, filters: number): readonly Fix[] {
  const changes = divisorsOf(greatestCommonDivisor(inputChannels, filters)).map((value) => ({
    attribute: 'groups',
    value,
    change: Math.abs(value - groups),
  }));
  if (inputChannels % groups === 0) {
    const below = Math.floor(filters / groups) * groups;
    for (const value of [below, below + groups])
      if (value > 0) changes.push({ attribute: 'filters', value, change: Math.abs(value - filters) });
  }
  return changes
    .sort((a, b) => a.change - b.change)
    .slice(0, MOST_GROUP_FIXES)
    .map(({ attribute, value }) => ({
      title: `Use ${attribute} ${value}`,
      edits: [setAttribute(attribute, `${value}`)],
    }));
}
