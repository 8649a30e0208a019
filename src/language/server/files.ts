import { EmptyFileSystemProvider, type FileSystemNode, type FileSystemProvider, URI } from 'langium';
import type { Connection } from 'vscode-languageserver';
import { FILE_EXISTS_REQUEST, FIND_FILES_REQUEST, READ_FILE_REQUEST } from '../protocol.js';

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

  override async exists(uri?: URI): Promise<boolean> {
    return this.connection.sendRequest<boolean>(FILE_EXISTS_REQUEST, uri?.toString()).catch(() => false);
  }

  /** All files of the language below a folder at once. */
  override async readDirectory(uri?: URI): Promise<FileSystemNode[]> {
    const found = await this.connection.sendRequest<string[]>(FIND_FILES_REQUEST, uri?.toString()).catch(() => []);
    return found.map((file) => ({ uri: URI.parse(file), isFile: true, isDirectory: false }));
  }
}

/** Files on the disk of the server itself; those of virtual workspaces, which have no disk, as the editor sees them. */
export class FilesBySource extends ClientFiles {
  constructor(
    connection: Connection,
    private readonly disk: FileSystemProvider,
  ) {
    super(connection);
  }

  override readFile(uri: URI): Promise<string> {
    return isOnDisk(uri) ? this.disk.readFile(uri) : super.readFile(uri);
  }

  override exists(uri: URI): Promise<boolean> {
    return isOnDisk(uri) ? this.disk.exists(uri) : super.exists(uri);
  }

  override readDirectory(uri: URI): Promise<FileSystemNode[]> {
    return isOnDisk(uri) ? this.disk.readDirectory(uri) : super.readDirectory(uri);
  }
}

const isOnDisk = ({ scheme }: URI): boolean => scheme === 'file';
