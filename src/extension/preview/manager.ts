import {
  commands,
  type Disposable,
  type ExtensionContext,
  l10n,
  type TextDocument,
  type TextEditor,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import type { NetworkReport } from '../../language/protocol.js';
import { type HostMessage, type PanelState, VIEW_TYPE } from '../../preview/protocol.js';
import type { Git } from '../git.js';
import type { LanguageServer } from '../language-client.js';
import type { NetworkStore } from '../network-store.js';
import { AttributeEditor } from './attribute-editor.js';
import { EarlierNetworks } from './baselines.js';
import { DataFiles, type ReadPart } from './data-files.js';
import { PreviewPanel } from './panel.js';
import { followTrainable } from './training-context.js';

/** The commands, the panels that follow the active file or stay with one, and their return after the window is reloaded. */
export function activatePreview(
  context: ExtensionContext,
  networks: NetworkStore,
  server: LanguageServer,
  git: Git,
  readPart?: ReadPart,
): void {
  const earlier = new EarlierNetworks(networks, server, git);
  const manager = new PreviewManager(context, networks, earlier, new AttributeEditor(server), new DataFiles(readPart));
  context.subscriptions.push(
    earlier,
    manager,
    ...followTrainable(networks),
    commands.registerCommand('convnet.openPreview', () => manager.open()),
    commands.registerCommand('convnet.train', () => manager.train()),
    commands.registerCommand('convnet.lockPreview', () => manager.toggleLock()),
    window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (panel, state: PanelState | undefined) => manager.restore(panel, state),
    }),
  );
}

const isConvNet = (document: TextDocument): boolean => document.languageId === 'convnet';

/** Every panel. One at most follows the active file; those that are locked stay with theirs. */
class PreviewManager implements Disposable {
  private readonly previews = new Set<Preview>();
  private readonly listeners: Disposable[];

  constructor(
    private readonly context: ExtensionContext,
    private readonly networks: NetworkStore,
    private readonly earlier: EarlierNetworks,
    private readonly attributes: AttributeEditor,
    private readonly data: DataFiles,
  ) {
    this.listeners = [
      window.onDidChangeActiveTextEditor((editor) => this.followEditor(editor)),
      window.onDidChangeTextEditorSelection(({ textEditor }) => {
        for (const preview of this.previews) preview.sendCursor(textEditor);
      }),
      workspace.onDidOpenTextDocument((document) => this.reopened(document)),
      workspace.onDidCloseTextDocument((document) => {
        const preview = this.following;
        if (document === preview?.document) preview.follow(visibleDocument());
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('convnet.preview')) for (const preview of this.previews) preview.sendSettings();
      }),
      networks.onDidChange((uri) => {
        for (const preview of this.previews) if (uri === preview.document?.uri.toString()) preview.sendDocument();
      }),
      earlier.onDidChange(() => {
        for (const preview of this.previews) void preview.sendBaselines();
      }),
    ];
  }

  open(): void {
    const existing = this.following;
    if (existing) existing.panel.show();
    else {
      const place = { viewColumn: ViewColumn.Beside, preserveFocus: true };
      // Kept while hidden: a large network would have to run again each time the tab is shown.
      const options = { retainContextWhenHidden: true };
      this.adopt(window.createWebviewPanel(VIEW_TYPE, l10n.t('ConvNet Preview'), place, options));
    }
    this.followEditor(window.activeTextEditor);
    if (!this.following?.document) this.following?.follow(visibleDocument());
  }

  /** Opens the panel, if need be, and has the network that it follows trained. */
  train(): void {
    this.open();
    this.following?.train();
  }

  async restore(panel: WebviewPanel, state: PanelState | undefined): Promise<void> {
    const isLocked = state?.locked ?? false;
    // Two that follow would show the same.
    if (!isLocked) this.following?.panel.dispose();
    const preview = this.adopt(panel, isLocked);
    const kept = state?.uri ? await openDocument(Uri.parse(state.uri)) : undefined;
    preview.follow(isLocked ? kept : (visibleDocument() ?? kept));
  }

  /** The panel in front stays with its file from now on, or follows the active one again. */
  toggleLock(): void {
    const preview = [...this.previews].find(({ panel }) => panel.isActive) ?? this.following;
    if (!preview) return;
    if (preview.isLocked) this.following?.panel.dispose();
    preview.isLocked = !preview.isLocked;
    preview.sendDocument();
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    for (const { panel } of this.previews) panel.dispose();
  }

  private get following(): Preview | undefined {
    return [...this.previews].find(({ isLocked }) => !isLocked);
  }

  private adopt(webview: WebviewPanel, isLocked = false): Preview {
    const panel = new PreviewPanel(this.context, webview, this.attributes, this.data);
    const preview = new Preview(panel, this.networks, this.earlier, isLocked);
    panel.onDidDispose(() => this.previews.delete(preview));
    this.previews.add(preview);
    return preview;
  }

  /** Other editors (and the panels themselves) leave the panel where it is. */
  private followEditor(editor: TextEditor | undefined): void {
    if (!editor || !isConvNet(editor.document)) return;
    this.following?.follow(editor.document);
    for (const preview of this.previews) preview.sendCursor(editor);
  }

  /** A file whose language was changed, or one that is back after a rename, arrives as a newly opened document. */
  private reopened(document: TextDocument): void {
    if (window.activeTextEditor?.document === document) this.followEditor(window.activeTextEditor);
  }
}

/** A panel and the document that it shows. */
class Preview {
  document: TextDocument | undefined;
  /** What was found in the last commit. */
  private committed:
    | { readonly document: TextDocument; readonly networks: readonly NetworkReport[] | null }
    | undefined;
  private isReady = false;
  /** Training was asked for before the page was there to be told. */
  private wantsTraining = false;

  constructor(
    readonly panel: PreviewPanel,
    private readonly networks: NetworkStore,
    private readonly earlier: EarlierNetworks,
    public isLocked: boolean,
  ) {
    panel.onReady(() => {
      this.isReady = true;
      this.sendSettings();
      this.sendDocument();
      this.sendCursor(window.activeTextEditor);
      this.sendWish();
      void this.sendBaselines();
    });
  }

  /** Has the network that is shown trained, as soon as the page is there. */
  train(): void {
    this.wantsTraining = true;
    this.sendWish();
  }

  follow(document: TextDocument | undefined): void {
    if (document === this.document && document) return;
    this.document = document;
    this.sendDocument();
    void this.sendBaselines();
  }

  sendDocument(): void {
    const { panel, document, isLocked } = this;
    panel.follow(document?.uri, this.title());
    panel.post({
      type: 'document',
      isLocked,
      document: document
        ? {
            uri: document.uri.toString(),
            title: titleOf(document.uri),
            networks: this.networks.get(document.uri)?.networks ?? null,
          }
        : null,
    });
  }

  async sendBaselines(): Promise<void> {
    const { document } = this;
    if (!document) return;
    const send = (committed: readonly NetworkReport[] | null) => {
      const uri = document.uri.toString();
      this.panel.post({ type: 'baselines', uri, saved: this.earlier.saved(document), committed });
    };
    // Git may take its time, or not answer at all.
    send(this.committed?.document === document ? this.committed.networks : null);
    const networks = await this.earlier.committed(document);
    if (document !== this.document) return;
    this.committed = { document, networks };
    send(networks);
  }

  sendCursor(editor: TextEditor | undefined): void {
    // A file that was closed and opened again is another document.
    if (!editor || editor.document.uri.toString() !== this.document?.uri.toString()) return;
    const { line, character } = editor.selection.active;
    this.panel.post({ type: 'cursor', place: { file: editor.document.uri.toString(), line, character } });
  }

  sendSettings(): void {
    this.panel.post(settingsMessage());
  }

  private sendWish(): void {
    if (!this.isReady || !this.wantsTraining) return;
    this.wantsTraining = false;
    this.panel.post({ type: 'train' });
  }

  private title(): string {
    if (!this.document) return l10n.t('ConvNet Preview');
    const name = titleOf(this.document.uri);
    return this.isLocked ? l10n.t('[Preview] {0}', name) : l10n.t('Preview {0}', name);
  }
}

function settingsMessage(): HostMessage {
  const settings = workspace.getConfiguration('convnet.preview');
  return {
    type: 'settings',
    settings: {
      followCursor: settings.get('followCursor', true),
      memoryLimit: settings.get('memoryLimit', 2048) * 2 ** 20,
    },
  };
}

const visibleDocument = (): TextDocument | undefined =>
  window.visibleTextEditors.map((editor) => editor.document).find(isConvNet);

const titleOf = (uri: Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

async function openDocument(uri: Uri): Promise<TextDocument | undefined> {
  try {
    const document = await workspace.openTextDocument(uri);
    return isConvNet(document) ? document : undefined;
  } catch {
    // The file is gone since: the panel then says how to begin.
    return undefined;
  }
}
