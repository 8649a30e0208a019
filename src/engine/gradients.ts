import type { CheckedNetwork, LayerFacts } from '../network/check.js';
import type { Layer } from '../network/network.js';
import { EngineError } from './error.js';
import type { LayerWeights } from './ops/op.js';
import { backward, opOf } from './passes.js';
import { driveSteps, pauseWith } from './pause.js';
import { progressOf } from './progress.js';
import type { Run } from './run.js';
import { createTensor, type Tensor } from './tensor.js';
import { allocateWeights } from './weights.js';

/** What is differentiated: the sum over a layer's activation of its numbers times those of `gradient`. */
export interface GradientTarget {
  readonly layer: number;
  /** Of the size of the activation: the gradient of the scalar by it. See {@link unitGradient}. */
  readonly gradient: Tensor;
}

export interface GradientOptions {
  /** Also by the learned weights. Default false. */
  readonly weights?: boolean;
  /**
   * Guided backpropagation (Springenberg et al. 2015): rectifiers let no negative gradient through, so that what comes out
   * shows what speaks for the target. It is no gradient any more. Default false.
   */
  readonly guided?: boolean;
  /** Stops within a few milliseconds; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called before each layer with the share of the work that is done (0 to 1). */
  readonly onProgress?: (fraction: number) => void;
}

export interface Gradients {
  /**
   * By each layer's activation, one entry a layer of the network; null where the target does not depend on it. That of
   * layer 0 is the gradient by the picture, as the network sees it (after mean and std).
   */
  readonly activations: readonly (Tensor | null)[];
  /** By each layer's learned weights, if asked for. */
  readonly weights: readonly (LayerWeights | null)[];
}

/** The gradient that makes one unit the target: 1 at its place (of the batch's first picture), 0 elsewhere. */
export function unitGradient(
  activation: Tensor,
  { y, x, channel }: { readonly y: number; readonly x: number; readonly channel: number },
): Tensor {
  const gradient = createTensor(activation, activation.batch);
  gradient.data[(y * activation.width + x) * activation.channels + channel] = 1;
  return gradient;
}

/**
 * The gradients of one number that a run has computed, by every activation before it and by the weights. The run must have
 * kept the activations, as `runNetwork` does. By the reference ops. Throws an {@link EngineError} where a layer that the target
 * depends on did not run, or the gradient is not of the activation's size.
 */
export async function gradientsOf(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  run: Run,
  target: GradientTarget,
  { weights: wantsWeights = false, guided = false, signal, onProgress }: GradientOptions = {},
): Promise<Gradients> {
  const activations: (Tensor | null)[] = network.layers.map(() => null);
  const weights: (LayerWeights | null)[] = network.layers.map(() => null);
  const top = run[target.layer]?.activation;
  if (!top) throw new EngineError('The layer to differentiate did not run');
  if (top.data.length !== target.gradient.data.length)
    throw new EngineError(`The gradient has ${target.gradient.data.length} numbers, the activation ${top.data.length}`);
  const first = createTensor(top, top.batch);
  first.data.set(target.gradient.data);
  activations[target.layer] = first;

  const pause = pauseWith(signal);
  const progress = progressOf(facts.slice(0, target.layer + 1));
  for (let index = target.layer; index > 0; index--) {
    const outputGradient = activations[index];
    if (!outputGradient) continue;
    onProgress?.(1 - progress.before(index + 1));
    const layer = network.layers[index] as Layer;
    const { weights: specs } = facts[index] as LayerFacts;
    const inputs = layer.inputs.map((source) => {
      const activation = run[source]?.activation;
      if (!activation) throw new EngineError(`${layer.name} has no input: what it reads did not run`);
      activations[source] ??= createTensor(activation, activation.batch);
      return activation;
    });
    const { activation: output, weights: values } = run[index] as NonNullable<Run[number]>;
    const weightGradients = wantsWeights ? allocateWeights(specs.filter(({ learned }) => learned)) : {};
    if (wantsWeights && specs.length > 0) weights[index] = weightGradients;
    await driveSteps(
      backward(layer, network.framework, facts[index] as LayerFacts, inputs, values, output, {
        outputGradient: guided && opOf(layer.kind).rectifier ? positivePart(outputGradient) : outputGradient,
        inputGradients: layer.inputs.map((source) => activations[source] ?? null),
        weightGradients,
      }),
      pause,
    );
    if (pause.isDue()) await pause.take();
  }
  return { activations, weights };
}

const positivePart = (tensor: Tensor): Tensor => ({ ...tensor, data: tensor.data.map((value) => Math.max(value, 0)) });
