import { CompletionItemKind } from 'vscode-languageserver-types';
import { strictRules } from '../../../network/frameworks.js';
import {
  isTrainingWord,
  type TrainingWord,
  trainingAttributes,
  trainingLines,
  trainingWords,
} from '../../../network/training-lines.js';
import { attributeDoc, defaultOf } from '../support/markdown.js';
import { trainingDoc } from '../support/training.js';
import { values } from './names.js';
import type { Offer, Request } from './offer.js';

/** The lines of a `training` block that are not there yet. */
export function trainingStatements({ document, cursor, offset }: Request): readonly Offer[] {
  const text = document.textDocument.getText();
  const before = text.slice(text.lastIndexOf('{', cursor.start), offset);
  const block = `${before}${/^[^}]*/.exec(text.slice(offset))?.[0] ?? ''}`;
  const isWritten = (word: TrainingWord) => new RegExp(`(?:^|[\\n;{])[ \\t]*${word}\\s`).test(block);
  return trainingWords
    .filter((word) => !isWritten(word))
    .map((word) => ({
      label: word,
      kind: CompletionItemKind.Property,
      group: 0,
      insert: `${word} `,
      description: trainingLines[word].summary,
      doc: trainingDoc(word),
      goesOn: true,
    }));
}

/** What can follow a word of a `training` block. */
export function trainingValues([head, ...words]: readonly string[], request: Request): readonly Offer[] {
  if (head === undefined || !isTrainingWord(head)) return [];
  const known = Object.entries(trainingAttributes(head));
  const last = words.at(-1);
  const named = known.find(([name]) => name === last);
  const offersOf = (suggestions: readonly string[]): readonly Offer[] =>
    suggestions.map((label) => ({ label, kind: CompletionItemKind.Value, group: 0 }));
  if (named && !named[1].flag) return [...offersOf(named[1].type.suggestions), ...values(request, 4)];
  const needed = known.filter(([, { required }]) => required);
  if (words.length === 0 && needed.length > 0)
    return [...needed.flatMap(([, { type }]) => offersOf(type.suggestions)), ...values(request, 4)];
  if (request.onlyNeeded && words.length > 0) return [];
  return known
    .filter(([name, { required }]) => !required && !words.includes(name))
    .map(([name, attribute]) => {
      const byDefault = defaultOf(attribute, strictRules, {});
      return {
        label: name,
        kind: CompletionItemKind.Property,
        group: 2,
        insert: attribute.flag ? name : `${name} `,
        ...(byDefault !== undefined && { description: `default ${byDefault}` }),
        doc: attributeDoc(name, attribute, strictRules, {}),
      };
    });
}
