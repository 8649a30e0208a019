import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatBytes } from '../network/arithmetic.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

const EXTENSION = '.convnet';

/** Larger files are neither networks nor photographs, and are not even read. */
const MOST_BYTES = 2 ** 28;

/** A text to be looked at. */
export interface SourceFile {
  /** As the user named it, for messages. */
  readonly name: string;
  readonly uri: string;
  readonly text: string;
}

/** The files that the arguments of a command mean: `-` is standard input, a folder all the `.convnet` files in it. */
export async function findFiles(paths: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (path === '-' || !(await statOf(path, terminal)).isDirectory()) {
      found.push(path);
      continue;
    }
    const inside = await filesIn(path, terminal);
    if (inside.length === 0) throw new UsageError(`there are no ${EXTENSION} files in the folder ${path}`);
    found.push(...inside);
  }
  return [...new Set(found)];
}

async function filesIn(folder: string, terminal: Terminal): Promise<readonly string[]> {
  const entries = await readdir(resolve(terminal.cwd, folder), { withFileTypes: true }).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && !entry.name.startsWith('.')) found.push(...(await filesIn(path, terminal)));
    } else if (entry.name.endsWith(EXTENSION)) found.push(path);
  }
  return found;
}

/** Reads a file, or standard input for `-`. */
export async function readSource(path: string, terminal: Terminal): Promise<SourceFile> {
  if (path === '-')
    return {
      name: '<stdin>',
      // Imports are looked for beside it.
      uri: pathToFileURL(join(terminal.cwd, `stdin${EXTENSION}`)).href,
      text: textOf(await terminal.readInput(), 'standard input'),
    };
  return {
    name: path,
    uri: pathToFileURL(resolve(terminal.cwd, path)).href,
    text: textOf(await readBytes(path, terminal), path),
  };
}

/** The path of a file that a network names, which is looked for beside it. */
export const pathBeside = (networkFile: string, path: string): string =>
  networkFile === '<stdin>' ? path : join(dirname(networkFile), path);

export const isThere = (path: string, terminal: Terminal): Promise<boolean> =>
  stat(resolve(terminal.cwd, path)).then(
    () => true,
    () => false,
  );

/** Writes a file so that it is never seen half written, however the process ends. */
export async function writeAtomically(path: string, content: string | Uint8Array, terminal: Terminal): Promise<void> {
  const target = resolve(terminal.cwd, path);
  const unfinished = `${target}.unfinished`;
  try {
    await writeFile(unfinished, content);
    await rename(unfinished, target);
  } catch (error) {
    // What cannot be taken away either is not what the user must hear of.
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads a text that goes with a network, such as the names of its classes. */
export const readText = async (path: string, terminal: Terminal, most = MOST_BYTES): Promise<string> =>
  textOf(await readBytes(path, terminal, most), path);

/** `most` is how large the file may be. */
export async function readBytes(path: string, terminal: Terminal, most = MOST_BYTES): Promise<Uint8Array> {
  const status = await statOf(path, terminal);
  if (status.isDirectory()) throw new UsageError(`${path} is a folder, not a file`);
  if (status.size > most) throw new UsageError(`${path} has more than ${formatBytes(most)} and is not read`);
  try {
    return await readFile(resolve(terminal.cwd, path));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function statOf(path: string, terminal: Terminal) {
  try {
    return await stat(resolve(terminal.cwd, path));
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw unreadable(path, error);
    throw new UsageError(`there is no file ${path} in ${terminal.cwd}${await suggestion(path, terminal)}`);
  }
}

/** What may be meant by a path that leads nowhere: the same name with the extension, or the networks beside it. */
async function suggestion(path: string, terminal: Terminal): Promise<string> {
  const folder = resolve(terminal.cwd, dirname(path));
  const names = await readdir(folder).catch(() => undefined);
  if (!names) return `; there is no folder ${dirname(path)} either`;
  const networks = names.filter((name) => name.endsWith(EXTENSION));
  const same = networks.find((name) => name === `${basename(path)}${EXTENSION}`);
  if (same) return `; did you mean ${join(dirname(path), same)}?`;
  const MOST_NAMED = 5;
  const more = networks.length > MOST_NAMED ? ', …' : '';
  return networks.length === 0 ? '' : `; there are ${networks.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function textOf(bytes: Uint8Array, name: string): string {
  const NOT_TEXT = `${name} is not a text file (UTF-8)`;
  if (bytes.includes(0)) throw new UsageError(NOT_TEXT);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(NOT_TEXT);
  }
}

/** Why a file or folder cannot be read, for the user. */
export function unreadable(path: string, error: unknown): UsageError {
  if (hasCode(error, 'EACCES', 'EPERM')) return new UsageError(`${path} may not be read: check its permissions`);
  return new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
}

const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
