import { CompletionItemKind } from 'vscode-languageserver-types';
import { catalogue, type LayerKind } from '../../../network/catalogue.js';
import { rulesOf } from '../../../network/frameworks.js';
import type { Attribute } from '../../../network/layer.js';
import { attributeDoc, defaultOf } from '../support/markdown.js';
import { type Situation, situationsAt } from '../support/trial.js';
import { type Candidate, candidatesFor } from './candidates.js';
import { isWiring, labels, values } from './names.js';
import { keyword, type Offer, type Request, restOfLine } from './offer.js';

/** What can follow the keyword of a layer: its attributes, and the values they take. */
export function attributesOf(kind: LayerKind, words: readonly string[], request: Request): readonly Offer[] {
  const known = catalogue[kind].attributes;
  const last = words.at(-1);
  if (last === 'from' || isWiring(words)) return labels(request);
  const situations = () => situationsAt(request.analysis, request.cursor.start, request.offset);
  if (last !== undefined && Object.hasOwn(known, last)) {
    const attribute = known[last];
    return attribute ? [...offersFor(attribute, request, situations()), ...values(request, 4)] : [];
  }
  const free = freeSlots(known, words);
  // One slot for sizes, one for other values: which of several is meant follows from their order.
  const next = free.filter(
    ([, { type }], i) => free.findIndex(([, other]) => other.type.positionalAs === type.positionalAs) === i,
  );
  const slots = next.flatMap(([, attribute]) => offersFor(attribute, request, situations()));
  if (request.onlyNeeded && !free.some(([, { required }]) => required)) return [];
  const [situation] = situations();
  const rules = rulesOf(situation?.framework);
  const names = Object.entries(known)
    .filter(
      ([name, { positional }]) => !words.includes(name) && (!positional || free.some(([other]) => other === name)),
    )
    .map(([name, attribute]) => ({
      ...attributeOffer(name, attribute, attributeDoc(name, attribute, rules, {}), defaultOf(attribute, rules, {})),
      // Its value stands there by itself, as a rule.
      ...(attribute.positional && { group: 4 }),
    }));
  return [
    ...slots,
    ...names,
    ...(free.length > 0 ? values(request, 1) : []),
    ...(catalogue[kind].arity === 'none' || words.includes('from')
      ? []
      : [{ ...keyword('from', 'from ', 'other layers as input'), goesOn: true }]),
    { ...keyword('expect', 'expect ', 'a claim that is checked'), goesOn: true },
  ];
}

const attributeOffer = (name: string, { flag }: Attribute, doc: string, byDefault: string | undefined): Offer => ({
  label: name,
  kind: CompletionItemKind.Property,
  group: 2,
  insert: flag ? name : `${name} `,
  ...(byDefault !== undefined && { description: `default ${byDefault}` }),
  doc,
  goesOn: !flag,
});

/** The attributes that still take a value without a name. */
function freeSlots(known: Readonly<Record<string, Attribute>>, words: readonly string[]): [string, Attribute][] {
  const slots = Object.entries(known).filter(([name, { positional }]) => positional && !words.includes(name));
  const named = words.findIndex((word) => Object.hasOwn(known, word));
  for (const word of words.slice(0, named < 0 ? undefined : named)) {
    const isSize = /^\d+(x\d+)+$/.test(word);
    const taken = slots.findIndex(([, { type }]) => (type.positionalAs === 'size') === isSize);
    if (taken >= 0) slots.splice(taken, 1);
  }
  return slots;
}

function offersFor(attribute: Attribute, request: Request, situations: readonly Situation[]): readonly Offer[] {
  const { document, cursor, offset, analyzer } = request;
  const before = document.textDocument.getText().slice(cursor.start, offset - cursor.partial.length);
  const after = restOfLine(document, offset).replace(/^[\w.]*/, '');
  const line = (text: string) => text.replace(/\bfrom\s+\w+(\s*,\s*\w+)*/, '');
  const unnamed = line(before).replace(/^\s*\w+\s*:/, '');
  const byDefault = (text: string) => (text === '' ? {} : { after: `→ ${text}` });
  return candidatesFor(attribute, unnamed, line(after), situations, analyzer).map(
    ({ text, size, message, rank }: Candidate) => ({
      label: text,
      kind: CompletionItemKind.Value,
      group: rank === 2 ? 5 : 0,
      ...(rank === 2 ? { after: 'does not fit' } : byDefault(size)),
      ...(message !== undefined && { doc: message }),
    }),
  );
}
