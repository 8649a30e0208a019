import type { Network } from '../../network/network.js';
import type { Problem } from '../../network/problem.js';
import type { Value } from '../../network/values.js';
import type { Block, Const, Expectation, Layer, Network as NetworkNode } from '../generated/ast.js';
import type { Place } from '../text/place.js';
import type { FileModel } from './model.js';

/** A call of a block on the way from the network to a layer. */
export interface Instantiation {
  readonly call: Layer;
  readonly model: FileModel;
  /** `BasicBlock2` */
  readonly name: string;
  readonly outer: Instantiation | null;
  /** The parameters and loop variables that the call sees. */
  readonly values: ReadonlyMap<string, Value | undefined>;
}

/** Where a layer of the flat network comes from. */
export interface Origin {
  readonly node: Layer;
  readonly model: FileModel;
  readonly instantiation: Instantiation | null;
  /** The attributes that took the values written without a name, in their order. */
  readonly positional: readonly string[];
  /** The parameters and loop variables that the line sees; undefined for one whose value is not known. */
  readonly values: ReadonlyMap<string, Value | undefined>;
}

/** The layers that a line makes: one, or those of a block or a repeat. */
export interface Span {
  readonly first: number;
  /** The index behind the last. */
  readonly end: number;
  /** The layer whose output goes on. */
  readonly output: number;
}

export interface PlacedExpectation {
  readonly node: Expectation;
  readonly model: FileModel;
  /** What it speaks of; null for the network. */
  readonly span: Span | null;
  readonly expected: Value | undefined;
  readonly instantiation: Instantiation | null;
}

export interface ElaborationProblem {
  readonly place: Place;
  readonly problem: Problem;
  readonly model: FileModel;
  readonly instantiation: Instantiation | null;
}

export interface Elaboration {
  readonly network: Network;
  readonly node: NetworkNode | Block;
  /** One entry a layer of the network. */
  readonly origins: readonly Origin[];
  readonly expectations: readonly PlacedExpectation[];
  readonly problems: readonly ElaborationProblem[];
  /** The line that names the file of the weights. */
  readonly weightsLine: Layer | null;
  /** The `training` block. */
  readonly trainingLine: Layer | null;
  /** The network follows a framework, but the text does not say which in a way that can be read. */
  readonly frameworkIsLost: boolean;
}

/** What a file can import, resolved by whoever knows the files. */
export interface ImportResolver {
  /** The block or constant that a name in a file means, with the model of the file that declares it. */
  declaration(model: FileModel, name: string): { readonly model: FileModel; readonly node: Block | Const } | undefined;
}

/** What names mean while a body is unfolded; a block sees its parameters and its file, nothing of its caller. */
export interface Frame {
  readonly model: FileModel;
  readonly instantiation: Instantiation | null;
  /** Parameters and loop variables; undefined for one whose value is not known. */
  readonly values: ReadonlyMap<string, Value | undefined>;
  readonly names: Names;
  /** Blocks on the way here, to find recursion. */
  readonly blocks: readonly Block[];
}

/** The names of one block, network or iteration. */
export class Names {
  private readonly counts = new Map<string, number>();
  private iterations = 0;
  constructor(
    readonly prefix: string,
    /** The names given in the body: automatic ones stay clear of them. */
    private readonly taken: { has(name: string): boolean },
    /** Named layers so far; those in branches and repeats are seen by later lines of the same body. */
    readonly layers: Map<string, number>,
  ) {}

  /** `conv1`, `conv2`, … per kind; `relu6_1`, which the 61st relu shall not be called. */
  automatic(kind: string): string {
    let count = this.counts.get(kind) ?? 0;
    let name: string;
    const stem = /\d$/.test(kind) ? `${kind}_` : kind;
    do name = `${stem}${++count}`;
    while (this.taken.has(name));
    this.counts.set(kind, count);
    return this.prefix + name;
  }

  /** `[1]/`, `[2]/`, … over all repeats of the body, so that no two layers share a name. */
  iteration(): Names {
    this.iterations++;
    return new Names(`${this.prefix}[${this.iterations}]/`, this.taken, this.layers);
  }

  get iterationName(): string {
    return `[${this.iterations}]`;
  }
}
