import { commands, type Disposable, window } from 'vscode';
import { isConvNet } from '../documents.js';
import type { NetworkStore } from '../network-store.js';

/** Tells VS Code whether the active file has a network that says how it learns, for commands to be offered by. */
export function followTrainable(networks: NetworkStore): readonly Disposable[] {
  const update = () => {
    const document = window.activeTextEditor?.document;
    // The panel has the focus: what could be trained before still can.
    if (!document) return;
    const found = isConvNet(document) ? networks.get(document.uri)?.networks : undefined;
    const canTrain = found?.some(({ network }) => network.training) ?? false;
    void commands.executeCommand('setContext', 'convnet.canTrain', canTrain);
  };
  update();
  return [window.onDidChangeActiveTextEditor(update), networks.onDidChange(update)];
}
