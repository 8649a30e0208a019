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
import { type HostMessage, type PanelState, VIEW_TYPE } from '../../preview/protocol.js';
import type { NetworkStore } from '../network-store.js';
import { PreviewPanel } from './panel.js';
import { followTrainable } from './training-context.js';

/** The command, the panel that follows the active file, and its return after the window is reloaded. */
export function activatePreview(context: ExtensionContext, networks: NetworkStore): void {
  const manager = new PreviewManager(context, networks);
  context.subscriptions.push(
    manager,
    ...followTrainable(networks),
    commands.registerCommand('convnet.openPreview', () => manager.open()),
    commands.registerCommand('convnet.train', () => manager.train()),
    window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (panel, state: PanelState | undefined) => manager.restore(panel, state),
    }),
  );
}

const isConvNet = (document: TextDocument): boolean => document.languageId === 'convnet';

class PreviewManager implements Disposable {
  private panel: PreviewPanel | undefined;
  private document: TextDocument | undefined;
  /** Training was asked for before the page was there to be told. */
  private wantsTraining = false;
  private isReady = false;
  private readonly listeners: Disposable[];

  constructor(
    private readonly context: ExtensionContext,
    private readonly networks: NetworkStore,
  ) {
    this.listeners = [
      window.onDidChangeActiveTextEditor((editor) => this.followEditor(editor)),
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.sendCursor(textEditor)),
      workspace.onDidOpenTextDocument((document) => this.reopened(document)),
      workspace.onDidCloseTextDocument((document) => this.closed(document)),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('convnet.preview')) this.sendSettings();
      }),
      networks.onDidChange((uri) => {
        if (uri === this.document?.uri.toString()) this.sendDocument();
      }),
    ];
  }

  open(): void {
    if (this.panel) {
      this.panel.show();
    } else {
      const place = { viewColumn: ViewColumn.Beside, preserveFocus: true };
      // Kept while hidden: a large network would have to run again each time the tab is shown.
      const options = { retainContextWhenHidden: true };
      this.adopt(window.createWebviewPanel(VIEW_TYPE, l10n.t('ConvNet Preview'), place, options));
    }
    this.followEditor(window.activeTextEditor);
    if (!this.document) this.follow(visibleDocument());
  }

  /** Opens the panel, if need be, and has the network that it follows trained. */
  train(): void {
    this.wantsTraining = true;
    this.open();
    this.sendWish();
  }

  async restore(panel: WebviewPanel, state: PanelState | undefined): Promise<void> {
    this.adopt(panel);
    this.follow(visibleDocument() ?? (state?.uri ? await openDocument(Uri.parse(state.uri)) : undefined));
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.panel?.dispose();
  }

  private adopt(webview: WebviewPanel): void {
    const panel = new PreviewPanel(this.context, webview);
    panel.onReady(() => {
      this.isReady = true;
      this.sendSettings();
      this.sendDocument();
      this.sendCursor(window.activeTextEditor);
      this.sendWish();
    });
    panel.onDidDispose(() => {
      if (this.panel === panel) this.panel = undefined;
    });
    this.panel?.dispose();
    this.isReady = false;
    this.panel = panel;
  }

  /** Other editors (and the panel itself) leave the panel where it is. */
  private followEditor(editor: TextEditor | undefined): void {
    if (!editor || !isConvNet(editor.document)) return;
    this.follow(editor.document);
    this.sendCursor(editor);
  }

  private follow(document: TextDocument | undefined): void {
    if (document === this.document && document) return;
    this.document = document;
    this.sendDocument();
  }

  /** A file whose language was changed, or one that is back after a rename, arrives as a newly opened document. */
  private reopened(document: TextDocument): void {
    if (this.panel && window.activeTextEditor?.document === document) this.followEditor(window.activeTextEditor);
  }

  private closed(document: TextDocument): void {
    if (document === this.document) this.follow(visibleDocument());
  }

  private sendDocument(): void {
    const { panel, document } = this;
    const title = document && titleOf(document.uri);
    panel?.follow(document?.uri, title ? l10n.t('Preview {0}', title) : l10n.t('ConvNet Preview'));
    panel?.post({
      type: 'document',
      document: document
        ? {
            uri: document.uri.toString(),
            title: titleOf(document.uri),
            networks: this.networks.get(document.uri)?.networks ?? null,
          }
        : null,
    });
  }

  private sendCursor(editor: TextEditor | undefined): void {
    if (!editor || editor.document !== this.document) return;
    const { line, character } = editor.selection.active;
    this.panel?.post({ type: 'cursor', place: { file: editor.document.uri.toString(), line, character } });
  }

  private sendWish(): void {
    if (!this.isReady || !this.panel || !this.wantsTraining) return;
    this.wantsTraining = false;
    this.panel.post({ type: 'train' });
  }

  private sendSettings(): void {
    this.panel?.post(settingsMessage());
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
