import type { LayerAttributes, LayerKind } from './catalogue.js';
import type { Argument, Formula } from './formula.js';
import type { Framework } from './frameworks.js';
import type { TrainingSettings } from './training.js';

/** A place in a text file; lines and characters count from 0, the end is exclusive (as in the language server protocol). */
export interface SourceRange {
  readonly file: string;
  readonly startLine: number;
  readonly startCharacter: number;
  readonly endLine: number;
  readonly endCharacter: number;
}

/** The input of a layer that could not be resolved: whatever depends on it stays silent. */
export const UNKNOWN_INPUT = -1;

/** One layer of the flat network, in the order of execution: inputs come before their users. */
interface LayerOf<K extends LayerKind> {
  readonly kind: K;
  /** Unique in its network: `conv1`, `BasicBlock2/conv1`, `[1]/relu1`. */
  readonly name: string;
  /** Every attribute in force, defaults resolved; null where attributes are wrong or missing. */
  readonly attributes: LayerAttributes<K> | null;
  /** Indices into {@link Network.layers}; {@link UNKNOWN_INPUT} for one that could not be resolved. */
  readonly inputs: readonly number[];
  readonly source?: SourceRange;
  /** How the attributes were written whose text has names in it. */
  readonly written?: Readonly<Record<string, Formula>>;
}

export type Layer<K extends LayerKind = LayerKind> = { [P in K]: LayerOf<P> }[K];

/** The tree of blocks, repeats, conditions and branches that the flat layers came from. */
export interface Group {
  /** A condition holds the layers of the body that it chose; an `else if` is a condition in it. */
  readonly kind: 'network' | 'block' | 'repeat' | 'iteration' | 'condition' | 'branches' | 'branch';
  /** The instance name of a block (`BasicBlock2`), of an iteration (`[1]`); else empty. */
  readonly name: string;
  /** The call of a block as it reads, arguments evaluated: `BasicBlock(64, stride = 2)`; else empty. */
  readonly label: string;
  /** Layer indices and groups, in order. */
  readonly children: readonly (number | Group)[];
  /** What the text says of a block, a repeat, an iteration or a condition; absent in a network that comes from no text. */
  readonly written?: WrittenGroup;
}

/** What code that is made of a network keeps of its text. */
export interface WrittenGroup {
  /** The name of a block as it was declared, and the file. */
  readonly block?: string;
  readonly file?: string;
  /** Where the call of a block, a repeat or a branch stands. */
  readonly source?: SourceRange;
  /** The layer that a block reads. */
  readonly input?: number;
  readonly arguments?: readonly Argument[];
  /** The variable of a repeat, and what it is in an iteration. */
  readonly variable?: string;
  readonly value?: number;
  /** How often a repeat repeats, or from where to where its variable goes; a condition. Absent where it has no names. */
  readonly first?: Formula;
  readonly last?: Formula;
  /** Whether a condition holds. */
  readonly holds?: boolean;
}

/** A network, elaborated: what every exporter, checker and engine reads. Plain data, safe to send between threads. */
export interface Network {
  readonly name: string;
  readonly framework?: Framework;
  readonly layers: readonly Layer[];
  readonly structure: Group;
  readonly weightsFile?: string;
  readonly labelsFile?: string;
  /** How it learns, where the text says so. */
  readonly training?: TrainingSettings;
  readonly source?: SourceRange;
}
