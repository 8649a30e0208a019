import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import type { FrameworkRules } from '../../network/frameworks.js';
import type { Shape } from '../../network/shape.js';
import type { LayerWeights, Steps } from '../ops/op.js';
import type { FunctionBuilder } from './assembler.js';
import type { Activation } from './epilogue.js';
import type { Functions } from './machine.js';

/** Where the values of one picture lie in linear memory: byte addresses. */
interface Places {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly scratch: number;
  readonly constants: number;
}

/** A layer's computation in WebAssembly, specialised to its sizes. Activations lie in memory as in a tensor: NHWC. */
export interface FastOp {
  /** What it is, for the plan: `direct 6×8`. */
  readonly algorithm: string;
  readonly functions: () => Readonly<Record<string, FunctionBuilder>>;
  /** Equal keys have equal functions. */
  readonly key: string;
  /** Bytes it needs of its own while it runs. */
  readonly scratchBytes: number;
  /** Numbers it keeps from run to run: packed weights, tables. */
  readonly constants: number;
  /** Writes them, in steps, from the layer's weights into `to`, which holds zeros. */
  readonly pack: (weights: LayerWeights, to: () => Float32Array) => Steps;
  /** Computes one picture, in steps. `memory` is to be asked again after every step. */
  readonly run: (functions: Functions, places: Places, memory: () => Float32Array) => Steps;
}

/** What the host and the caller allow. */
export interface FastOptions {
  /** Multiply and add in one instruction. */
  readonly relaxed: boolean;
  /** No method that rounds more than summing the products does: no Winograd. */
  readonly precise: boolean;
}

/** What a fast op is made from: a checked layer. */
export interface FastContext<K extends LayerKind> extends FastOptions {
  readonly attributes: LayerAttributes<K>;
  readonly rules: FrameworkRules;
  readonly facts: Pick<LayerFacts, 'window' | 'transposed'>;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  /** Applied to what convolutions and fc compute, before it is stored. */
  readonly activation: Activation;
}

/** What the products of a layer are made with. */
export type Epilogue = Pick<FastContext<LayerKind>, 'relaxed' | 'activation'>;

/** Makes the fast op of a layer; undefined where only the reference op can do it. */
export type FastMaker<K extends LayerKind> = (context: FastContext<K>) => FastOp | undefined;
