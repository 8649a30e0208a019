import {
  ImportError,
  type Imported,
  type NamedBytes,
  type NodeReport,
  type StoredTensor,
  type Weights,
} from './format.js';
import { formatOf, formats } from './index.js';
import { isWeightsFile, readStoredWeights, withStoredWeights } from './stored-weights.js';

/** Whether a file is another tool's network, by its name. */
export const isForeign = (fileName: string): boolean => formatOf(fileName) !== undefined;

/**
 * Reads another tool's network. `more` are files of weights that were given with it; `beside` reads what the file says lies beside
 * it, undefined where it does not. Throws an {@link ImportError}.
 */
export async function importFiles(
  first: NamedBytes,
  more: readonly NamedBytes[],
  beside: (name: string) => Promise<Uint8Array | undefined>,
): Promise<Imported> {
  const entry = formatOf(first.name);
  if (!entry) {
    const titles = Object.values(formats).flatMap(({ title, reads }) => (reads ? [title] : []));
    throw new ImportError(`it is of no format that can be read; there are ${titles.join(', ')}`);
  }
  const format = await entry.load();
  if (!format.read) throw new ImportError(`${entry.title} can be written, but not read`);
  const files = [first, ...more.filter(({ name }) => !isWeightsFile(name))];
  for (const name of format.companions?.(first) ?? []) {
    const bytes = files.some((file) => file.name === name) ? undefined : await beside(name);
    if (bytes) files.push({ name, bytes });
  }
  let imported = await format.read(files);
  for (const file of more)
    if (isWeightsFile(file.name)) imported = withStoredWeights(imported, await readStoredWeights(file), file.name);
  return imported;
}

/** What the text of an imported network says above each layer, by its index: what differs, and what is left out. */
export function commentsOf(report: readonly NodeReport[]): ReadonlyMap<number, readonly string[]> {
  const comments = new Map<number, string[]>();
  for (const { name, kind, fidelity, why, attributes, layers, before } of report) {
    if (fidelity === 'exact') continue;
    const at = layers[0] ?? before ?? 0;
    const what = fidelity === 'unsupported' ? 'not translated' : 'approximate';
    const said = attributes ? ` { ${attributes} }` : '';
    comments.set(at, [...(comments.get(at) ?? []), `${what}: ${name} (${kind})${said}: ${why}`]);
  }
  return comments;
}

interface NamedLayer {
  readonly name: string;
}

/** The weights by the names that the layers have in the text, which counts what the file named. */
export function renamedWeights(weights: Weights, from: readonly NamedLayer[], to: readonly NamedLayer[]): Weights {
  const names = new Map(from.map(({ name }, i) => [name, to[i]?.name ?? name]));
  return new Map(
    [...weights].map(([key, tensor]): [string, StoredTensor] => {
      const dot = key.lastIndexOf('.');
      return [`${names.get(key.slice(0, dot))}${key.slice(dot)}`, tensor];
    }),
  );
}
