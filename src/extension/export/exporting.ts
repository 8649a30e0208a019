import { l10n, Uri, workspace } from 'vscode';
import type { Exported, Format, Weights } from '../../formats/format.js';
import { type FormatEntry, formats } from '../../formats/index.js';
import { readSafetensors } from '../../formats/safetensors.js';
import type { NetworkReport } from '../../language/protocol.js';

/** A format that networks can be written in. */
export type Writer = FormatEntry & { readonly name: string; readonly writes: NonNullable<FormatEntry['writes']> };

export const writers: readonly Writer[] = Object.entries(formats).flatMap(([name, entry]) =>
  entry.writes ? [{ ...entry, name, writes: entry.writes }] : [],
);

/** Why a network cannot be written now; null where it can. A false expectation is the text's affair. */
export const errorOf = ({ messages }: NetworkReport): string | null =>
  messages.find(({ severity, code }) => severity === 'error' && code !== 'expectation-failed')?.message ?? null;

/** Writes a network. Throws an ExportError for what the format cannot say. */
export async function exportNetwork(
  { network, facts, totals }: NetworkReport,
  writer: Writer,
  fileName: string,
  options: object = {},
  weights?: Weights,
): Promise<Exported> {
  const format: Format = await writer.load();
  if (!format.write) throw new Error(l10n.t('{0} cannot be written', writer.title));
  const checked = { network, facts, totals, problems: [] };
  return format.write({ checked, fileName, ...(weights && { weights }) }, options);
}

/** The weights of the file that a network names; undefined where there is none that can be read. */
export async function weightsOf({ network }: NetworkReport, file: Uri): Promise<Weights | undefined> {
  if (network.weightsFile === undefined) return undefined;
  try {
    return readSafetensors(await workspace.fs.readFile(Uri.joinPath(file, '..', network.weightsFile)));
  } catch {
    // The check of the file has told.
    return undefined;
  }
}

/** `lenet` of `file:///lenet.convnet` */
export const stemOf = (uri: Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
