import { strictRules } from './frameworks.js';
import type { AttributeEdit, Fix } from './problem.js';
import type { Pair, Shape } from './shape.js';
import { kernelSize, type Padding, padding, positivePair } from './values.js';
import { fitsStrictly, kernelFitsInside, slideWindow, type Window, type WindowAttributes } from './window.js';

/** How far from the written value a fix is looked for. */
const REACH = 16;

/** A window over an input where it does not fit. */
export interface WindowSituation {
  readonly input: Shape;
  readonly attributes: WindowAttributes;
  readonly window: Window;
}

interface Candidate {
  readonly change: Partial<WindowAttributes>;
  readonly edit: AttributeEdit;
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
    // Only `same` depends on the framework, and `same` never fails to fit.
    const { y, x } = slideWindow(input, { ...attributes, ...change }, strictRules);
    const fit = change.fit ?? attributes.fit;
    const fits = kernelFitsInside(y) && kernelFitsInside(x) && (fit !== 'strict' || fitsStrictly({ y, x }));
    return fits ? `${y.output}×${x.output}` : undefined;
  };

  const fails = { y: !axisFits(window.y), x: !axisFits(window.x) };
  const { stride, kernel, dilation, pad } = attributes;
  const directions: ((steps: number) => Candidate | undefined)[] = [];
  for (const sign of [-1, 1]) {
    directions.push((steps) =>
      pairCandidate('stride', movePair(stride, sign * steps, fails), positivePair.print, steps),
    );
    directions.push((steps) => padCandidate(pad, sign * steps, fails));
    directions.push((steps) => pairCandidate('kernel', movePair(kernel, sign * steps, fails), kernelSize.print, steps));
    directions.push((steps) => pairCandidate('dilation', movePair(dilation, -steps, fails), positivePair.print, steps));
  }

  const found: (Fix & { readonly cost: number })[] = [];
  const offer = ({ change, edit, cost }: Candidate): boolean => {
    const output = outputWith(change);
    if (output === undefined) return false;
    if (!found.some(({ edits: [same] }) => same?.attribute === edit.attribute && same.value === edit.value))
      found.push({ title: `Change ${edit.attribute} to ${edit.value} (output ${output})`, edits: [edit], cost });
    return true;
  };
  for (const candidateAt of directions)
    for (let steps = 1; steps <= REACH; steps++) {
      const candidate = candidateAt(steps);
      if (!candidate || offer(candidate)) break;
    }
  // Beyond the nearest values: let the padding be worked out, or round as most frameworks do.
  offer({ change: { pad: { mode: 'fit' } }, edit: setAttribute('pad', 'fit'), cost: 2.5 });
  if (attributes.fit === 'strict') offer({ change: { fit: 'floor' }, edit: setAttribute('fit', 'floor'), cost: 3.5 });
  return found.sort((a, b) => a.cost - b.cost).map(({ title, edits }) => ({ title, edits }));
}

const axisFits = (axis: Window['y']): boolean => kernelFitsInside(axis) && Number.isInteger(axis.exact);

/** Moves a pair along the axes that fail: both where it is written as one number, so that it stays one number. */
function movePair(pair: Pair, by: number, fails: { readonly y: boolean; readonly x: boolean }): Pair | undefined {
  const square = pair.y === pair.x;
  const moved = { y: pair.y + (square || fails.y ? by : 0), x: pair.x + (square || fails.x ? by : 0) };
  return moved.y >= 1 && moved.x >= 1 ? moved : undefined;
}

const pairCandidate = (
  attribute: 'stride' | 'kernel' | 'dilation',
  pair: Pair | undefined,
  print: (pair: Pair) => string,
  cost: number,
): Candidate | undefined => pair && { change: { [attribute]: pair }, edit: setAttribute(attribute, print(pair)), cost };

function padCandidate(
  pad: Padding,
  by: number,
  fails: { readonly y: boolean; readonly x: boolean },
): Candidate | undefined {
  const now = pad.mode === 'explicit' ? pad : { top: 0, right: 0, bottom: 0, left: 0 };
  const even = now.top === now.bottom && now.left === now.right && now.top === now.left;
  const vertical = even || fails.y ? by : 0;
  const horizontal = even || fails.x ? by : 0;
  const next: Padding = {
    mode: 'explicit',
    top: now.top + vertical,
    right: now.right + horizontal,
    bottom: now.bottom + vertical,
    left: now.left + horizontal,
  };
  if (Math.min(next.top, next.right, next.bottom, next.left) < 0) return undefined;
  // A step of padding adds two pixels, so it counts a little more than a step of stride.
  return { change: { pad: next }, edit: setAttribute('pad', padding.print(next)), cost: Math.abs(by) + 0.2 };
}

/** The numbers of groups nearest to the written one that divide both the input channels and the filters. */
export function groupFixes(groups: number, inputChannels: number, filters: number): readonly Fix[] {
  const divides = (n: number) => n >= 1 && inputChannels % n === 0 && filters % n === 0;
  const fixes: Fix[] = [];
  for (let steps = 1; steps < groups || steps <= inputChannels - groups; steps++) {
    for (const candidate of [groups - steps, groups + steps])
      if (divides(candidate) && candidate <= inputChannels)
        fixes.push({ title: `Change groups to ${candidate}`, edits: [setAttribute('groups', `${candidate}`)] });
    if (fixes.length >= 3 || steps > 4096) break;
  }
  return fixes;
}
