import type { LangiumDocument } from 'langium';
import type { CompletionProvider, CompletionProviderOptions } from 'langium/lsp';
import type { CompletionParams } from 'vscode-languageserver';
import { type CompletionItem, type CompletionList, InsertTextFormat } from 'vscode-languageserver-types';
import { isLayerKind } from '../../network/catalogue.js';
import { TRAINING } from '../meaning/forms.js';
import { analysisOf, type FeatureServices } from './feature.js';
import { attributesOf } from './offers/lines.js';
import { isWiring, labels, metrics, namedArguments, values } from './offers/names.js';
import type { Offer, Request } from './offers/offer.js';
import { importPaths, offersOutside } from './offers/outside.js';
import { statements } from './offers/statements.js';
import { trainingStatements, trainingValues } from './offers/training.js';
import { cursorAt } from './support/cursor.js';

/** What can be written at the cursor, with what it would lead to. */
export class ConvNetCompletion implements CompletionProvider {
  readonly completionOptions: CompletionProviderOptions = { triggerCharacters: [' ', '"', '(', '='] };

  constructor(private readonly services: FeatureServices) {}

  async getCompletion(
    document: LangiumDocument,
    { position, context }: CompletionParams,
  ): Promise<CompletionList | undefined> {
    const { textDocument } = document;
    const offset = textDocument.offsetAt(position);
    const cursor = cursorAt(textDocument.getText(), offset);
    const analysis = await analysisOf(this.services, document);
    const request: Request = {
      document,
      analysis,
      analyzer: this.services.analysis.Analyzer,
      documents: this.services.shared.workspace.LangiumDocuments,
      cursor,
      offset,
      range: { start: textDocument.positionAt(offset - cursor.partial.length), end: position },
      // A list that opens by itself at every space would catch the Enter at the end of a line.
      onlyNeeded: context?.triggerCharacter === ' ',
    };
    return { isIncomplete: false, items: itemsAt(request) };
  }
}

function itemsAt(request: Request): CompletionItem[] {
  const { range } = request;
  return offersAt(request).map(({ label, kind, group, insert, filter, after, description, doc, edits, goesOn }, i) => ({
    label,
    kind,
    sortText: `${group}${String(i).padStart(4, '0')}`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range, newText: insert ?? label },
    ...(filter !== undefined && { filterText: filter }),
    labelDetails: { ...(after && { detail: ` ${after}` }), ...(description && { description }) },
    ...(doc && { documentation: { kind: 'markdown', value: doc } }),
    ...(edits && { additionalTextEdits: [...edits] }),
    ...(goesOn && { command: { title: 'Suggest', command: 'editor.action.triggerSuggest' } }),
  }));
}

function offersAt(request: Request): readonly Offer[] {
  const { words: all, inside, bodies, parentheses } = request.cursor;
  if (inside === 'comment') return [];
  if (inside === 'text') return all[0] === 'import' && all.at(-1) === 'from' ? importPaths(request) : [];
  const words = all[1] === ':' ? all.slice(2) : all;
  const [head] = words;
  if (bodies.length === 0) return offersOutside(words, request);
  if (bodies.at(-1)?.[0] === TRAINING) {
    if (head !== undefined) return trainingValues(words, request);
    return request.onlyNeeded ? [] : trainingStatements(request);
  }
  if (head === undefined) return request.onlyNeeded ? [] : statements(request);
  const expectation = words.lastIndexOf('expect');
  if (expectation >= 0) return words.length === expectation + 1 ? metrics(request, expectation === 0) : [];
  if (parentheses.length > 0) return [...namedArguments(request), ...values(request, 1)];
  if (head === 'repeat' || head === 'if') return values(request, 0);
  if (isLayerKind(head)) return attributesOf(head, words.slice(1), request);
  if (words.at(-1) === 'from' || isWiring(words)) return labels(request);
  return [];
}
