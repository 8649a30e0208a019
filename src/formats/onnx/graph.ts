import type { LayerKind } from '../../network/catalogue.js';
import type { LayerFacts } from '../../network/check.js';
import type { Layer } from '../../network/network.js';
import type { Shape } from '../../network/shape.js';
import { CannotSay, type LayerIn, type Weights, weightName } from '../format.js';
import { encode, type Plain } from '../protobuf/wire.js';
import { dataTypes, model as modelSchema } from './schema.js';

/** The operators' version: the newest that the tools of 2022 read. */
const OPSET = 17;
/** The file format's. */
const IR_VERSION = 8;

/** What all layers have. */
export type AnyLayer = Pick<LayerIn<LayerKind>, 'facts' | 'inputs' | 'output'> & {
  readonly layer: Pick<Layer, 'name' | 'inputs'>;
};

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** `axes` are one number each; floats are told by their names. */
const floats = new Set(['alpha', 'beta', 'epsilon', 'momentum', 'bias', 'ratio']);

const attribute = (name: string, value: number | string | readonly number[]): Plain => {
  if (typeof value === 'string') return { name, s: value, type: 'STRING' };
  if (typeof value === 'number')
    return floats.has(name) ? { name, f: value, type: 'FLOAT' } : { name, i: value, type: 'INT' };
  return { name, ints: value, type: 'INTS' };
};

interface Activation {
  readonly name: string;
  readonly shape: Shape;
  /** Two axes, batch and channels, as fully connected layers make them; else four. */
  readonly isFlat: boolean;
}

/** A model as it is written: its nodes, its numbers, and which value is the output of which layer of ours. */
export class GraphWriter {
  readsRowsFirst = false;
  dividesBySize = true;
  keeps = true;
  private readonly nodes: Plain[] = [];
  private readonly initializers: Plain[] = [];
  private readonly inputs: Plain[] = [];
  private readonly activations: Activation[] = [];
  private readonly data: Uint8Array[] = [];
  private dataSize = 0;
  private helpers = 0;

  constructor(
    private readonly name: string,
    private readonly weights: Weights | undefined,
    private readonly dataFile: string | undefined,
  ) {}

  input(name: string, shape: Shape): void {
    const { channels, height, width } = shape;
    this.inputs.push(valueInfo(name, ['N', channels, height, width]));
    this.activations.push({ name, shape, isFlat: false });
  }

  /** The value of a layer, with four axes (or two) where it has the others. */
  read(index: number, isFlat?: boolean): string {
    const { name, shape, isFlat: found } = this.activations[index] as Activation;
    if (isFlat === undefined || isFlat === found) return name;
    if (isFlat) {
      const inOrder =
        this.readsRowsFirst && shape.height * shape.width > 1
          ? this.node('Transpose', [name], { perm: [0, 2, 3, 1] })
          : name;
      return this.node('Flatten', [inOrder], { axis: 1 });
    }
    return this.node('Reshape', [name, this.integers([0, shape.channels, shape.height, shape.width])]);
  }

  isFlat(index: number): boolean {
    return (this.activations[index] as Activation).isFlat;
  }

  /** A node whose output is a step on the way. */
  node(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const name = `step${++this.helpers}`;
    this.append(op, inputs, attributes, name);
    return name;
  }

  /** A node whose output is the layer's. */
  output(
    { layer, output }: AnyLayer,
    op: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    isFlat = false,
  ): void {
    this.append(op, inputs, attributes, layer.name);
    this.activations.push({ name: layer.name, shape: output, isFlat });
  }

  private append(op: string, inputs: readonly string[], attributes: Attributes, output: string): void {
    this.nodes.push({
      input: inputs,
      output: [output],
      name: output,
      op_type: op,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
  }

  integers(values: readonly number[]): string {
    const name = `numbers${++this.helpers}`;
    this.initializers.push({ dims: [values.length], data_type: dataTypes.int64, int64_data: values, name });
    return name;
  }

  /** A tensor of constants; a single number without dims. */
  constant(values: Float32Array | number, dims: readonly number[] = []): string {
    const name = `numbers${++this.helpers}`;
    const all = typeof values === 'number' ? Float32Array.of(values) : values;
    this.initializers.push({ dims, data_type: dataTypes.float32, name, raw_data: bytesOf(all) });
    return name;
  }

  /** The weight of a layer, as an initializer; an input where there are none. `dims` where ONNX has other ones. */
  weight({ layer, facts }: AnyLayer, weight: string, dims?: readonly number[]): string {
    const spec = facts.weights.find(({ name }) => name === weight);
    const name = weightName(layer.name, weight);
    const shape = dims ?? spec?.shape ?? [];
    const tensor = this.weights?.get(name);
    if (!tensor) {
      this.inputs.push(valueInfo(name, shape));
      return name;
    }
    if (tensor.values.length !== shape.reduce((product, length) => product * length, 1))
      throw new CannotSay(`its ${weight} has ${tensor.values.length} numbers, not [${shape.join(', ')}]`);
    const bytes = bytesOf(tensor.values);
    const common = { dims: shape, data_type: dataTypes.float32, name };
    if (this.dataFile === undefined) this.initializers.push({ ...common, raw_data: bytes });
    else {
      this.initializers.push({
        ...common,
        external_data: [
          { key: 'location', value: this.dataFile },
          { key: 'offset', value: `${this.dataSize}` },
          { key: 'length', value: `${bytes.length}` },
        ],
        data_location: 'EXTERNAL',
      });
      this.data.push(bytes);
      this.dataSize += bytes.length;
    }
    return name;
  }

  finish(facts: readonly LayerFacts[]): Uint8Array {
    const last = this.activations.at(-1) as Activation;
    const { channels, height, width } = facts.at(-1)?.output ?? last.shape;
    const output = valueInfo(last.name, last.isFlat ? ['N', channels] : ['N', channels, height, width]);
    const graph = {
      node: this.nodes,
      name: this.name,
      initializer: this.initializers,
      input: this.inputs,
      output: [output],
    };
    return encode(
      { ir_version: IR_VERSION, producer_name: 'ConvNet', graph, opset_import: [{ domain: '', version: OPSET }] },
      modelSchema,
    );
  }

  externalData(): Uint8Array | undefined {
    if (this.dataFile === undefined || this.dataSize === 0) return undefined;
    const all = new Uint8Array(this.dataSize);
    let at = 0;
    for (const bytes of this.data) {
      all.set(bytes, at);
      at += bytes.length;
    }
    return all;
  }
}

/** Little-endian, as the numbers lie in memory everywhere that this runs. */
const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const valueInfo = (name: string, dims: readonly (number | string)[]): Plain => ({
  name,
  type: {
    tensor_type: {
      elem_type: dataTypes.float32,
      shape: { dim: dims.map((dim) => (typeof dim === 'string' ? { dim_param: dim } : { dim_value: dim })) },
    },
  },
});
