import { type Disposable, type ExtensionContext, FileSystemError, FileType, Uri, workspace } from 'vscode';
import { memorySource } from '../formats/byte-source.js';
import { readTensorTable, SafetensorsError } from '../formats/safetensors.js';
import { READ_WEIGHTS_REQUEST, WEIGHTS_CHANGED_NOTIFICATION } from '../language/protocol.js';
import type { WeightsFile } from '../network/weights-file.js';
import type { LanguageServer } from './language-client.js';

/** Tells the language server what is in the weights files that networks name. */
export function activateWeightsTables(context: ExtensionContext, server: LanguageServer): void {
  const tables = new WeightsTables((uri) => void server.tell(WEIGHTS_CHANGED_NOTIFICATION, [uri.toString()]));
  server.answer<string>(READ_WEIGHTS_REQUEST, (uri) => tables.read(Uri.parse(uri)));
  context.subscriptions.push(tables);
}

interface Known {
  /** Size and time of the file that was read. */
  readonly stamp: string;
  readonly table: WeightsFile;
}

/** The tables of weights files as VS Code's file systems have them; a file is read again when it has changed. */
class WeightsTables implements Disposable {
  private readonly known = new Map<string, Known>();
  private readonly watcher = workspace.createFileSystemWatcher('**/*.safetensors');

  constructor(onChange: (uri: Uri) => void) {
    this.watcher.onDidCreate(onChange);
    this.watcher.onDidChange(onChange);
    this.watcher.onDidDelete(onChange);
  }

  async read(uri: Uri): Promise<WeightsFile> {
    try {
      const { mtime, size, type } = await workspace.fs.stat(uri);
      if (type & FileType.Directory) return { state: 'unreadable', reason: 'it is a folder' };
      const stamp = `${mtime} ${size}`;
      const known = this.known.get(uri.toString());
      if (known?.stamp === stamp) return known.table;
      const bytes = await workspace.fs.readFile(uri);
      const table = await tableOf(bytes);
      this.known.set(uri.toString(), { stamp, table });
      return table;
    } catch (error) {
      if (error instanceof FileSystemError && error.code === 'FileNotFound') return { state: 'missing' };
      return { state: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  dispose(): void {
    this.watcher.dispose();
  }
}

async function tableOf(bytes: Uint8Array): Promise<WeightsFile> {
  try {
    return { state: 'read', tensors: await readTensorTable(memorySource(bytes)) };
  } catch (error) {
    if (error instanceof SafetensorsError) return { state: 'unreadable', reason: error.message };
    throw error;
  }
}
