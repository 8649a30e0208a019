import {
  commands,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  l10n,
  MarkdownString,
  type TextDocument,
  type TextEditor,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  type TreeViewSelectionChangeEvent,
  window,
  workspace,
} from 'vscode';
import { isConvNet, placeOf } from '../documents.js';
import type { NetworkStore } from '../network-store.js';
import { reveal } from '../reveal.js';
import { filterNodes, type NetworkNode, networkNodes, nodeAt } from './nodes.js';

const VIEW = 'convnet.network';

/** The *Network* view: the networks of the active file as a tree, its selection kept that of the cursor. */
export function activateNetworkView(context: ExtensionContext, networks: NetworkStore): void {
  const view = new NetworkView(networks);
  context.subscriptions.push(
    view,
    commands.registerCommand('convnet.filterNetwork', () => view.askForFilter()),
    commands.registerCommand('convnet.clearNetworkFilter', () => view.filter('')),
  );
}

class NetworkView implements TreeDataProvider<NetworkNode>, Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;

  private readonly tree: TreeView<NetworkNode>;
  private readonly subscriptions: Disposable[];
  private document: TextDocument | undefined;
  private nodes: readonly NetworkNode[] = [];
  private wanted = '';
  /** What the cursor selected: the cursor stays where it is then. */
  private selecting: string | undefined;

  constructor(private readonly networks: NetworkStore) {
    this.tree = window.createTreeView(VIEW, { treeDataProvider: this, showCollapseAll: true });
    this.subscriptions = [
      this.tree,
      this.changed,
      this.tree.onDidChangeSelection((event) => this.selected(event)),
      this.tree.onDidChangeVisibility(() => this.update()),
      window.onDidChangeActiveTextEditor((editor) => this.follow(editor)),
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.selectAtCursor(textEditor)),
      workspace.onDidCloseTextDocument((document) => this.closed(document)),
      networks.onDidChange((uri) => {
        const editor = window.activeTextEditor;
        if (uri === this.document?.uri.toString()) this.update();
        // Its language was changed to ours while it was active.
        else if (uri === editor?.document.uri.toString()) this.follow(editor);
      }),
    ];
    this.follow(window.activeTextEditor ?? window.visibleTextEditors.find(({ document }) => isConvNet(document)));
    void commands.executeCommand('setContext', 'convnet.active', true);
  }

  getChildren(node?: NetworkNode): NetworkNode[] {
    return [...(node?.children ?? this.nodes)];
  }

  getParent(node: NetworkNode): NetworkNode | undefined {
    return node.parent;
  }

  getTreeItem(node: NetworkNode): TreeItem {
    const item = new TreeItem(node.label);
    item.id = node.id;
    item.description = node.description;
    item.tooltip = new MarkdownString(node.tooltip);
    item.iconPath = iconOf(node);
    if (node.children.length > 0)
      item.collapsibleState = node.folded ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
    item.accessibilityInformation = { label: `${node.label}, ${node.description}` };
    return item;
  }

  /** The tree follows the typing. */
  askForFilter(): void {
    const input = window.createInputBox();
    const before = this.wanted;
    let isAccepted = false;
    input.title = l10n.t('Filter the network');
    input.placeholder = l10n.t('A name, a kind of layer or a size, such as conv or 28×28');
    input.value = before;
    input.onDidChangeValue((text) => this.filter(text));
    input.onDidAccept(() => {
      isAccepted = true;
      input.hide();
    });
    input.onDidHide(() => {
      if (!isAccepted) this.filter(before);
      input.dispose();
    });
    input.show();
  }

  filter(text: string): void {
    this.wanted = text.trim();
    void commands.executeCommand('setContext', 'convnet.networkFiltered', this.wanted !== '');
    this.update();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Other editors, and none at all, leave the tree as it is. */
  private follow(editor: TextEditor | undefined): void {
    if (!editor || !isConvNet(editor.document)) return;
    if (editor.document !== this.document) {
      this.document = editor.document;
      this.update();
    }
    this.selectAtCursor(editor);
  }

  private closed(document: TextDocument): void {
    if (document !== this.document) return;
    this.document = window.visibleTextEditors.find((editor) => isConvNet(editor.document))?.document;
    this.update();
  }

  /** A tree that nobody sees costs nothing. */
  private update(): void {
    if (!this.tree.visible) return;
    const uri = this.document?.uri;
    const reports = uri ? this.networks.get(uri)?.networks : undefined;
    const all = uri && reports ? networkNodes(uri.toString(), reports) : [];
    const { nodes, matches } = filterNodes(all, this.wanted);
    this.nodes = nodes;
    this.tree.message = this.message(reports?.length, matches);
    this.tree.description = this.document && uri ? uri.path.slice(uri.path.lastIndexOf('/') + 1) : '';
    this.changed.fire();
    this.selectAtCursor(window.activeTextEditor);
  }

  private message(networks: number | undefined, matches: number): string {
    if (!this.document) return '';
    if (networks === undefined) return l10n.t('Checking…');
    if (networks === 0) return l10n.t('No network can be read in this file.');
    if (this.wanted === '') return '';
    return matches === 1
      ? l10n.t("1 match for '{0}'", this.wanted)
      : l10n.t("{0} matches for '{1}'", matches, this.wanted);
  }

  private selectAtCursor(editor: TextEditor | undefined): void {
    if (!editor || editor.document !== this.document || !this.tree.visible) return;
    if (!workspace.getConfiguration('convnet.network').get('followCursor', true)) return;
    const [current] = this.tree.selection;
    const place = placeOf(editor);
    // Of the many layers that a line in a block or repeat makes, the one that was chosen stays.
    if (current && nodeAt([current], place) === current) return;
    const node = nodeAt(this.nodes, place);
    if (!node || node.id === current?.id) return;
    this.selecting = node.id;
    void this.tree.reveal(node, { select: true, focus: false });
  }

  private selected({ selection: [node] }: TreeViewSelectionChangeEvent<NetworkNode>): void {
    const isOurs = node?.id === this.selecting;
    this.selecting = undefined;
    if (node?.source && !isOurs) void reveal(node.source, { focus: false });
  }
}

function iconOf({ severity, icon }: NetworkNode): ThemeIcon {
  if (!severity) return new ThemeIcon(icon);
  return new ThemeIcon(
    severity,
    new ThemeColor(`problems${severity === 'error' ? 'Error' : 'Warning'}Icon.foreground`),
  );
}
