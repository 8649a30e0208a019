import type { TextDocument, TextEditor } from 'vscode';
import type { Place } from '../preview/protocol.js';

export const isConvNet = ({ languageId }: TextDocument): boolean => languageId === 'convnet';

/** Where the cursor is. */
export function placeOf({ document, selection }: TextEditor): Place {
  const { line, character } = selection.active;
  return { file: document.uri.toString(), line, character };
}
