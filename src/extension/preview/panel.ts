import {
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  env,
  l10n,
  Uri,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import type { HostMessage, PanelMessage } from '../../preview/protocol.js';
import { mayUse } from '../documents.js';
import { reveal } from '../reveal.js';
import type { AttributeEditor } from './attribute-editor.js';
import type { DataFiles } from './data-files.js';
import { createNonce, pageHtml } from './html.js';

/** One preview panel: its page, and the messages to and from it. */
export class PreviewPanel implements Disposable {
  private readonly readied = new EventEmitter<void>();
  private followed: Uri | undefined;
  /** The `readWeights` that holds, with the file it means. */
  private weights: { readonly message: Extract<PanelMessage, { type: 'readWeights' }>; readonly file: Uri } | undefined;
  /** How often weights were read: of two readings, the later holds. */
  private readings = 0;
  private readonly watcher = workspace.createFileSystemWatcher('**/*.safetensors');

  /** Fires when the page can take messages: after it is loaded, and after each reload of it. */
  readonly onReady = this.readied.event;
  readonly onDidDispose;

  constructor(
    context: ExtensionContext,
    private readonly panel: WebviewPanel,
    private readonly attributes: AttributeEditor,
    private readonly data: DataFiles,
  ) {
    this.onDidDispose = panel.onDidDispose;
    panel.onDidDispose(() => this.watcher.dispose());
    const reread = (file: Uri) => {
      if (file.toString() === this.weights?.file.toString()) void this.sendWeights();
    };
    this.watcher.onDidCreate(reread);
    this.watcher.onDidChange(reread);
    this.watcher.onDidDelete(reread);
    const files = Uri.joinPath(context.extensionUri, 'dist/preview');
    const address = (name: string) => panel.webview.asWebviewUri(Uri.joinPath(files, name)).toString();
    const images = Uri.joinPath(context.extensionUri, 'images');
    panel.iconPath = {
      light: Uri.joinPath(images, 'preview-light.svg'),
      dark: Uri.joinPath(images, 'preview-dark.svg'),
    };
    panel.webview.options = { enableScripts: true, localResourceRoots: [files] };
    panel.webview.onDidReceiveMessage((message: PanelMessage) => this.receive(message));
    panel.webview.html = pageHtml({
      script: address('panel.js'),
      style: address('panel.css'),
      worker: address('worker.js'),
      training: address('training.js'),
      cspSource: panel.webview.cspSource,
      nonce: createNonce(),
    });
  }

  /** The document whose networks are shown: files that the user saves are to lie beside it. */
  follow(uri: Uri | undefined, title: string): void {
    this.followed = uri;
    this.panel.title = title;
  }

  post(message: HostMessage): void {
    void this.panel.webview.postMessage(message);
  }

  /** In front, with the keyboard. */
  get isActive(): boolean {
    return this.panel.active;
  }

  show(): void {
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.readied.dispose();
    this.panel.dispose();
  }

  private async receive(message: PanelMessage): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.readied.fire();
      case 'reveal':
        return reveal(message.range, message);
      case 'readPicture':
        return this.post({ ...message, type: 'picture', bytes: await readIfAllowed(named(message)) });
      case 'readWeights':
        this.weights = { message, file: named(message) };
        return this.sendWeights();
      case 'readLabels': {
        const bytes = await readIfAllowed(named(message));
        return this.post({ ...message, type: 'labels', text: bytes && new TextDecoder().decode(bytes) });
      }
      case 'readData': {
        const answer = await this.data.answer(Uri.parse(message.uri), message.ask);
        return this.post({ type: 'data', id: message.id, answer });
      }
      case 'setAttribute':
        return this.attributes.set(message);
      case 'save':
        return this.save(message.name, message.bytes);
      case 'saveWeights':
        return this.saveWeights(message);
      case 'copy':
        await env.clipboard.writeText(message.text);
        window.setStatusBarMessage(l10n.t('Copied'), 3000);
    }
  }

  private async save(name: string, bytes: Uint8Array): Promise<void> {
    const file = await askWhere(this.followed, name);
    if (file) await write(file, bytes);
  }

  private async saveWeights({ uri, path, name, bytes }: Extract<PanelMessage, { type: 'saveWeights' }>): Promise<void> {
    const network = Uri.parse(uri);
    const beside = path === null ? undefined : named({ uri, path });
    const file = beside && mayUse(beside) ? beside : await askWhere(network, name);
    if (file && (await write(file, bytes)))
      window.setStatusBarMessage(l10n.t('Weights are in {0}', workspace.asRelativePath(file)), 5000);
  }

  private async sendWeights(): Promise<void> {
    if (!this.weights) return;
    const { message, file } = this.weights;
    const reading = ++this.readings;
    const bytes = await readIfAllowed(file);
    if (reading === this.readings) this.post({ ...message, type: 'weights', bytes });
  }
}

/** The file at a path that the file at `uri` names. */
const named = ({ uri, path }: { readonly uri: string; readonly path: string }): Uri =>
  Uri.joinPath(Uri.parse(uri), '..', path);

/** Where the user says, beside the network's file to begin with. */
const askWhere = (network: Uri | undefined, name: string): Thenable<Uri | undefined> =>
  window.showSaveDialog(network ? { defaultUri: Uri.joinPath(network, '..', name) } : {});

/** Whole or not at all: what a file held before stays until the new contents are on the disk. */
async function write(file: Uri, bytes: Uint8Array): Promise<boolean> {
  const draft = file.with({ path: `${file.path}.part` });
  try {
    await workspace.fs.writeFile(draft, bytes);
    await workspace.fs.rename(draft, file, { overwrite: true });
    return true;
  } catch (error) {
    await workspace.fs.delete(draft).then(undefined, () => undefined);
    void window.showErrorMessage(l10n.t('{0} could not be written: {1}', file.path, String(error)));
    return false;
  }
}

async function readIfAllowed(file: Uri): Promise<Uint8Array | null> {
  if (!mayUse(file)) return null;
  try {
    // A copy: what Node reads is a Buffer, and VS Code sends those to pages as objects that are no bytes any more.
    return new Uint8Array(await workspace.fs.readFile(file));
  } catch {
    // The panel tells the user that there is no such file.
    return null;
  }
}
