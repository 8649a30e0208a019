import { type Disposable, EventEmitter, type TextDocument, workspace } from 'vscode';
import { COMMITTED_REQUEST, type NetworkReport } from '../../language/protocol.js';
import type { Git } from '../git.js';
import type { LanguageServer } from '../language-client.js';
import type { NetworkStore } from '../network-store.js';

/** What the networks of open documents were when these were saved last, and in the last commit. */
export class EarlierNetworks implements Disposable {
  private readonly atSave = new Map<string, readonly NetworkReport[]>();
  private readonly changed = new EventEmitter<void>();
  private readonly listeners: readonly Disposable[];

  /** Something is known that was not, or is another now. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly networks: NetworkStore,
    private readonly server: LanguageServer,
    git: Git,
  ) {
    this.listeners = [
      this.changed,
      networks.onDidChange((uri) => {
        const document = workspace.textDocuments.find((document) => document.uri.toString() === uri);
        if (document) this.remember(document);
      }),
      workspace.onDidSaveTextDocument((document) => this.remember(document)),
      workspace.onDidCloseTextDocument(({ uri }) => this.atSave.delete(uri.toString())),
      git.onDidCommit(() => this.changed.fire()),
    ];
  }

  /** At the last save, without waiting for the server. */
  saved(document: TextDocument): readonly NetworkReport[] | null {
    return this.atSave.get(document.uri.toString()) ?? null;
  }

  /** In the last commit; null where there is none, or git does not answer. */
  async committed({ uri }: TextDocument): Promise<readonly NetworkReport[] | null> {
    try {
      return (await this.server.ask<readonly NetworkReport[] | null>(COMMITTED_REQUEST, uri.toString())) ?? null;
    } catch {
      return null;
    }
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  /** A document without changes is as it was saved. */
  private remember(document: TextDocument): void {
    const message = this.networks.get(document.uri);
    if (document.isDirty || message?.version !== document.version) return;
    this.atSave.set(document.uri.toString(), message.networks);
    this.changed.fire();
  }
}
