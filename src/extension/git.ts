import { type Disposable, type Event, EventEmitter, type ExtensionContext, extensions, Uri } from 'vscode';
import { COMMIT_NOTIFICATION, COMMITTED_TEXT_REQUEST, type CommittedFile } from '../language/protocol.js';
import type { LanguageServer } from './language-client.js';

/** What we use of the API of VS Code's own git extension. */
interface GitApi {
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: Event<Repository>;
  readonly onDidCloseRepository: Event<Repository>;
  getRepository(uri: Uri): Repository | null;
}

interface Repository {
  readonly state: { readonly HEAD: { readonly commit?: string } | undefined; readonly onDidChange: Event<void> };
  show(ref: string, path: string): Promise<string>;
}

interface GitExtension {
  readonly enabled: boolean;
  getAPI(version: 1): GitApi;
}

/** Lets the language server compare files with commits, where VS Code has git. */
export function activateGit(context: ExtensionContext, server: LanguageServer): Git {
  const git = new Git();
  git.onDidCommit(() => void server.tell(COMMIT_NOTIFICATION));
  server.answer(COMMITTED_TEXT_REQUEST, (file: CommittedFile) => git.textAt(file));
  context.subscriptions.push(git);
  return git;
}

export class Git implements Disposable {
  private readonly committed = new EventEmitter<void>();
  private readonly subscriptions: Disposable[] = [this.committed];
  private readonly api: Promise<GitApi | undefined>;

  /** Files are compared with another commit from now on. */
  readonly onDidCommit = this.committed.event;

  constructor() {
    this.api = this.connect();
  }

  /** Whether a file lies in a repository that has a commit. */
  async hasCommits(uri: Uri): Promise<boolean> {
    return (await this.api)?.getRepository(uri)?.state.HEAD?.commit !== undefined;
  }

  async textAt({ uri: address, revision }: CommittedFile): Promise<string | null> {
    const uri = Uri.parse(address);
    const repository = (await this.api)?.getRepository(uri);
    if (!repository?.state.HEAD?.commit) return null;
    // A file that is new since.
    return repository.show(revision, uri.fsPath).catch(() => null);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  private async connect(): Promise<GitApi | undefined> {
    const extension = extensions.getExtension<GitExtension>('vscode.git');
    const git = extension?.isActive ? extension.exports : await extension?.activate();
    if (!git?.enabled) return undefined;
    const api = git.getAPI(1);
    this.subscriptions.push(api.onDidOpenRepository((repository) => this.follow(repository)));
    for (const repository of api.repositories) this.follow(repository);
    return api;
  }

  private follow({ state }: Repository): void {
    let commit = state.HEAD?.commit;
    this.committed.fire();
    this.subscriptions.push(
      state.onDidChange(() => {
        if (state.HEAD?.commit === commit) return;
        commit = state.HEAD?.commit;
        this.committed.fire();
      }),
    );
  }
}
