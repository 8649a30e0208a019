import { PassThrough } from 'node:stream';
import { EmptyFileSystemProvider, type FileSystemProvider } from 'langium';
import {
  type Connection,
  createConnection,
  createProtocolConnection,
  type InitializeResult,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type ClientOptions, NETWORKS_NOTIFICATION, type NetworksMessage } from '../../../src/language/protocol.js';
import { startServer } from '../../../src/language/server/start.js';

/** A client that speaks to a server of its own, over the wire. */
export interface Client {
  readonly connection: ProtocolConnection;
  readonly result: InitializeResult;
  /** Opens a document, or changes the whole of it, and waits until it has been checked. */
  write(name: string, text: string): Promise<string>;
  /** What the server last told of a document's networks. */
  networks(uri: string): NetworksMessage | undefined;
}

interface Surroundings {
  /** The folder that is open, if any. */
  readonly folder?: string;
  readonly files?: (server: Connection) => FileSystemProvider;
  /** Sets up what the client answers, before the server begins. */
  prepare?(connection: ProtocolConnection): void;
}

/** `initializationOptions` are what the client says of itself. */
export async function connect(
  initializationOptions: ClientOptions = {},
  { folder, files = () => new EmptyFileSystemProvider(), prepare }: Surroundings = {},
): Promise<Client> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startServer({ connection: server, fileSystemProvider: () => files(server) });
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  prepare?.(connection);
  connection.listen();
  const capabilities = { workspace: { inlayHint: { refreshSupport: true }, codeLens: { refreshSupport: true } } };
  const result = await connection.sendRequest<InitializeResult>('initialize', {
    processId: null,
    rootUri: null,
    capabilities,
    initializationOptions,
    workspaceFolders: folder === undefined ? null : [{ uri: folder, name: 'workspace' }],
  });
  await connection.sendNotification('initialized', {});
  const versions = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  const told = new Map<string, NetworksMessage>();
  connection.onNotification(NETWORKS_NOTIFICATION, (message: NetworksMessage) => {
    const { uri, version } = message;
    told.set(uri, message);
    if (version === versions.get(uri)) waiting.get(uri)?.();
  });
  const write = async (name: string, text: string): Promise<string> => {
    const uri = `file:///workspace/${name}`;
    const version = (versions.get(uri) ?? 0) + 1;
    versions.set(uri, version);
    const checked = new Promise<void>((resolve) => waiting.set(uri, resolve));
    const textDocument = { uri, version, languageId: 'convnet', text };
    if (version === 1) await connection.sendNotification('textDocument/didOpen', { textDocument });
    else await connection.sendNotification('textDocument/didChange', { textDocument, contentChanges: [{ text }] });
    await checked;
    return uri;
  };
  return { connection, result, write, networks: (uri) => told.get(uri) };
}
