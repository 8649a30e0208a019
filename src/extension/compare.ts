import {
  commands,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  l10n,
  type QuickPickItem,
  Uri,
  window,
  workspace,
} from 'vscode';
import { COMPARE_COMMAND, COMPARE_REQUEST, type Comparison } from '../language/protocol.js';
import { isConvNet } from './documents.js';
import type { Git } from './git.js';
import type { LanguageServer } from './language-client.js';
import type { NetworkStore } from './network-store.js';

const SCHEME = 'convnet-compare';

type Other = Comparison['with'];

/** *Compare With…*: what changed in the networks of a file, layer by layer, in VS Code's preview of Markdown; it follows the text. */
export function activateCompare(
  context: ExtensionContext,
  networks: NetworkStore,
  server: LanguageServer,
  git: Git,
): void {
  const comparisons = new Comparisons(networks, server, git);
  context.subscriptions.push(
    comparisons,
    workspace.registerTextDocumentContentProvider(SCHEME, comparisons),
    commands.registerCommand(COMPARE_COMMAND, async (address?: string, revision?: string) => {
      const document = window.activeTextEditor?.document;
      const uri = address ? Uri.parse(address) : document && isConvNet(document) ? document.uri : undefined;
      const other = revision ? { revision } : uri && (await chooseOther(uri, git));
      if (uri && other) await show(uri, other);
    }),
  );
}

const nameOf = (uri: Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

function otherName(other: Other): string {
  if ('uri' in other) return nameOf(Uri.parse(other.uri));
  return other.revision === 'HEAD' ? l10n.t('the last commit') : other.revision;
}

function titleOf({ uri, with: other }: Comparison): string {
  const [name, than] = [nameOf(Uri.parse(uri)), otherName(other)];
  return 'uri' in other ? l10n.t('{0} against {1}', name, than) : l10n.t('{0} since {1}', name, than);
}

async function show(uri: Uri, other: Other): Promise<void> {
  const comparison: Comparison = { uri: uri.toString(), with: other };
  // The title of the tab, in which a slash would begin a folder.
  const title = titleOf(comparison).replaceAll('/', '∕');
  const target = Uri.from({ scheme: SCHEME, path: `/${title}.md`, query: JSON.stringify(comparison) });
  await workspace.openTextDocument(target);
  await commands.executeCommand('markdown.showPreviewToSide', target);
}

/** What a file is compared with: a commit, where there is one, or another file. */
async function chooseOther(uri: Uri, git: Git): Promise<Other | undefined> {
  const files = (await workspace.findFiles('**/*.convnet', '**/node_modules/**')).filter(
    (file) => file.toString() !== uri.toString(),
  );
  const paths = files.map((file) => ({ label: workspace.asRelativePath(file), other: { uri: file.toString() } }));
  const last = { label: l10n.t('The last commit'), description: 'HEAD', other: { revision: 'HEAD' } };
  const another = { label: l10n.t('Another commit…'), other: undefined };
  const items: (QuickPickItem & { readonly other: Other | undefined })[] = [
    ...((await git.hasCommits(uri)) ? [last, another] : []),
    ...paths.sort((a, b) => a.label.localeCompare(b.label)),
  ];
  if (items.length === 0) {
    void window.showInformationMessage(l10n.t('There is no commit and no other file to compare with.'));
    return undefined;
  }
  const picked = await window.showQuickPick(items, { title: l10n.t('Compare {0} with', nameOf(uri)) });
  if (picked !== another) return picked?.other;
  const revision = await window.showInputBox({
    title: l10n.t('Compare {0} with which commit?', nameOf(uri)),
    prompt: l10n.t('A commit, a branch or a tag, such as HEAD~2 or main'),
  });
  return revision ? { revision } : undefined;
}

class Comparisons implements Disposable {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  private readonly listeners: readonly Disposable[];

  constructor(
    networks: NetworkStore,
    private readonly server: LanguageServer,
    git: Git,
  ) {
    this.listeners = [
      this.changed,
      networks.onDidChange((file) => this.refresh((comparison) => filesOf(comparison).includes(file))),
      git.onDidCommit(() => this.refresh((comparison) => 'revision' in comparison.with)),
    ];
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  /** Has those that are open worked out anew. */
  private refresh(isMeant: (comparison: Comparison) => boolean): void {
    for (const { uri } of workspace.textDocuments)
      if (uri.scheme === SCHEME && isMeant(comparisonOf(uri))) this.changed.fire(uri);
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const comparison = comparisonOf(uri);
    const found = await this.server.ask<string | null>(COMPARE_REQUEST, comparison);
    const names = [nameOf(Uri.parse(comparison.uri)), otherName(comparison.with)];
    const body = found ?? l10n.t('{0} cannot be compared with {1}: there is no such file there.', ...names);
    return `# ${titleOf(comparison)}\n\n${body}`;
  }
}

const comparisonOf = (uri: Uri): Comparison => JSON.parse(uri.query) as Comparison;

const filesOf = ({ uri, with: other }: Comparison): readonly string[] => ('uri' in other ? [uri, other.uri] : [uri]);
