import { basename, dirname, join } from 'node:path';
import { ImportError, type Imported, type NamedBytes, type NodeReport, type StoredTensor } from '../formats/format.js';
import { commentsOf, importFiles, renamedWeights } from '../formats/import-files.js';
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
  try {
    const read = async (file: string): Promise<NamedBytes> => ({
      name: basename(file),
      bytes: await readBytes(file, terminal, MOST_BYTES),
    });
    const beside = async (name: string) => {
      const file = join(dirname(path), name);
      return (await isThere(file, terminal)) ? (await read(file)).bytes : undefined;
    };
    const imported = await importFiles(await read(path), await Promise.all(more.map(read)), beside);
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
  const text = printNetwork(named, { heading: [`Imported from ${basename(path)}`], comments: commentsOf(report) });
  const source = { name: path, uri: `file:///${encodeURIComponent(basename(path))}.convnet`, text };
  const checked = await createFileChecker().check(source.uri, text);
  const layers = checked.networks[0]?.network.layers ?? [];
  return { source, checked, report, weights: renamedWeights(weights, network.layers, layers) };
}
