import type { LayerKind } from '../../../network/catalogue.js';
import { rulesOf } from '../../../network/frameworks.js';
import { BYTES_PER_NUMBER, volumeOf } from '../../../network/shape.js';
import { fastOps } from '../../wasm/index.js';
import { blockBytes, type Machine } from '../../wasm/machine.js';
import type { FastMaker } from '../../wasm/op.js';
import { referenceStep, type StepLayer, type StepOp } from '../step-op.js';

/**
 * The step of a layer without weights that does in training what it does in use: forwards by its fast op, backwards by its
 * reference op.
 */
export function forwardInUse(step: StepLayer<LayerKind>, machine: Machine): StepOp | undefined {
  const { layer, framework, facts, inputs, output, batch } = step;
  const make = fastOps[layer.kind] as FastMaker<LayerKind> | undefined;
  const op = make?.({
    ...machine.features,
    precise: true,
    activation: 'none',
    residual: false,
    attributes: layer.attributes as Parameters<FastMaker<LayerKind>>[0]['attributes'],
    rules: rulesOf(framework),
    facts,
    inputs,
    output,
  });
  if (!op || facts.weights.length > 0) return undefined;
  const functions = machine.functions(op.key, op.functions);
  const constantBytes = blockBytes(op.constants * BYTES_PER_NUMBER);
  let isPacked = false;
  return {
    ...referenceStep(step),
    algorithm: op.algorithm,
    scratchBytes: constantBytes + blockBytes(op.scratchBytes),
    *forward(places, memory) {
      if (!isPacked) {
        const scratch = places.scratch + constantBytes;
        yield* op.pack({}, { functions, constants: places.scratch, scratch, memory: () => memory });
        isPacked = true;
      }
      for (let n = 0; n < batch; n++) {
        const at = (address: number, index: number) =>
          address + n * volumeOf(inputs[index] ?? output) * BYTES_PER_NUMBER;
        yield* op.run(
          functions,
          {
            inputs: places.inputs.map(at),
            output: places.output + n * volumeOf(output) * BYTES_PER_NUMBER,
            scratch: places.scratch + constantBytes,
            constants: places.scratch,
          },
          () => memory,
        );
      }
    },
  };
}
