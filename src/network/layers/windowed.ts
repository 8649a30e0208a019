import * as diagnostics from '../diagnostics.js';
import type { Fit, FrameworkRules } from '../frameworks.js';
import { optional } from '../layer.js';
import type { Problem } from '../problem.js';
import type { Shape } from '../shape.js';
import { evenPadding, oneOf, padding, positivePair } from '../values.js';
import {
  fitsStrictly,
  kernelFitsInside,
  lostToRounding,
  seesOnlyPadding,
  slideWindow,
  type Window,
  type WindowAttributes,
} from '../window.js';

/** What layers with a sliding window share: their attributes, and the steps from an input shape to an output size. */

export const fitAttribute = (rules: (rules: FrameworkRules) => Fit) =>
  optional(
    oneOf('strict', 'floor', 'ceil', 'caffe'),
    rules,
    'What happens when the window does not divide its input evenly: `strict` makes it an error, `floor` and `ceil` round ' +
      "the output size (`ceil` as PyTorch does, `caffe` as Caffe's pools do).",
  );

export const padAttribute = optional(
  padding,
  evenPadding(0, 0),
  'Zeros around the input: a number, `(vertical, horizontal)`, `(top, right, bottom, left)`, `same` (the output is ' +
    '⌈N/S⌉), `valid` (none) or `fit` (the least that makes the window fit).',
);

export const dilationAttribute = optional(
  positivePair,
  { y: 1, x: 1 },
  'Distance between the pixels that neighbouring kernel elements look at.',
);

/** Slides the window and says what is wrong with it. `window` is undefined when there is no output. */
export function inferWindow(
  noun: 'filter' | 'window',
  input: Shape,
  attributes: WindowAttributes,
  rules: FrameworkRules,
): { readonly window: Window | undefined; readonly problems: readonly Problem[] } {
  const window = slideWindow(input, attributes, rules);
  const problems: Problem[] = [];
  if (attributes.pad.mode === 'same') {
    const { stride, kernel } = attributes;
    if (rules.same === 'none') problems.push(diagnostics.noSamePadding(rules.title, attributes));
    else if (rules.same === 'stride-1' && (stride.y > 1 || stride.x > 1))
      problems.push(diagnostics.sameNeedsStrideOne(rules.title, attributes));
    else if (rules.same === 'half' && (kernel.y % 2 === 0 || kernel.x % 2 === 0))
      problems.push(diagnostics.sameNeedsOddKernel(rules.title, attributes));
  }
  // Zeros are something to a filter; a pool of nothing but padding has no value.
  if (noun === 'window' && (seesOnlyPadding(window.y) || seesOnlyPadding(window.x)))
    problems.push(
      diagnostics.padExceedsWindow(
        attributes.kernel,
        Math.max(window.y.before, window.y.after, window.x.before, window.x.after),
      ),
    );
  const situation = { input, attributes, window };
  if (!kernelFitsInside(window.y) || !kernelFitsInside(window.x))
    return { window: undefined, problems: [...problems, diagnostics.kernelExceedsInput(noun, situation)] };
  // `same` rounds by its own definition, whatever the fit.
  if (attributes.fit === 'strict' && attributes.pad.mode !== 'same' && !fitsStrictly(window))
    problems.push(diagnostics.doesNotFit(noun, situation));
  else if (lostToRounding(window.y) > 0 || lostToRounding(window.x) > 0)
    problems.push(diagnostics.unseenPixels(noun, window));
  return { window, problems };
}
