import { EmptyFileSystemProvider, type URI } from 'langium';
import type { Connection } from 'vscode-languageserver';
import { READ_FILE_REQUEST } from '../protocol.js';

/** Files as the editor sees them: a server in a browser has no others. */
export class ClientFiles extends EmptyFileSystemProvider {
  constructor(private readonly connection: Connection) {
    super();
  }

  override async readFile(uri?: URI): Promise<string> {
    const text = await this.connection.sendRequest<string | null>(READ_FILE_REQUEST, uri?.toString());
    if (text === null) throw new Error(`${uri?.toString()} cannot be read`);
    return text;
  }
}
