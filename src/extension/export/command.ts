import { commands, type ExtensionContext, l10n, Uri, window, workspace } from 'vscode';
import { ExportError } from '../../formats/format.js';
import { EXPORT_COMMAND, type NetworkReport } from '../../language/protocol.js';
import type { NetworkStore } from '../network-store.js';
import { activateExportBeside } from './beside.js';
import { errorOf, exportNetwork, stemOf, type Writer, weightsOf, writers } from './exporting.js';

/** *Export…*: a network as another tool's code or file; and the same beside the text, live. */
export function activateExport(context: ExtensionContext, networks: NetworkStore): void {
  context.subscriptions.push(
    commands.registerCommand(EXPORT_COMMAND, (uri?: string, network?: string) =>
      exportCommand(networks, uri ? Uri.parse(uri) : window.activeTextEditor?.document.uri, network),
    ),
  );
  activateExportBeside(context, networks);
}

async function exportCommand(networks: NetworkStore, uri: Uri | undefined, name: string | undefined): Promise<void> {
  const report = uri && (await chooseNetwork(networks, uri, name));
  if (!uri || !report) return;
  const error = errorOf(report);
  if (error !== null) {
    void window.showErrorMessage(l10n.t('{0} has errors and is not exported: {1}', report.network.name, error));
    return;
  }
  const choice = await chooseFormat();
  if (!choice) return;
  const { writer, options } = choice;
  const { extension } = writer.writes;
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(uri, '..', `${stemOf(uri)}${extension}`),
    filters: { [writer.title]: [extension.slice(1)] },
    title: l10n.t('Export {0} to {1}', report.network.name, writer.title),
  });
  if (!target) return;
  try {
    const exported = await exportNetwork(report, writer, stemOf(target), options, await weightsOf(report, uri));
    for (const [i, { name: file, content }] of exported.files.entries()) {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      await workspace.fs.writeFile(i === 0 ? target : Uri.joinPath(target, '..', file), bytes);
    }
    if (typeof exported.files[0]?.content === 'string') await window.showTextDocument(target);
  } catch (problem) {
    const reason = problem instanceof ExportError ? problem.message : String(problem);
    void window.showErrorMessage(l10n.t('{0} is not exported: {1}', report.network.name, reason));
  }
}

/** The network that is meant: the one named, the only one, or one that the user picks. */
async function chooseNetwork(
  networks: NetworkStore,
  uri: Uri,
  name: string | undefined,
): Promise<NetworkReport | undefined> {
  const all = networks.get(uri)?.networks ?? [];
  const named = all.find(({ network }) => network.name === name);
  if (named || all.length === 1) return named ?? all[0];
  if (all.length === 0) {
    void window.showInformationMessage(l10n.t('There is no network here to export.'));
    return undefined;
  }
  const items = all.map((report) => ({ label: report.network.name, report }));
  return (await window.showQuickPick(items, { title: l10n.t('Which network?') }))?.report;
}

/** A format, with or without what can be written beside. */
async function chooseFormat(): Promise<{ readonly writer: Writer; readonly options: object } | undefined> {
  const items = writers.flatMap((writer) => [
    { label: writer.title, description: writer.writes.extension, writer, options: {} },
    ...(writer.writes.with ?? []).map((extra) => ({
      label: `${writer.title} + ${extra}`,
      description: writer.writes.extension,
      writer,
      options: { [extra]: true },
    })),
  ]);
  return window.showQuickPick(items, { title: l10n.t('Export to'), matchOnDescription: true });
}
