import { catalogue, type LayerAttributes, type LayerKind } from '../network/catalogue.js';
import type { CheckedNetwork, LayerFacts } from '../network/check.js';
import type { Layer, Network, SourceRange } from '../network/network.js';
import type { Shape } from '../network/shape.js';

/**
 * What the formats have in common. A format is a file (or a folder) of its own that reads other tools' bytes into a
 * {@link Network}, writes one as such bytes, or both; `index.ts` lists them all. Formats know no files: who calls them reads
 * and writes those.
 */

/** Numbers of one tensor, row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The weights of a network by `<layer>.<weight>`: `conv1.weight`, `batchnorm1.running_mean`. Shapes and layouts are those of
 * the network's `WeightSpec`s (OIHW, IOHW of a transposed convolution, [out, in]); a format translates its own.
 */
export type Weights = ReadonlyMap<string, StoredTensor>;

export const weightName = (layer: string, weight: string): string => `${layer}.${weight}`;

/** A file that was given, by the name it has without its folder. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** How well a node of another tool's network was translated. */
export interface NodeReport {
  /** As the file names it; its kind as the file calls it. */
  readonly name: string;
  readonly kind: string;
  readonly fidelity: 'exact' | 'approximate' | 'unsupported';
  /** What differs, or cannot be said. */
  readonly why?: string;
  /** What an unsupported node says of itself, in the words of its file. */
  readonly attributes?: string;
  /** Indices of the layers made of it, the one that makes its output last; none where it is left out. */
  readonly layers: readonly number[];
  /** The layer before which it stood, where it is left out. */
  readonly before?: number;
  /** Whether what comes after the node depends on it: without it the network computes something else. */
  readonly matters?: boolean;
}

export interface Imported {
  readonly network: Network;
  /** Those that the files hold. */
  readonly weights: Weights;
  /** One entry a node of the file, in its order. */
  readonly report: readonly NodeReport[];
}

/** A file to be written. */
export interface ExportedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

export interface Exported {
  /** The network's own file first, then what goes beside it. */
  readonly files: readonly ExportedFile[];
  /** Which places of the text the lines of the first file come from. A line in a class or a loop stands for several. */
  readonly map: readonly SourceLine[];
}

/** A line, from 0, and what it was made of: a layer, by its index in `Network.layers`, or the call of a block. */
export type SourceLine =
  | { readonly line: number; readonly layer: number }
  | { readonly line: number; readonly call: SourceRange };

/** What a format is given to write beside its own options. */
export interface WriteInput {
  readonly checked: CheckedNetwork;
  /** Undefined where the network is wanted without. */
  readonly weights?: Weights;
  /** What the files are called, without folder and ending. */
  readonly fileName: string;
}

/** One tool's files. `Options` are its own; all of them may be left out. */
export interface Format<Options extends object = object> {
  /**
   * Reads a network and what weights the files hold; the first file is the one that was asked for. Throws an
   * {@link ImportError} where they cannot be read at all.
   */
  readonly read?: (files: readonly NamedBytes[]) => Imported | Promise<Imported>;
  /** The files beside it that a file says its weights are in, by name: no paths. */
  readonly companions?: (file: NamedBytes) => readonly string[];
  /** Writes a checked network without problems. Throws an {@link ExportError} for what the format cannot say. */
  readonly write?: (input: WriteInput, options: Partial<Options>) => Exported | Promise<Exported>;
}

/** A file cannot be read; the message says where and why. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** What a format cannot say of one layer, and why. */
export interface Refusal {
  /** Index into `Network.layers`. */
  readonly layer: number;
  readonly name: string;
  readonly reason: string;
}

/** A network that a format cannot say without changing what it computes: every layer that stands against it. */
export class ExportError extends Error {
  override readonly name = 'ExportError';

  constructor(
    format: string,
    readonly refusals: readonly Refusal[],
  ) {
    super(`${format} cannot say this network: ${refusals.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`);
  }
}

/** A layer of a network without problems, with all that is known of it. */
export interface LayerIn<K extends LayerKind> {
  readonly index: number;
  readonly layer: Layer<K>;
  readonly attributes: LayerAttributes<K>;
  readonly facts: LayerFacts;
  /** One shape an input. */
  readonly inputs: readonly Shape[];
  readonly output: Shape;
}

/** How a format writes each kind of layer: a function, or the reason why it cannot. */
export type LayerTable<Result> = {
  readonly [K in LayerKind]: ((layer: LayerIn<K>) => Result) | string;
};

/** Thrown by a function of a {@link LayerTable}: the format has such layers, but none with these attributes. */
export class CannotSay extends Error {}

/** What the table makes of every layer, in order. Throws one {@link ExportError} for all that it refuses. */
export function writeLayers<Result>(
  format: string,
  { network, facts, problems }: CheckedNetwork,
  table: LayerTable<Result>,
): readonly Result[] {
  const refusals: Refusal[] = [];
  const results: Result[] = [];
  for (const [index, layer] of network.layers.entries()) {
    const refuse = (reason: string) => refusals.push({ layer: index, name: layer.name, reason });
    const fact = facts[index];
    const inputs = fact?.inputs.filter((shape) => shape !== null) ?? [];
    if (!layer.attributes || !fact?.output || inputs.length < layer.inputs.length) {
      const own = problems.find((found) => found.layer === index)?.problem.message;
      refuse(own ?? `the size of ${catalogue[layer.kind].title.toLowerCase()} is not known`);
      continue;
    }
    const write = table[layer.kind] as ((layer: unknown) => Result) | string;
    if (typeof write === 'string') {
      refuse(write);
      continue;
    }
    try {
      const { attributes } = layer;
      results.push(write({ index, layer, attributes, facts: fact, inputs, output: fact.output }));
    } catch (error) {
      if (!(error instanceof CannotSay)) throw error;
      refuse(error.message);
    }
  }
  if (refusals.length > 0) throw new ExportError(format, refusals);
  return results;
}
