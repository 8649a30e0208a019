import { basename, dirname, join } from 'node:path';
import { ImportError, type Imported, type NamedBytes, type NodeReport, type StoredTensor } from '../formats/format.js';
import { formatOf, formats } from '../formats/index.js';
import { isWeightsFile, readStoredWeights, withStoredWeights } from '../formats/stored-weights.js';
import type { CheckedFile } from '../language/index.js';
import { printNetwork } from '../language/print/index.js';
import { createFileChecker } from './checker.js';
import { isThere, readBytes, type SourceFile } from './files.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What Node reads in one piece. */
const MOST_BYTES = 2 ** 31 - 1;

/** A network of another tool as a text of the language. */
export interface ImportedText {
  readonly source: SourceFile;
  readonly checked: CheckedFile;
  readonly report: readonly NodeReport[];
  /** Of the layers as the text names them; empty where the files hold none. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
}

/** Whether a file is another tool's network, by its name. */
export const isForeign = (path: string): boolean => formatOf(basename(path)) !== undefined;

/**
 * Reads another tool's network, with the weights that lie in files of their own, and writes it in the language. `weightsFile`
 * is what the text calls the file of its weights, where there are any.
 */
export async function importNetwork(
  path: string,
  more: readonly string[],
  weightsFile: string | undefined,
  terminal: Terminal,
): Promise<ImportedText> {
  const entry = formatOf(basename(path));
  if (!entry) {
    const titles = Object.values(formats).flatMap(({ title, reads }) => (reads ? [title] : []));
    throw new UsageError(`${path} is of no format that can be read; there are ${titles.join(', ')}`);
  }
  const format = await entry.load();
  if (!format.read) throw new UsageError(`${entry.title} can be written, but not read`);
  try {
    const files: NamedBytes[] = [];
    for (const file of [path, ...more])
      files.push({ name: basename(file), bytes: await readBytes(file, terminal, MOST_BYTES) });
    for (const name of (files[0] && format.companions?.(files[0])) ?? []) {
      const beside = join(dirname(path), name);
      if (!files.some((file) => file.name === name) && (await isThere(beside, terminal)))
        files.push({ name, bytes: await readBytes(beside, terminal, MOST_BYTES) });
    }
    const stored = files.filter(({ name }) => isWeightsFile(name));
    let imported = await format.read(files.filter((read) => !stored.includes(read)));
    for (const given of stored) imported = withStoredWeights(imported, await readStoredWeights(given), given.name);
    return await asText(imported, path, weightsFile);
  } catch (error) {
    if (error instanceof ImportError) throw new UsageError(`${path} cannot be imported: ${error.message}`);
    throw error;
  }
}

async function asText(
  { network, weights, report }: Imported,
  path: string,
  weightsFile: string | undefined,
): Promise<ImportedText> {
  const named = weights.size > 0 && weightsFile !== undefined ? { ...network, weightsFile } : network;
  const comments = new Map<number, string[]>();
  for (const { name, kind, fidelity, why, attributes, layers, before } of report) {
    if (fidelity === 'exact') continue;
    const at = layers[0] ?? before ?? 0;
    const what = fidelity === 'unsupported' ? 'not translated' : 'approximate';
    const said = attributes ? ` { ${attributes} }` : '';
    comments.set(at, [...(comments.get(at) ?? []), `${what}: ${name} (${kind})${said}: ${why}`]);
  }
  const text = printNetwork(named, { heading: [`Imported from ${basename(path)}`], comments });
  const source = { name: path, uri: `file:///${encodeURIComponent(basename(path))}.convnet`, text };
  const checked = await createFileChecker().check(source.uri, text);
  const layers = checked.networks[0]?.network.layers ?? [];
  // The text may count what the file named.
  const names = new Map(network.layers.map(({ name }, i) => [name, layers[i]?.name ?? name]));
  const renamed = [...weights].map(([key, tensor]): [string, StoredTensor] => {
    const dot = key.lastIndexOf('.');
    return [`${names.get(key.slice(0, dot))}${key.slice(dot)}`, tensor];
  });
  return { source, checked, report, weights: new Map(renamed) };
}
