import type { LayerProblem } from './check.js';
import { codes, type DiagnosticCode } from './diagnostics.js';
import type { Layer, Network } from './network.js';
import type { Fix } from './problem.js';
import { printShape, type Shape } from './shape.js';

/** The problems of a network whose layers are these, up to the first at which `goesOn` says no. */
export type ProblemsWith = (
  network: Network,
  layers: readonly Layer[],
  goesOn: (found: LayerProblem) => boolean,
) => readonly LayerProblem[];

/** How far from the written size an input that fits is looked for: the product of the strides of most networks. */
const INPUT_REACH = 64;

const sizeCodes = new Set<string>(['does-not-fit', 'kernel-exceeds-input'] satisfies DiagnosticCode[]);

/** Adds, to a window that does not fit, the nearest input sizes at which the whole network does. */
export function withInputFixes(
  network: Network,
  problems: readonly LayerProblem[],
  problemsWith: ProblemsWith,
): readonly LayerProblem[] {
  let solved: readonly Fix[] | undefined;
  const solve = () => {
    solved ??= inputFixes(network, problems, problemsWith);
    return solved;
  };
  return problems.map((found) =>
    sizeCodes.has(found.problem.code)
      ? { ...found, problem: { ...found.problem, fixes: () => [...(found.problem.fixes?.() ?? []), ...solve()] } }
      : found,
  );
}

function inputFixes(network: Network, problems: readonly LayerProblem[], problemsWith: ProblemsWith): readonly Fix[] {
  const [input, ...rest] = network.layers;
  if (input?.kind !== 'input' || !input.attributes) return [];
  const { attributes } = input;
  const { size } = attributes;
  const before = new Set(problems.map(keyOf));
  const isNoNewError = (found: LayerProblem): boolean =>
    codes[found.problem.code].severity !== 'error' || (!sizeCodes.has(found.problem.code) && before.has(keyOf(found)));
  const fits = (next: Shape): boolean => {
    const resized: Layer = { ...input, attributes: { ...attributes, size: next } };
    return problemsWith(network, [resized, ...rest], isNoNewError).every(isNoNewError);
  };

  // A square stays square; of an oblong, one side may move alone.
  const square = size.height === size.width;
  const directions = square
    ? [[1, 1]]
    : [
        [1, 1],
        [1, 0],
        [0, 1],
      ];
  const found: (Fix & { readonly steps: number })[] = [];
  for (const sign of [-1, 1])
    for (const [y = 0, x = 0] of directions)
      for (let steps = 1; steps <= INPUT_REACH; steps++) {
        const next = { ...size, height: size.height + sign * steps * y, width: size.width + sign * steps * x };
        if (next.height < 1 || next.width < 1) break;
        if (!fits(next)) continue;
        const value = printShape(next);
        found.push({
          title: `Use input ${value}, which fits every layer`,
          edits: [{ target: 'input', attribute: 'size', value }],
          steps,
        });
        break;
      }
  return found.sort((a, b) => a.steps - b.steps).map(({ title, edits }) => ({ title, edits }));
}

const keyOf = ({ layer, problem }: LayerProblem): string => `${layer} ${problem.code}`;
