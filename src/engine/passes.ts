import type { LayerKind } from '../network/catalogue.js';
import type { LayerFacts } from '../network/check.js';
import { type Framework, rulesOf } from '../network/frameworks.js';
import type { Layer } from '../network/network.js';
import { ops } from './ops/index.js';
import type { BackwardContext, LayerWeights, Op, OpContext, Steps, TrainingPass } from './ops/op.js';
import type { Tensor } from './tensor.js';

/** An op of any kind: the table pairs each kind with the op of its attributes, which a union of kinds cannot express. */
export const opOf = (kind: LayerKind): Op<LayerKind> => ops[kind] as unknown as Op<LayerKind>;

/** The forward pass of one layer by its reference op, in steps, into `output`. */
export function forward(
  layer: Layer,
  framework: Framework | undefined,
  facts: LayerFacts,
  inputs: readonly Tensor[],
  weights: LayerWeights,
  output: Tensor,
  training?: TrainingPass,
): Steps {
  return opOf(layer.kind).forward(contextOf(layer, framework, facts, inputs, weights, output, training));
}

/** What the way back knows besides: see {@link BackwardContext}. */
type Gradients = Pick<BackwardContext<LayerKind>, 'outputGradient' | 'inputGradients' | 'weightGradients'>;

/** The backward pass of one layer by its reference op, in steps, into the gradients, to which it adds. */
export function backward(
  layer: Layer,
  framework: Framework | undefined,
  facts: LayerFacts,
  inputs: readonly Tensor[],
  weights: LayerWeights,
  output: Tensor,
  gradients: Gradients,
  training?: TrainingPass,
): Steps {
  const context = contextOf(layer, framework, facts, inputs, weights, output, training);
  return opOf(layer.kind).backward({ ...context, ...gradients });
}

function contextOf(
  { attributes }: Layer,
  framework: Framework | undefined,
  facts: LayerFacts,
  inputs: readonly Tensor[],
  weights: LayerWeights,
  output: Tensor,
  training: TrainingPass | undefined,
): OpContext<LayerKind> {
  const [input = output] = inputs;
  return {
    attributes: attributes as OpContext<LayerKind>['attributes'],
    rules: rulesOf(framework),
    input,
    inputs,
    facts,
    weights,
    output,
    ...(training && { training }),
  };
}
