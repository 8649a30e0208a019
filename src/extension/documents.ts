import { type TextDocument, type TextEditor, type Uri, workspace } from 'vscode';
import type { Place } from '../preview/protocol.js';

export const isConvNet = ({ languageId }: TextDocument): boolean => languageId === 'convnet';

/** Where the cursor is. */
export function placeOf({ document, selection }: TextEditor): Place {
  const { line, character } = selection.active;
  return { file: document.uri.toString(), line, character };
}

/** Whether a file that a network names may be read or written: where a folder is open, nothing outside it. */
export const mayUse = (uri: Uri): boolean =>
  (workspace.workspaceFolders ?? []).length === 0 || workspace.getWorkspaceFolder(uri) !== undefined;
