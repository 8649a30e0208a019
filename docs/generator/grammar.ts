import { catalogue, layerKinds } from '../../src/network/catalogue.js';
import { trainingAttributes, trainingWords } from '../../src/network/training-lines.js';

/** Attributes that are never written: their values follow the word of a training line. */
const unwritten: ReadonlySet<string> = new Set(['source', 'kind', 'value']);

const isWord = (text: string): boolean => /^[a-z]+$/.test(text);

const oneOf = (words: readonly string[]): string => `\\b(?:${words.join('|')})`;

/** The words an attribute takes for a value, `same` and `floor`; true and false are the language's own. */
const valueWords = (suggestions: readonly string[]): readonly string[] =>
  suggestions.filter((text) => isWord(text) && text !== 'true' && text !== 'false');

const attributes = [
  ...layerKinds.flatMap((kind) => Object.entries(catalogue[kind].attributes)),
  ...trainingWords.flatMap((word) => Object.entries(trainingAttributes(word))),
].filter(([name]) => !unwritten.has(name));
const constants = [...new Set(attributes.flatMap(([, { type }]) => valueWords(type.suggestions)))];

/** Where a name could be something else, a letter a constant or `fit` a padding, it is an attribute before its values only. */
function attributePattern(): string {
  const plain = new Set<string>();
  const doubtful = new Map<string, string>();
  for (const [name, { type }] of attributes)
    if (name.length === 1) doubtful.set(name, `${oneOf([name])}(?=\\s+[\\d.(])`);
    else if (constants.includes(name))
      doubtful.set(name, `${oneOf([name])}(?=\\s+${oneOf(valueWords(type.suggestions))}\\b)`);
    else plain.add(name);
  return [`${oneOf([...plain])}\\b`, ...doubtful.values()].join('|');
}

/** What the rules match whose words come from the catalogue, by their names in the grammar's repository. */
const patterns: Readonly<Record<string, string>> = {
  training: `(?:^|(?<=[;{}]))\\s*(${trainingWords.join('|')})\\b`,
  layers: `(?:^|(?<=[;{}:]))\\s*(${layerKinds.join('|')})\\b`,
  attributes: attributePattern(),
  values: `${oneOf(constants)}\\b`,
};

/** The TextMate grammar, which colours text where no server runs, with the words of the catalogue. */
export function withWordsOfCatalogue(grammar: string): string {
  const { repository } = JSON.parse(grammar) as { repository: Record<string, { match: string }> };
  return Object.entries(patterns).reduce((text, [rule, pattern]) => {
    const before = repository[rule]?.match;
    if (before === undefined) throw new Error(`The TextMate grammar has no rule ${rule} with a match`);
    return text.replace(JSON.stringify(before), () => JSON.stringify(pattern));
  }, grammar);
}
