import {
  commands,
  type Disposable,
  type ExtensionContext,
  type LogOutputChannel,
  l10n,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { type ClientOptions, NETWORKS_NOTIFICATION, type NetworksMessage } from '../language/protocol.js';
import { answerForFiles } from './client-files.js';
import { FirstLetters } from './first-letters.js';
import type { NetworkStore } from './network-store.js';
import { patiently } from './patience.js';

/** Settings and traces of the client are found under this word. */
export const CLIENT_ID = 'convnet';
export const CLIENT_NAME = 'ConvNet';

/** Loads the client, more than half of the extension's code, and makes one. */
export type CreateClient = (options: LanguageClientOptions) => Promise<BaseLanguageClient>;

/** Starts the language server, keeps it running, and hands its networks to the store. */
export function activateLanguageClient(
  context: ExtensionContext,
  create: CreateClient,
  networks: NetworkStore,
): LanguageServer {
  const log = window.createOutputChannel(CLIENT_NAME, { log: true });
  const { version, contributes } = context.extension.packageJSON;
  log.info(`ConvNet ${version}`);
  const options: ClientOptions = {
    commands: contributes.commands.map(({ command }: { readonly command: string }) => command),
  };
  const server = new LanguageServer((more) => create({ ...more, initializationOptions: options }), networks, log);
  answerForFiles(server);
  context.subscriptions.push(
    log,
    server,
    commands.registerCommand('convnet.restartServer', () => server.restart()),
    commands.registerCommand('convnet.showLog', () => log.show()),
  );
  return server;
}

export class LanguageServer implements Disposable {
  private client: BaseLanguageClient | undefined;
  private isOffering = false;
  private readonly answers = new Map<string, (parameter: never) => unknown>();
  private readonly letters = new FirstLetters(() => {
    // As if VS Code had asked by itself: where there is nothing, nothing is shown.
    void commands.executeCommand('editor.action.triggerSuggest', { auto: true });
  });
  private readonly typing = workspace.onDidChangeTextDocument(({ document, contentChanges: [change, ...others] }) => {
    if (!change || others.length > 0 || document !== window.activeTextEditor?.document) return;
    void this.letters.typed(document.uri.toString(), change.range.start, change.text);
  });

  constructor(
    private readonly create: CreateClient,
    private readonly networks: NetworkStore,
    private readonly log: LogOutputChannel,
  ) {}

  /** What is answered to a request of the server. To be said before it starts. */
  answer<P>(request: string, answer: (parameter: P) => unknown): void {
    this.answers.set(request, answer);
  }

  /** The server's answer; undefined when none is running. */
  async ask<T>(request: string, parameter: unknown): Promise<T | undefined> {
    return this.client?.isRunning() ? await this.client.sendRequest<T>(request, parameter) : undefined;
  }

  async tell(notification: string, parameter?: unknown): Promise<void> {
    if (this.client?.isRunning()) await this.client.sendNotification(notification, parameter);
  }

  async start(): Promise<void> {
    // A server that dies is started again by the client itself, up to five times in three minutes.
    const client = await this.create({
      documentSelector: [{ language: 'convnet' }],
      outputChannel: this.log,
      middleware: {
        sendRequest: patiently((request, seconds) => this.stuck(request, seconds)),
        provideCompletionItem: (document, position, context, token, next) =>
          this.letters.ask(document.uri.toString(), position, context.triggerCharacter, async () =>
            next(document, position, context, token),
          ),
      },
    });
    client.onNotification(NETWORKS_NOTIFICATION, (message: NetworksMessage) => {
      if (this.client === client) this.networks.update(Uri.parse(message.uri), message);
    });
    for (const [request, answer] of this.answers) client.onRequest(request, answer);
    this.client = client;
    const began = performance.now();
    try {
      await client.start();
      this.log.info(`The language server is up after ${Math.round(performance.now() - began)} ms`);
    } catch (error) {
      this.log.error(`The language server did not start: ${String(error)}`);
      void this.offerLog();
    }
  }

  /** A new client rather than `client.restart()`: in a browser the old one would go on with its ended worker. */
  async restart(): Promise<void> {
    this.log.info('Restarting the language server');
    await this.stop();
    this.networks.clear();
    await this.start();
  }

  async dispose(): Promise<void> {
    this.typing.dispose();
    await this.stop();
  }

  private stuck(request: string, seconds: number): void {
    this.log.warn(`${request} was given up after ${seconds} s`);
    void this.offerRestart();
  }

  private async offerRestart(): Promise<void> {
    if (this.isOffering) return;
    this.isOffering = true;
    const restart = l10n.t('Restart Language Server');
    const choice = await window.showWarningMessage(l10n.t('ConvNet: the language server does not answer.'), restart);
    this.isOffering = false;
    if (choice) await this.restart();
  }

  private async offerLog(): Promise<void> {
    const show = l10n.t('Show Log');
    const choice = await window.showErrorMessage(l10n.t('ConvNet: the language server did not start.'), show);
    if (choice) this.log.show();
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A client whose start failed refuses to stop; there is nothing to stop then.
    if (client?.isRunning()) await client.dispose();
  }
}
