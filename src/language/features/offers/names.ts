import { CompletionItemKind } from 'vscode-languageserver-types';
import { describe } from '../../../network/diagnostics.js';
import { instancesOf, ownNetworks } from '../../findings/instances.js';
import { constantValue } from '../../meaning/constants.js';
import type { Origin } from '../../meaning/elaboration.js';
import { functionNames } from '../../meaning/evaluate.js';
import { expectationWords, foundBy } from '../../meaning/expectations.js';
import type { Offer, Request } from './offer.js';

/** `from a, ` */
export const isWiring = (words: readonly string[]): boolean => words.at(-1) === ',' && words.includes('from');

export function labels({ analysis, cursor, offset }: Request): readonly Offer[] {
  const { labels: owners } = analysis.model;
  const owner = [...owners].find(([{ $cstNode }]) => $cstNode && $cstNode.offset < offset && offset <= $cstNode.end);
  const names = [...(owner?.[1] ?? [])]
    .filter(([name, [layer]]) => !cursor.words.includes(name) && (layer?.$cstNode?.offset ?? 0) < cursor.start)
    .map(([name, [layer]]) => ({
      label: name,
      kind: CompletionItemKind.Field,
      group: 0,
      description: layer?.kind ?? '',
    }));
  return [...names, { label: 'previous', kind: CompletionItemKind.Keyword, group: 0, description: 'the layer above' }];
}

/** Constants, parameters, loop variables and functions. */
export function values({ analysis: { model }, analyzer, cursor }: Request, group: number): readonly Offer[] {
  const offers: Offer[] = [];
  const [outer] = cursor.bodies;
  const block = outer?.[0] === 'block' ? model.declarations.get(outer[1] ?? '') : undefined;
  const offer = (label: string, kind: CompletionItemKind, description: string) =>
    offers.push({ label, kind, group, description });
  for (const [head, name, word] of cursor.bodies)
    if (head === 'repeat' && word === 'in' && name) offer(name, CompletionItemKind.Variable, 'counts the repeat');
  if (block?.$type === 'Block')
    for (const { name } of block.parameters) offer(name, CompletionItemKind.Variable, 'parameter');
  for (const name of model.declarations.keys()) {
    const found = analyzer.declaration(model, name);
    if (found?.node.$type !== 'Const') continue;
    const value = constantValue(found.model, found.node, analyzer);
    offer(name, CompletionItemKind.Constant, value ? `= ${describe(value)}` : 'constant');
  }
  if (cursor.parentheses.length > 0)
    for (const name of functionNames)
      offers.push({ label: name, kind: CompletionItemKind.Function, group: 3, insert: `${name}($0)` });
  return offers;
}

/** `stride = ` in the call of a block. */
export function namedArguments({ analysis: { model }, analyzer, cursor }: Request): readonly Offer[] {
  const [header] = cursor.parentheses;
  const block =
    cursor.parentheses.length === 1 && header ? analyzer.declaration(model, header.at(-1) ?? '')?.node : undefined;
  const last = cursor.words.at(-1);
  if (block?.$type !== 'Block' || (last !== '(' && last !== ',')) return [];
  return block.parameters
    .filter(({ name }) => !cursor.words.slice(header?.length).includes(name))
    .map(({ name, value, $cstNode }) => ({
      label: `${name} =`,
      kind: CompletionItemKind.Variable,
      group: 0,
      insert: `${name} = `,
      description: value ? ($cstNode?.text ?? '') : 'must be given',
      goesOn: true,
    }));
}

/** What an `expect` can speak of, with what it would find now. */
export function metrics({ analysis, cursor, offset }: Request, ofNetwork: boolean): readonly Offer[] {
  const found = (name: string): string | undefined => {
    for (const network of ownNetworks(analysis)) {
      const { $cstNode } = network.node;
      if (ofNetwork) {
        if ($cstNode && $cstNode.offset < offset && offset <= $cstNode.end) return foundBy(name, null, network.checked);
        continue;
      }
      const isHere = ({ node, model }: Pick<Origin, 'node' | 'model'>) => {
        const start = node.$cstNode?.offset ?? -1;
        return model.uri === analysis.model.uri && start >= cursor.start && start < offset;
      };
      const index = network.origins.findIndex(isHere);
      const call = [...instancesOf(analysis).calls.values()]
        .flat()
        .find(
          ({ network: other, instantiation: { call: node, model } }) => other === network && isHere({ node, model }),
        );
      if (call) return foundBy(name, { first: call.first, end: call.last + 1, output: call.last }, network.checked);
      if (index >= 0) return foundBy(name, { first: index, end: index + 1, output: index }, network.checked);
    }
    return undefined;
  };
  return expectationWords.map((name) => {
    const value = found(name);
    return {
      label: value === undefined ? name : `${name} ${value}`,
      kind: CompletionItemKind.Value,
      group: 0,
      insert: value === undefined ? `${name} ` : `${name} ${value}`,
      description: value === undefined ? '' : 'what is there now',
    };
  });
}
