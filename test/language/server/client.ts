import { PassThrough } from 'node:stream';
import { EmptyFileSystem } from 'langium';
import {
  createConnection,
  createProtocolConnection,
  type InitializeResult,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { NETWORKS_NOTIFICATION, type NetworksMessage } from '../../../src/language/protocol.js';
import { startServer } from '../../../src/language/server/start.js';

/** A client that speaks to a server of its own, over the wire. */
export interface Client {
  readonly connection: ProtocolConnection;
  readonly result: InitializeResult;
  /** Opens a document, or changes the whole of it, and waits until it has been checked. */
  write(name: string, text: string): Promise<string>;
}

export async function connect(): Promise<Client> {
  const [up, down] = [new PassThrough(), new PassThrough()];
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startServer({ connection: server, ...EmptyFileSystem });
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  connection.listen();
  const capabilities = { workspace: { inlayHint: { refreshSupport: true }, codeLens: { refreshSupport: true } } };
  const result = await connection.sendRequest<InitializeResult>('initialize', {
    processId: null,
    rootUri: null,
    capabilities,
  });
  await connection.sendNotification('initialized', {});
  const versions = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  connection.onNotification(NETWORKS_NOTIFICATION, ({ uri, version }: NetworksMessage) => {
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
  return { connection, result, write };
}
