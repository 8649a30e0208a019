import { RelativePattern, Uri, workspace } from 'vscode';
import { FILE_EXISTS_REQUEST, FIND_FILES_REQUEST, READ_FILE_REQUEST } from '../language/protocol.js';
import type { LanguageServer } from './language-client.js';

const MOST_FILES = 10_000;

/** Answers a server that has no files of its own, in a browser or a virtual workspace. */
export function answerForFiles(server: LanguageServer): void {
  server.answer(READ_FILE_REQUEST, readText);
  server.answer(FIND_FILES_REQUEST, findFiles);
  server.answer(FILE_EXISTS_REQUEST, exists);
}

async function readText(uri: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await workspace.fs.readFile(Uri.parse(uri)));
  } catch {
    return null;
  }
}

async function findFiles(folder: string): Promise<readonly string[]> {
  const pattern = new RelativePattern(Uri.parse(folder), '**/*.convnet');
  return (await workspace.findFiles(pattern, '**/node_modules/**', MOST_FILES)).map(String);
}

const exists = async (uri: string): Promise<boolean> =>
  workspace.fs.stat(Uri.parse(uri)).then(
    () => true,
    () => false,
  );
