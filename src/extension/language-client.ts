import { commands, type ExtensionContext, type OutputChannel, Uri, window } from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import {
  type ClientOptions,
  NETWORKS_NOTIFICATION,
  type NetworksMessage,
  READ_WEIGHTS_REQUEST,
  WEIGHTS_CHANGED_NOTIFICATION,
} from '../language/protocol.js';
import { answerForFiles } from './client-files.js';
import type { NetworkStore } from './network-store.js';
import { WeightsTables } from './weights-tables.js';

/** Settings and traces of the client are found under this word. */
export const CLIENT_ID = 'convnet';
export const CLIENT_NAME = 'ConvNet';

export type CreateClient = (options: LanguageClientOptions) => BaseLanguageClient;

/** Starts the language server, keeps it running, and hands its networks to the store. */
export async function activateLanguageClient(
  context: ExtensionContext,
  create: CreateClient,
  networks: NetworkStore,
): Promise<void> {
  const log = window.createOutputChannel(CLIENT_NAME);
  const { commands: contributed = [] } = context.extension.packageJSON.contributes;
  const options: ClientOptions = { commands: contributed.map(({ command }: { command: string }) => command) };
  const server = new LanguageServer(create, options, networks, log);
  context.subscriptions.push(
    log,
    server,
    commands.registerCommand('convnet.restartServer', () => server.restart()),
  );
  await server.start();
}

class LanguageServer {
  private client: BaseLanguageClient | undefined;
  private readonly weights = new WeightsTables((uri) => {
    if (this.client?.isRunning()) void this.client.sendNotification(WEIGHTS_CHANGED_NOTIFICATION, [uri.toString()]);
  });

  constructor(
    private readonly create: CreateClient,
    private readonly options: ClientOptions,
    private readonly networks: NetworkStore,
    private readonly log: OutputChannel,
  ) {}

  async start(): Promise<void> {
    // A server that dies is started again by the client itself, up to five times in three minutes.
    const client = this.create({
      documentSelector: [{ language: 'convnet' }],
      outputChannel: this.log,
      initializationOptions: this.options,
    });
    client.onNotification(NETWORKS_NOTIFICATION, (message: NetworksMessage) => {
      if (this.client === client) this.networks.update(Uri.parse(message.uri), message);
    });
    answerForFiles(client);
    client.onRequest(READ_WEIGHTS_REQUEST, (uri: string) => this.weights.read(Uri.parse(uri)));
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.log.appendLine(`The language server did not start: ${String(error)}`);
      void this.offerLog();
    }
  }

  /** A new client rather than `client.restart()`: in a browser the old one would go on with its ended worker. */
  async restart(): Promise<void> {
    await this.stop();
    this.networks.clear();
    await this.start();
  }

  async dispose(): Promise<void> {
    this.weights.dispose();
    await this.stop();
  }

  private async offerLog(): Promise<void> {
    const choice = await window.showErrorMessage('ConvNet: the language server did not start.', 'Show Output');
    if (choice) this.log.show();
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A client whose start failed refuses to stop; there is nothing to stop then.
    if (client?.isRunning()) await client.dispose();
  }
}
