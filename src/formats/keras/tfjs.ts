import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import type { LayerStatement } from '../code/program.js';
import { python } from '../code/python.js';
import { Constants, type Literal, Scope } from '../code/scope.js';
import { Use } from '../code/use.js';
import {
  CannotSay,
  type ExportedFile,
  type Format,
  type LayerIn,
  type LayerTable,
  type StoredTensor,
  type Weights,
  type WriteInput,
  writeLayers,
} from '../format.js';
import { fitting, keepsOrder, kerasLayers, kerasVectors, positives } from './layers.js';
import type { LayerStep, Step } from './step.js';
import { kerasWeights } from './weights.js';

/**
 * The layers-model JSON of TensorFlow.js (tf.loadLayersModel): Keras 2's description of a functional model, and the weights in
 * a binary file beside it. https://www.tensorflow.org/js/guide/save_load
 */
export const tfjs: Format = {
  write({ checked, weights, fileName }: WriteInput) {
    const model = new ModelWriter(checked);
    const manifest = weights && model.manifest(weights, `${fileName}.bin`);
    const json = {
      format: 'layers-model',
      generatedBy: 'ConvNet',
      convertedBy: null,
      modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: model.config() },
      ...(manifest && { weightsManifest: manifest.groups }),
    };
    const files: ExportedFile[] = [{ name: `${fileName}.json`, content: `${JSON.stringify(json, null, 1)}\n` }];
    if (manifest) files.push({ name: `${fileName}.bin`, content: manifest.data });
    return { files, map: [] };
  },
};

interface Entry {
  readonly class_name: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly inbound_nodes: readonly unknown[];
}

/** What TensorFlow.js 4.22 calls Keras's functions; null for those that it lacks or means otherwise. */
const activations: Readonly<Record<string, string | null>> = {
  silu: 'swish',
  log_softmax: 'logSoftmax',
  hard_sigmoid: null,
  hard_silu: null,
};

/** Attributes that are two numbers there, whatever Keras takes. */
const pairs = new Set(['kernel_size', 'strides', 'pool_size', 'dilation_rate', 'size']);

class ModelWriter {
  private readonly entries: Entry[] = [];
  /** The entry that makes each layer's output, and the one that holds its weights. */
  private readonly outputs: string[] = [];
  private readonly weighing = new Map<number, string>();
  private readonly names = new Set<string>();
  private readonly isVector: readonly boolean[];

  constructor(private readonly checked: CheckedNetwork) {
    this.isVector = kerasVectors(checked);
    const isPositive = positives(checked);
    const rows = Object.entries(kerasLayers).map(([kind, { say }]) => [
      kind,
      typeof say === 'string' ? say : (layer: LayerIn<never>) => this.add(layer as never, say as never, isPositive),
    ]);
    writeLayers('TensorFlow.js', checked, Object.fromEntries(rows) as LayerTable<void>);
    this.flattenOutput();
  }

  config() {
    const [first] = this.entries;
    return {
      class_name: 'Functional',
      config: {
        name: python.name(this.checked.network.name),
        layers: this.entries,
        input_layers: [[first?.name, 0, 0]],
        output_layers: [[this.outputs.at(-1), 0, 0]],
      },
    };
  }

  /** The weights' table of contents, and their numbers one after the other. */
  manifest(weights: Weights, path: string) {
    const tensors = new Map<string, StoredTensor>();
    for (const [index, name] of this.weighing)
      for (const tensor of kerasWeights(this.checked, index, this.isVector[index] ?? false, weights))
        tensors.set(`${name}/${this.weightNameOf(index, tensor.name)}`, tensor);
    const data = new Uint8Array([...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, 0));
    let at = 0;
    for (const { values } of tensors.values()) {
      data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
      at += values.byteLength;
    }
    const specs = [...tensors].map(([name, { shape }]) => ({ name, shape, dtype: 'float32' }));
    return { groups: [{ paths: [path], weights: specs }], data };
  }

  /** Keras 2 and TensorFlow.js tell the kernel of a depthwise convolution by its name. */
  private weightNameOf(index: number, name: string): string {
    return this.checked.network.layers[index]?.kind === 'depthwise' && name === 'kernel' ? 'depthwise_kernel' : name;
  }

  private add(
    layer: LayerIn<LayerKind>,
    say: (use: Use, isPositive: boolean) => readonly Step[],
    isPositive: readonly boolean[],
  ): void {
    const { index, layer: own, output, inputs } = layer;
    if (own.kind === 'input') {
      const { height, width, channels } = output;
      this.outputs[index] = this.push('InputLayer', own.name, {
        batch_input_shape: [null, height, width, channels],
        dtype: 'float32',
        sparse: false,
      });
      return;
    }
    const rules = rulesOf(this.checked.network.framework);
    const isVector = own.inputs.every((source) => this.isVector[source]);
    const statement: LayerStatement = {
      type: 'layer',
      id: index,
      name: own.name,
      kind: own.kind,
      layers: [index],
      inputs: [],
    };
    const scope = new Scope(python, new Map(), new Constants((name) => name));
    const placed = [{ ...layer, rules, isVector }];
    const steps = say(
      new Use(statement, placed, scope, []),
      own.inputs.every((source) => isPositive[source]),
    );
    // All that is refused is found before anything is added.
    const classes = steps.map((step) => entryOf(step));
    const { takes } = kerasLayers[own.kind];
    const wantsVolume = takes === 'volume' || takes === 'makes vector' || (takes === 'any' && !isVector);
    let sources = own.inputs.map((source, place) => {
      const shape = inputs[place] ?? output;
      const fits =
        takes === 'any' && !wantsVolume
          ? []
          : fitting(
              this.isVector[source] ?? false,
              wantsVolume ? 'volume' : 'vector',
              keepsOrder(own.kind, rules, shape),
            );
      return fits.reduce((from, step) => this.pushStep(entryOf(step), own.name, [from]), this.outputs[source] ?? '');
    });
    for (const [i, { entry, weighs }] of classes
      .map((entry, i) => ({ entry, weighs: isWeighing(steps[i]) }))
      .entries()) {
      const isNamed = weighs || (i === classes.length - 1 && !steps.some(isWeighing));
      const name = this.pushStep(entry, isNamed ? own.name : `${own.name}_${entry.name}`, sources);
      if (weighs) this.weighing.set(index, name);
      sources = [name];
    }
    this.outputs[index] = sources[0] ?? '';
  }

  private pushStep(entry: { readonly name: string; readonly config: object }, name: string, from: readonly string[]) {
    return this.push(entry.name, name, entry.config, [from.map((source) => [source, 0, 0, {}])]);
  }

  private push(class_name: string, wanted: string, config: object, inbound_nodes: readonly unknown[] = []): string {
    const plain = wanted.replaceAll(/[^\w.]+/g, '.').replace(/^\.+/, '');
    let name = plain;
    for (let n = 2; this.names.has(name); n++) name = `${plain}_${n}`;
    this.names.add(name);
    this.entries.push({
      class_name,
      name,
      config: { name, trainable: true, dtype: 'float32', ...config },
      inbound_nodes,
    });
    return name;
  }

  /** A network's answer is a vector, as the other formats have it. */
  private flattenOutput(): void {
    const output = this.checked.facts.at(-1)?.output;
    if (!output || output.height * output.width !== 1 || this.isVector.at(-1)) return;
    this.outputs[this.outputs.length - 1] = this.pushStep({ name: 'Flatten', config: {} }, 'flatten', [
      this.outputs.at(-1) ?? '',
    ]);
  }
}

const isWeighing = (step: Step | undefined): boolean => step !== undefined && 'layer' in step && step.weighs === true;

/** A step's class and configuration there. Throws a {@link CannotSay}. */
function entryOf(step: Step): { readonly name: string; readonly config: Readonly<Record<string, unknown>> } {
  if ('code' in step) throw new CannotSay(`TensorFlow.js's models hold layers only: ${step.reason}`);
  const { layer } = step;
  if (layer === 'GroupNormalization') throw new CannotSay('TensorFlow.js has no group normalisation');
  const config = Object.entries(step.config).flatMap(([name, slot]): [string, unknown][] => {
    const value = slot?.values.find((one) => one !== undefined);
    return value === undefined ? [] : [said(layer, name, value)];
  });
  return { name: layer, config: Object.fromEntries(config) };
}

function said(layer: LayerStep['layer'], name: string, value: Literal): [string, unknown] {
  if (name === 'groups') throw new CannotSay('TensorFlow.js passes over the groups of a convolution');
  if (layer === 'Conv2DTranspose' && name === 'dilation_rate')
    throw new CannotSay('TensorFlow.js has no dilated transposed convolution');
  if (name === 'interpolation' && value === 'bilinear')
    throw new CannotSay('TensorFlow.js places the pixels of a bilinear enlargement otherwise');
  if (name === 'activation') {
    const known = activations[String(value)];
    if (known === null) throw new CannotSay(`TensorFlow.js has no ${String(value)}, or another one`);
    return [name, known ?? value];
  }
  if (name === 'negative_slope') return ['alpha', value];
  return [name, pairs.has(name) && typeof value === 'number' ? [value, value] : value];
}
