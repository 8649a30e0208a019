import { isLayerKind } from '../../network/catalogue.js';
import type { Hole, LayerStatement, Statement } from './statements.js';

/** What a person would call blocks, their parameters and their uses. */

const keywords = new Set([
  ...['import', 'from', 'const', 'block', 'network', 'like', 'repeat', 'in', 'if', 'else', 'branch', 'expect'],
  ...['true', 'false', 'previous', 'min', 'max', 'floor', 'ceil', 'weights', 'labels'],
]);

export const isName = (name: string): boolean =>
  /^[A-Za-z_]\w*$/.test(name) && !keywords.has(name) && !isLayerKind(name);

const layersIn = (statements: readonly Statement[]): readonly LayerStatement[] =>
  statements.flatMap((statement) => {
    if (statement.type === 'layer') return [statement];
    if (statement.type === 'merge') return statement.branches.flatMap(layersIn);
    return statement.type === 'repeat' ? layersIn(statement.body) : [];
  });

/** `3x3` of `conv 64 3x3`; empty where a layer has no kernel. */
const kernelOf = ({ written }: LayerStatement): string =>
  written.find((word): word is string => typeof word === 'string' && /^\d+x\d+$/.test(word)) ?? '';

/** After the shapes that papers have given names to; `Block` for others. */
export function blockName(window: readonly Statement[], taken: ReadonlySet<string>): string {
  const stem = stemOf(window);
  if (!taken.has(stem)) return stem;
  for (let i = 2; ; i++) if (!taken.has(`${stem}${i}`)) return `${stem}${i}`;
}

function stemOf(window: readonly Statement[]): string {
  const merges = window.flatMap((statement) => (statement.type === 'merge' ? [statement] : []));
  const [merge] = merges;
  const layers = layersIn(window);
  const has = (kind: string) => layers.some((layer) => layer.kind === kind);
  if (!merge) return has('depthwise') ? 'Separable' : 'Block';
  const main = layersIn(merge.branches[0] ?? []).filter(({ kind }) => kind === 'conv' || kind === 'depthwise');
  if (merge.kind === 'add') {
    if (has('depthwise')) return 'Inverted';
    const kernels = main.map(kernelOf).join(' ');
    if (/^1x1 \d+x\d+ 1x1$/.test(kernels)) return 'Bottleneck';
    return kernels === '3x3 3x3' ? 'BasicBlock' : 'Residual';
  }
  if (merge.kind === 'multiply') return 'SqueezeExcite';
  if (merge.kind !== 'concat') return 'Block';
  if (merge.branches.some((branch) => branch.length === 0)) return 'DenseLayer';
  if (merge.branches.length === 2 && window[0] !== merge) return 'Fire';
  return merge.branches.length > 2 ? 'Inception' : 'Split';
}

const counted: Readonly<Record<string, string>> = {
  '1x1': 'ones',
  '3x3': 'threes',
  '5x5': 'fives',
  '7x7': 'sevens',
  '1x7': 'rows',
  '7x1': 'columns',
};

/**
 * The name of a parameter by the attribute where it stands first. Several numbers of filters side by side are told apart by
 * their kernels, as papers do: `ones`, `threes`, and `reduce3` for the 1×1 before a 3×3.
 */
export function parameterName(hole: number, holes: readonly Hole[], window: readonly Statement[]): string {
  const attribute = holes[hole]?.attribute ?? '';
  if (attribute !== 'filters' || !inConcat(window)) return attribute === 'filters' ? 'width' : attribute;
  const found = placeOf(hole, window);
  if (!found) return attribute;
  const { layer, before, after } = found;
  const kernel = kernelOf(layer);
  if (kernel === '1x1' && after) return `reduce${after.replace(/x.*/, '')}`;
  if (kernel === '1x1' && before) return 'pooled';
  return counted[kernel] ?? 'filters';
}

const inConcat = (window: readonly Statement[]): boolean =>
  window.some((statement) => statement.type === 'merge' && statement.kind === 'concat');

/** The layer that a hole is in, with whether a pool stands before it in its branch, and the kernel of the next convolution. */
function placeOf(hole: number, window: readonly Statement[]) {
  let count = 0;
  const visit = (list: readonly Statement[]): { layer: LayerStatement; before: boolean; after: string } | undefined => {
    for (const [i, statement] of list.entries()) {
      if (statement.type === 'layer') {
        const holes = statement.written.filter((word) => typeof word !== 'string').length;
        if (hole < count + holes) {
          const next = list.slice(i + 1).find((other) => other.type === 'layer' && other.kind === 'conv');
          return {
            layer: statement,
            before: list.slice(0, i).some((other) => other.type === 'layer' && other.kind.endsWith('pool')),
            after: next?.type === 'layer' ? kernelOf(next) : '',
          };
        }
        count += holes;
      } else if (statement.type === 'merge') {
        for (const branch of statement.branches) {
          const found = visit(branch);
          if (found) return found;
        }
      } else if (statement.type === 'call') count += statement.arguments.length;
    }
    return undefined;
  };
  return visit(window);
}

/** What the names of some layers begin with, up to a mark between words: `res2a` of `res2a_branch1` and `res2a_branch2a`. */
export function commonStem(names: readonly string[]): string {
  const [first = ''] = names;
  let length = first.length;
  for (const name of names) {
    let same = 0;
    while (same < length && name[same] === first[same]) same++;
    length = same;
  }
  const stem = first.slice(0, length);
  const isWhole = names.every((name) => name.length === length || /[_\-/.]/.test(name[length] ?? ''));
  return (isWhole ? stem : stem.replace(/[^_\-/.]*$/, '')).replace(/[_\-/.]+$/, '');
}
