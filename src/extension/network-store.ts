import { type Disposable, EventEmitter, type Uri, workspace } from 'vscode';
import type { NetworksMessage } from '../language/protocol.js';

/** The latest checked networks of every open document, for the features that show or run them. */
export class NetworkStore implements Disposable {
  private readonly latest = new Map<string, NetworksMessage>();
  private readonly changed = new EventEmitter<string>();
  private readonly closing = workspace.onDidCloseTextDocument((document) => this.forget(document.uri));

  /** Fires with the document's URI, as text. */
  readonly onDidChange = this.changed.event;

  get(uri: Uri): NetworksMessage | undefined {
    return this.latest.get(uri.toString());
  }

  /** `uri` is the message's, in VS Code's spelling. */
  update(uri: Uri, message: NetworksMessage): void {
    const known = this.get(uri);
    // A check that was overtaken must not hide the newer one.
    if (known && known.version > message.version) return;
    this.latest.set(uri.toString(), message);
    this.changed.fire(uri.toString());
  }

  /** After the server was restarted versions may be counted anew. */
  clear(): void {
    this.latest.clear();
  }

  dispose(): void {
    this.closing.dispose();
    this.changed.dispose();
  }

  private forget(uri: Uri): void {
    this.latest.delete(uri.toString());
  }
}
