import { l10n, ProgressLocation, type TextDocument, Uri, window, workspace } from 'vscode';
import { ImportError, type Imported, type NamedBytes } from '../../formats/format.js';
import { commentsOf, importFiles, renamedWeights } from '../../formats/import-files.js';
import { writeSafetensors } from '../../formats/safetensors.js';
import { printNetwork } from '../../language/print/index.js';
import { stemOf } from '../export/exporting.js';
import type { NetworkStore } from '../network-store.js';

const endings = ['prototxt', 'caffemodel', 'onnx', 'keras', 'h5', 'json'];

/** Files of weights that are looked for beside a prototxt. */
const weightsOf: Readonly<Record<string, string>> = { prototxt: 'caffemodel' };

/** Another tool's network as a text that is not saved yet; what differs stands in it and is told. */
export async function importNetwork(networks: NetworkStore, given: Uri | undefined): Promise<TextDocument | undefined> {
  const uri = given ?? (await chooseFile());
  if (!uri) return undefined;
  try {
    const imported = await window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Importing {0}', nameOf(uri)) },
      () => read(uri),
    );
    const document = await workspace.openTextDocument({ language: 'convnet', content: textOf(imported, uri) });
    await window.showTextDocument(document);
    // The document is there; what is asked beside it must not hold it up.
    void tell(imported, uri, document, networks);
    return document;
  } catch (problem) {
    const reason = problem instanceof ImportError ? problem.message : String(problem);
    void window.showErrorMessage(l10n.t('{0} cannot be imported: {1}', nameOf(uri), reason));
    return undefined;
  }
}

async function chooseFile(): Promise<Uri | undefined> {
  const [uri] =
    (await window.showOpenDialog({
      title: l10n.t('Import a network of Caffe, ONNX or Keras'),
      filters: { [l10n.t('Networks')]: endings },
    })) ?? [];
  return uri;
}

const nameOf = (uri: Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

async function read(uri: Uri): Promise<Imported> {
  const bytesOf = async (name: string): Promise<Uint8Array | undefined> => {
    try {
      return await workspace.fs.readFile(Uri.joinPath(uri, '..', name));
    } catch {
      return undefined;
    }
  };
  const more: NamedBytes[] = [];
  const ending = weightsOf[nameOf(uri).replace(/^.*\./, '').toLowerCase()];
  if (ending !== undefined) {
    const name = `${stemOf(uri)}.${ending}`;
    const bytes = await bytesOf(name);
    if (bytes) more.push({ name, bytes });
  }
  return importFiles({ name: nameOf(uri), bytes: await workspace.fs.readFile(uri) }, more, bytesOf);
}

const textOf = ({ network, report }: Imported, uri: Uri, weightsFile?: string): string =>
  printNetwork(weightsFile === undefined ? network : { ...network, weightsFile }, {
    heading: [l10n.t('Imported from {0}', nameOf(uri))],
    comments: commentsOf(report),
  });

/** How well it went, and what can be done next. */
async function tell(imported: Imported, uri: Uri, document: TextDocument, networks: NetworkStore): Promise<void> {
  const { report, weights } = imported;
  const exact = report.filter(({ fidelity }) => fidelity === 'exact').length;
  const isWhole = !report.some(({ matters }) => matters);
  const message = l10n.t('{0} of {1} layers are exact; what differs stands above the others', exact, report.length);
  const save = l10n.t('Save with Weights…');
  const actions = weights.size > 0 ? [save] : [];
  const text = exact === report.length ? l10n.t('All {0} layers are exact', exact) : message;
  const choice = isWhole
    ? await window.showInformationMessage(text, ...actions)
    : await window.showWarningMessage(text, ...actions);
  if (choice === save) await saveWithWeights(imported, uri, document, networks);
}

/** The text, naming its weights, and the weights beside it, by the names that the text gives the layers. */
async function saveWithWeights(
  imported: Imported,
  uri: Uri,
  document: TextDocument,
  networks: NetworkStore,
): Promise<void> {
  const target = await window.showSaveDialog({
    defaultUri: Uri.joinPath(uri, '..', `${stemOf(uri)}.convnet`),
    filters: { ConvNet: ['convnet'] },
    title: l10n.t('Save with Weights…'),
  });
  if (!target) return;
  const layers = networks.get(document.uri)?.networks[0]?.network.layers ?? imported.network.layers;
  const weightsFile = `${stemOf(target)}.safetensors`;
  const weights = renamedWeights(imported.weights, imported.network.layers, layers);
  await workspace.fs.writeFile(target, new TextEncoder().encode(textOf(imported, uri, weightsFile)));
  await workspace.fs.writeFile(Uri.joinPath(target, '..', weightsFile), writeSafetensors(weights));
  await window.showTextDocument(target);
}
