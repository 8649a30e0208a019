import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import type { FrameworkRules } from '../../network/frameworks.js';
import type { Shape } from '../../network/shape.js';
import type { LayerWeights, Steps } from '../ops/op.js';
import type { Activation } from './epilogue.js';
import type { Code, Functions } from './machine.js';

/** Where the values of one picture lie in linear memory: byte addresses. */
export interface Places {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly scratch: number;
  readonly constants: number;
}

/** Weights as they are packed: a normalisation that follows is folded into them. */
export interface PackableWeights extends LayerWeights {
  /** What the weights of each output channel are multiplied with; the bias is already. */
  readonly scale?: Float32Array;
}

/** A layer's computation in WebAssembly, specialised to its sizes. Activations lie in memory as in a tensor: NHWC. */
export interface FastOp extends Code {
  /** What it is, for the plan: `direct 6×8`. */
  readonly algorithm: string;
  /** Why this algorithm, where there are several. */
  readonly why?: string;
  /** What it packs its weights with, where it does not in JavaScript. */
  readonly packing?: Code;
  /** Whether it adds its second input, a volume like its output, before the activation function. */
  readonly residual?: boolean;
  /** Whether a row of the output may hang on any row of the input, though there is no {@link LayerFacts.window} that tells so. */
  readonly needsAllRows?: boolean;
  /** Bytes it needs of its own while it packs or runs. */
  readonly scratchBytes: number;
  /** Numbers it keeps from run to run: packed weights, tables. */
  readonly constants: number;
  /** Writes all of them that are read, in steps, from the layer's weights to `host.constants`. */
  readonly pack: (weights: PackableWeights, host: PackingHost) => Steps;
  /** Computes one picture, in steps. `memory` is to be asked again after every step. */
  readonly run: (functions: Functions, places: Places, memory: () => Float32Array) => Steps;
}

/** Where weights are packed. */
export interface PackingHost {
  readonly functions: Functions;
  readonly constants: number;
  readonly scratch: number;
  /** To be asked again after every step. */
  readonly memory: () => Float32Array;
}

/** The numbers that an op packs, as an array. */
export const packed = ({ memory, constants }: PackingHost): Float32Array => memory().subarray(constants / 4);

/** Writes `count` biases at number `start` of what an op packs: zeros where the layer has none. */
export function packBias(host: PackingHost, start: number, count: number, bias: Float32Array | undefined): void {
  const numbers = packed(host);
  if (bias) numbers.set(bias, start);
  else numbers.fill(0, start, start + count);
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
  /** Whether convolutions are to add another volume to what they compute, if they can; it is the second of the inputs. */
  readonly residual: boolean;
  /** Applied to what convolutions and fc compute, before it is stored. */
  readonly activation: Activation;
}

/** What the products of a layer are made with. */
export type Epilogue = Pick<FastContext<LayerKind>, 'relaxed' | 'activation' | 'residual'>;

/** Makes the fast op of a layer; undefined where only the reference op can do it. */
export type FastMaker<K extends LayerKind> = (context: FastContext<K>) => FastOp | undefined;
