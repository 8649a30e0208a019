import { CodeActionKind, type TextEdit } from 'vscode-languageserver-types';
import { catalogue } from '../../network/catalogue.js';
import { codes } from '../../network/diagnostics.js';
import { frameworkNames, rulesOf } from '../../network/frameworks.js';
import type { Attributes } from '../../network/layer.js';
import { formatShape } from '../../network/shape.js';
import type { Padding } from '../../network/values.js';
import type { Window } from '../../network/window.js';
import type { AnalysedNetwork } from '../findings/analysis.js';
import { attributeEdit } from '../findings/edits.js';
import { ownNetworks } from '../findings/instances.js';
import type { Layer } from '../generated/ast.js';
import { at, cstOf, rangeOf } from '../text/place.js';
import type { Proposal, Refactoring, Request } from './refactoring.js';

/**
 * A network follows the rules of another framework, or none. Where a layer would change its size, the attributes that
 * keep it are written: its stride, its padding, its rounding.
 */
export const changeFramework: Refactoring = {
  kind: `${CodeActionKind.RefactorRewrite}.framework`,
  *propose(request) {
    const { analysis, range } = request;
    const index = ownNetworks(analysis).findIndex(({ node }) => {
      const header = rangeOf(at(node)).start.line;
      return header <= range.start.line && range.start.line <= (node.body?.$cstNode?.range.start.line ?? header);
    });
    const network = ownNetworks(analysis)[index];
    if (network?.node.$type !== 'Network' || network.node.name === undefined) return;
    const { framework: followed } = network.node;
    const wanted = [...frameworkNames.filter((name) => name !== followed), ...(followed ? [''] : [])];
    for (const name of wanted) {
      const proposal = convert(request, network, index, name);
      if (proposal) yield proposal;
    }
  },
};

/** `framework` is empty for none. */
function convert(request: Request, before: AnalysedNetwork, index: number, framework: string): Proposal | undefined {
  const header = headerEdit(before, framework);
  const after =
    header && ownNetworks(request.analyzer.analyse(request.analyzer.edited(request.document, [header])))[index];
  if (!header || after?.network.layers.length !== before.network.layers.length) return undefined;
  const edits: TextEdit[] = [header];
  const lines = new Map<Layer, number[]>();
  for (const [layer, { node }] of before.origins.entries()) lines.set(node, [...(lines.get(node) ?? []), layer]);
  for (const layers of lines.values()) {
    const origin = before.origins[layers[0] ?? 0];
    const keeping = origin && keepingAttributes(before, after, layers);
    if (!keeping || (keeping.length > 0 && origin.model !== request.analysis.model)) return undefined;
    for (const [attribute, value] of keeping) edits.push(attributeEdit(origin, { target: 'layer', attribute, value }));
  }
  const { title } = rulesOf(after.network.framework);
  const sizes = edits.length > 1 ? ', keeping the sizes' : '';
  return {
    title: framework === '' ? `Follow no framework${sizes}` : `Follow the rules of ${title}${sizes}`,
    keeps: 'sizes',
    edits,
  };
}

function headerEdit({ node }: AnalysedNetwork, framework: string): TextEdit | undefined {
  const name = cstOf(at(node, 'name'));
  const end = node.$type === 'Network' && node.like ? cstOf(at(node, 'framework')) : name;
  if (!name || !end) return undefined;
  return {
    range: { start: name.range.end, end: end.range.end },
    newText: framework === '' ? '' : ` like ${framework}`,
  };
}

type Written = readonly (readonly [attribute: string, value: string])[];

/** The fewest attributes that give every layer of a line its old size under the new rules; undefined when none do. */
function keepingAttributes(
  before: AnalysedNetwork,
  after: AnalysedNetwork,
  layers: readonly number[],
): Written | undefined {
  const choices = layers.map((layer) => choicesFor(before, after, layer));
  const [first = [], ...others] = choices;
  return first.find((written) => {
    const key = JSON.stringify(written);
    return others.every((other) => other.some((candidate) => JSON.stringify(candidate) === key));
  });
}

/** What can be written on a layer's line so that it keeps its size, the fewest attributes first. */
function choicesFor(before: AnalysedNetwork, after: AnalysedNetwork, index: number): readonly Written[] {
  const facts = before.checked.facts[index];
  const [old, now] = [before.network.layers[index], after.network.layers[index]];
  const inputs = facts?.inputs.filter((input) => input !== null) ?? [];
  // A size that was not known is not kept.
  if (!old?.attributes || !facts?.output || inputs.length !== facts.inputs.length) return [[]];
  const { attributes, infer } = catalogue[old.kind];
  const size = formatShape(facts.output);
  const inForce: Values = now?.attributes ?? old.attributes;
  const keeps = (chosen: Chosen): boolean => {
    const { output, problems = [] } = infer({
      inputs,
      inputNames: inputs.map(String),
      attributes: { ...inForce, ...Object.fromEntries(chosen) },
      rules: rulesOf(after.network.framework),
    });
    const isWrong = problems.some(({ code }) => codes[code].severity === 'error');
    return output !== null && formatShape(output) === size && !isWrong;
  };
  return subsets(candidatesFor(old.attributes, inForce, facts.window, attributes))
    .filter(keeps)
    .map((chosen) => chosen.map(([name, value]) => [name, attributes[name]?.type.print(value) ?? ''] as const));
}

type Values = Readonly<Record<string, unknown>>;
type Chosen = readonly (readonly [name: string, value: unknown])[];
type Candidates = readonly (readonly [name: string, values: readonly unknown[]])[];

/** Values of attributes with a part in the size: the stride that was in force, the padding in numbers, each rounding. */
function candidatesFor(old: Values, now: Values, window: Window | null, { fit }: Attributes): Candidates {
  if (!window) return [];
  const { y, x } = window;
  const pad: Padding = { mode: 'explicit', top: y.before, right: x.after, bottom: y.after, left: x.before };
  return [
    ['stride', JSON.stringify(old.stride) === JSON.stringify(now.stride) ? [] : [old.stride]],
    ['pad', 'pad' in old ? [pad] : []],
    ['fit', fit?.type.suggestions.filter((word) => word !== now.fit) ?? []],
  ];
}

/** Every choice of at most one value a name, the smallest first. */
function subsets(candidates: Candidates): readonly Chosen[] {
  let all: Chosen[] = [[]];
  for (const [name, values] of candidates)
    all = all.flatMap((chosen) => [chosen, ...values.map((value) => [...chosen, [name, value] as const])]);
  return all.sort((a, b) => a.length - b.length);
}
