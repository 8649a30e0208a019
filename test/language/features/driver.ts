import { EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import type { Position, Range } from 'vscode-languageserver-types';
import { createServerServices } from '../../../src/language/server/services.js';

const { shared, convnet } = createServerServices(EmptyFileSystem);
shared.workspace.ConfigurationProvider.initialize({ processId: null, rootUri: null, capabilities: {} });
void shared.workspace.ConfigurationProvider.initialized({});

/** The features under test. */
export const lsp = convnet.lsp;
export const workspaceSymbols = shared.lsp.WorkspaceSymbolProvider;

/** Sets a setting, as `convnet.<section>`. */
export const configure = (section: string, value: unknown): void =>
  shared.workspace.ConfigurationProvider.updateConfiguration({ settings: { convnet: { [section]: value } } });

/** A document that is open in the editor. */
export interface Opened {
  readonly document: LangiumDocument;
  readonly textDocument: { readonly uri: string };
  /** Where `|` was, or the beginning of `<|…|>`. */
  readonly position: Position;
  /** What `<|…|>` enclosed; empty at `|`. */
  readonly range: Range;
}

let folders = 0;

/**
 * Opens a text with a cursor in it, `|`, or a selection, `<|…|>`; a text without either has its cursor at the start.
 * `others` are files beside it, by name. What was open before is closed.
 */
export async function open(marked: string, others: Readonly<Record<string, string>> = {}): Promise<Opened> {
  for (const { uri } of shared.workspace.LangiumDocuments.all.toArray())
    shared.workspace.LangiumDocuments.deleteDocument(uri);
  const folder = `file:///${++folders}`;
  const { text, start, end } = unmark(marked);
  const documents = [...Object.entries(others), ['main.convnet', text] as const].map(([name, content]) => {
    const added = shared.workspace.LangiumDocumentFactory.fromString(content, URI.parse(`${folder}/${name}`));
    shared.workspace.LangiumDocuments.addDocument(added);
    return added;
  });
  await shared.workspace.DocumentBuilder.build(documents, { validation: true });
  const document = documents.at(-1) as LangiumDocument;
  const position = document.textDocument.positionAt(start);
  return {
    document,
    textDocument: { uri: document.uri.toString() },
    position,
    range: { start: position, end: document.textDocument.positionAt(end) },
  };
}

function unmark(marked: string): { text: string; start: number; end: number } {
  const selection = /<\|([\s\S]*?)\|>/.exec(marked);
  if (selection) {
    const { index: start, 0: all, 1: inner = '' } = selection;
    const text = marked.slice(0, start) + inner + marked.slice(start + all.length);
    return { text, start, end: start + inner.length };
  }
  const cursor = marked.replaceAll('||', '  ').indexOf('|');
  if (cursor < 0) return { text: marked, start: 0, end: 0 };
  return { text: marked.slice(0, cursor) + marked.slice(cursor + 1), start: cursor, end: cursor };
}

/** What a place in the text says. */
export const textAt = ({ document }: Opened, range: Range): string => document.textDocument.getText(range);
