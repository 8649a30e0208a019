import { commands, type ExtensionContext, l10n, SnippetString, window, workspace } from 'vscode';
import { templates } from './templates.js';

/** *New Network*: a file that is not saved yet, with a network to be filled in. */
export function activateNewNetwork(context: ExtensionContext): void {
  context.subscriptions.push(commands.registerCommand('convnet.newNetwork', newNetwork));
}

async function newNetwork(): Promise<void> {
  const items = templates().map((template) => ({
    label: template.title,
    detail: template.description,
    snippet: template.snippet,
  }));
  const picked = await window.showQuickPick(items, {
    title: l10n.t('New Network'),
    placeHolder: l10n.t('What to begin with'),
    matchOnDetail: true,
  });
  if (!picked) return;
  const editor = await window.showTextDocument(await workspace.openTextDocument({ language: 'convnet' }));
  await editor.insertSnippet(new SnippetString(picked.snippet));
}
