import { FileType, Uri, workspace } from 'vscode';
import type { DataAnswer, DataAsk } from '../../preview/train/data-protocol.js';
import { mayUse } from '../documents.js';

/** Reads a part of a file, so many bytes from an offset on; undefined where files of its kind can only be read whole. */
export type ReadPart = (file: Uri, from: number, length: number) => Promise<Uint8Array> | undefined;

/** Milliseconds for which a file that can only be read whole is kept: its parts are asked for one after the other. */
const KEPT = 20_000;

/**
 * Reads the pictures that a network learns from, for the page that trains it: those of the workspace, or, where no folder is open,
 * what the network names, and if VS Code does not trust it nothing but what lies beside it.
 */
export class DataFiles {
  private whole: { readonly file: string; readonly bytes: Promise<Uint8Array> } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly readPart: ReadPart | undefined) {}

  async answer(network: Uri, ask: DataAsk): Promise<DataAnswer> {
    const folder = Uri.joinPath(network, '..');
    const file = Uri.joinPath(folder, ask.path);
    const isInWorkspace = workspace.getWorkspaceFolder(file) !== undefined;
    const isBeside = file.path.startsWith(`${folder.path.replace(/\/$/, '')}/`);
    if (!mayUse(file) || !(isInWorkspace || workspace.isTrusted || isBeside))
      return { type: 'problem', problem: `${ask.path} lies outside the workspace` };
    try {
      if (ask.type === 'read') return { type: 'bytes', bytes: await this.read(file, ask.part) };
      // Whoever looks begins to read: by then it may be another file.
      this.whole = undefined;
      return await look(file);
    } catch (error) {
      this.whole = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      return { type: 'problem', problem: `${ask.path} cannot be read: ${reason}` };
    }
  }

  private async read(file: Uri, part: Extract<DataAsk, { type: 'read' }>['part']): Promise<Uint8Array> {
    // Copies: what Node reads is a Buffer, and VS Code sends those to pages as objects that are no bytes any more.
    if (!part) return new Uint8Array(await workspace.fs.readFile(file));
    const { from, length } = part;
    const read = this.readPart?.(file, from, length);
    return new Uint8Array(read ? await read : (await this.readWhole(file)).subarray(from, from + length));
  }

  private readWhole(uri: Uri): Promise<Uint8Array> {
    const file = uri.toString();
    if (this.whole?.file !== file) this.whole = { file, bytes: Promise.resolve(workspace.fs.readFile(uri)) };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.whole = undefined;
    }, KEPT);
    return this.whole.bytes;
  }
}

async function look(file: Uri): Promise<DataAnswer> {
  const status = await workspace.fs.stat(file).then(
    (found) => found,
    () => null,
  );
  if (!status) return { type: 'found', found: null };
  if ((status.type & FileType.Directory) === 0) return { type: 'found', found: { type: 'file', size: status.size } };
  const entries = await workspace.fs.readDirectory(file);
  return {
    type: 'found',
    found: {
      type: 'folder',
      entries: entries.map(([name, type]) => ({ name, isFolder: (type & FileType.Directory) !== 0 })),
    },
  };
}
