import { URI, UriUtils } from 'langium';
import type { CheckedNetwork } from '../../network/check.js';
import * as diagnostics from '../../network/diagnostics.js';
import type { Problem } from '../../network/problem.js';
import { type WeightsFile, weightMismatches } from '../../network/weights-file.js';
import { readText } from '../meaning/evaluate.js';
import type { FileModel } from '../meaning/model.js';

/** Reads the table of a weights file, not its numbers; undefined where nothing is to be said of it. */
export type ReadWeightsFile = (uri: string) => Promise<WeightsFile | undefined>;

/** The file that a path in a network's `weights` line means, looked for beside the network. */
function weightsUri(documentUri: string, path: string): URI | undefined {
  if (path === '' || path.includes('\0') || /^[a-z][\w+.-]+:/i.test(path)) return undefined;
  return UriUtils.resolvePath(UriUtils.dirname(URI.parse(documentUri)), path);
}

/** The weights files that the lines of a document name. */
function weightsUrisOf(model: FileModel): readonly URI[] {
  const uris: URI[] = [];
  for (const { target, positional } of model.forms.values()) {
    if (target.type !== 'setting' || target.name !== 'weights' || positional[0]?.$type !== 'TextLiteral') continue;
    const uri = weightsUri(model.uri, readText(positional[0].text));
    if (uri) uris.push(uri);
  }
  return uris;
}

/** The weights files that documents name, as they were last read. */
export class WeightsFiles {
  private readonly known = new Map<string, WeightsFile>();
  /** By default none are read, and nothing is said of them. */
  read: ReadWeightsFile | undefined;

  /** Reads the files that a document names; `refusal` is why one may not be read. */
  async load(model: FileModel, refusal: (uri: URI) => string | undefined): Promise<void> {
    if (!this.read) return;
    for (const uri of weightsUrisOf(model)) {
      const reason = refusal(uri);
      const file = reason === undefined ? await this.read(uri.toString()) : { state: 'unreadable' as const, reason };
      const before = this.known.get(uri.toString());
      // The same object as long as it says the same: then what was made with it still holds.
      if (!file) this.known.delete(uri.toString());
      else if (JSON.stringify(before) !== JSON.stringify(file)) this.known.set(uri.toString(), file);
    }
  }

  get(uri: string): WeightsFile | undefined {
    return this.known.get(uri);
  }

  /** What a document's networks are checked against. */
  of(model: FileModel): ReadonlyMap<string, WeightsFile | undefined> {
    return new Map(weightsUrisOf(model).map((uri) => [uri.toString(), this.get(uri.toString())]));
  }
}

/** What is wrong with a network's weights file, and the layers that it has to do with. */
export function weightsProblem(
  documentUri: string,
  checked: CheckedNetwork,
  files: Pick<WeightsFiles, 'get'>,
): {
  readonly problem: Problem;
  readonly layers: readonly { readonly layer: number; readonly message: string }[];
} | null {
  const path = checked.network.weightsFile;
  const uri = path === undefined ? undefined : weightsUri(documentUri, path);
  if (path === undefined) return null;
  if (!uri) return { problem: diagnostics.weightsUnreadable(`"${path}"`, 'it is no path of a file'), layers: [] };
  const file = files.get(uri.toString());
  switch (file?.state) {
    case undefined:
      return null;
    case 'missing':
      return { problem: diagnostics.weightsMissing(path), layers: [] };
    case 'unreadable':
      return { problem: diagnostics.weightsUnreadable(path, file.reason), layers: [] };
    case 'read': {
      const layers = weightMismatches(checked, file.tensors);
      if (layers.length === 0) return null;
      return {
        problem: diagnostics.weightsDiffer(
          path,
          layers.map(({ message }) => message),
        ),
        layers,
      };
    }
  }
}
