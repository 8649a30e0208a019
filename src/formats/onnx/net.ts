import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import { type Shape, volumeOf } from '../../network/shape.js';
import { dimsOfShape, NetworkBuilder, shapeOfDims, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import type { Message } from '../protobuf/message.js';
import type { Constant } from './constant.js';

/** What a name stands for: a constant, or a volume that a layer computes. */
export type Value = Constant | Activation;

/** What a file takes a volume for. */
export interface Form {
  /** Without the batch: channels first, unless there is an order. */
  readonly dims: readonly number[];
  /** Of a volume that the file has turned round: which of the volume's own axes each of the dims is. */
  readonly order?: readonly number[];
}

export interface Activation extends Form {
  readonly index: number;
  /** Channels that are taken apart into groups, and dealt out anew: the steps of a channel shuffle. */
  readonly groups?: number;
  readonly isDealt?: boolean;
  /** What computes it could not be translated: sizes may be wrong from here on. */
  readonly lost: boolean;
}

export const isConstant = (value: Value): value is Constant => 'values' in value;

/** An operator with its attributes by name. */
export class Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  private readonly attributes: ReadonlyMap<string, Message>;

  constructor(readonly message: Message) {
    this.op = message.text('op_type');
    this.inputs = message.texts('input');
    this.outputs = message.texts('output');
    this.name = message.text('name') || (this.outputs[0] ?? this.op);
    message.where = `node ${this.name} (${this.op})`;
    this.attributes = new Map(
      message.messages('attribute').map((attribute) => {
        const name = attribute.text('name');
        attribute.where = `${message.where}, attribute ${name}`;
        return [name, attribute];
      }),
    );
  }

  attribute(name: string): Message | undefined {
    return this.attributes.get(name);
  }

  number(name: string, byDefault: number): number {
    const attribute = this.attributes.get(name);
    return attribute?.has('f') ? attribute.number('f', byDefault) : (attribute?.number('i', byDefault) ?? byDefault);
  }

  numbers(name: string): readonly number[] | undefined {
    const attribute = this.attributes.get(name);
    return attribute && (attribute.has('floats') ? attribute.numbers('floats') : attribute.numbers('ints'));
  }

  /** What its layer is called: `layer1.0/conv1` of PyTorch's `/layer1/layer1.0/conv1/Conv`. */
  get layerName(): string {
    const parts = this.name.split('/').filter((part) => part !== '');
    if (parts.length > 1 && parts.at(-1)?.replace(/_\d+$/, '') === this.op) parts.pop();
    return parts.filter((part, i) => !parts[i + 1]?.startsWith(`${part}.`)).join('/') || this.op;
  }

  text(name: string, byDefault: string): string {
    return this.attributes.get(name)?.text('s', byDefault) ?? byDefault;
  }

  get attributeNames(): readonly string[] {
    return [...this.attributes.keys()];
  }
}

/** An ONNX graph on its way to a network. */
export class OnnxNet {
  readonly builder = new NetworkBuilder('onnx');
  readonly values = new Map<string, Value>();
  /** The names of what was learned: initializers, and inputs that are read as weights. */
  readonly parameters = new Set<string>();
  /** How many pictures the model says that it takes at a time; one stands for a number that is not fixed. */
  batch = 1;
  private readonly readers = new Map<string, number>();

  constructor(
    readonly opset: number,
    nodes: readonly Node[],
    outputs: readonly string[],
  ) {
    for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs])
      this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
  }

  /** How often a value is read. */
  readersOf(name: string | undefined): number {
    return this.readers.get(name ?? '') ?? 0;
  }

  has(node: Node, at: number): boolean {
    return (node.inputs[at] ?? '') !== '';
  }

  value(node: Node, at = 0): Value {
    const name = node.inputs[at] ?? '';
    const value = this.values.get(name);
    if (!value) throw new ImportError(`${node.message.where}: there is no ${name || `input ${at}`} before it`);
    return value;
  }

  activation(node: Node, at = 0): Activation {
    const value = this.value(node, at);
    if (isConstant(value)) throw new Untranslatable(`its input ${node.inputs[at]} is a constant`);
    return value;
  }

  /** An input of an operator that looks at each number for itself, and so takes volumes that are turned round, too. */
  anyOrder(node: Node, at = 0): Activation {
    const value = this.activation(node, at);
    if (value.groups !== undefined) throw new Untranslatable('it reads a volume of more than three dimensions');
    return value;
  }

  input(node: Node, at = 0): number {
    const { index, order } = this.anyOrder(node, at);
    if (order) throw new Untranslatable('it reads a volume that is turned round');
    return index;
  }

  shape(node: Node, at = 0): Shape {
    return this.builder.shapeOf(this.input(node, at));
  }

  constant(node: Node, at: number, what: string): Constant {
    const value = this.value(node, at);
    if (!isConstant(value)) throw new Untranslatable(`its ${what} are computed, not constant`);
    return value;
  }

  /** The whole numbers of a constant input; undefined where there is none. */
  integers(node: Node, at: number, what: string): readonly number[] | undefined {
    if (!this.has(node, at)) return undefined;
    const { values } = this.constant(node, at, what);
    if (!values) throw new Untranslatable(`its ${what} lie in a file that is not there`);
    return [...values];
  }

  add<K extends LayerKind>(
    node: Node,
    kind: K,
    attributes: Partial<LayerAttributes<K>>,
    inputs: readonly number[],
    form?: Form,
    part = '',
  ): number {
    try {
      const index = this.builder.add(kind, attributes, inputs, node.layerName + part);
      this.put(node, index, form);
      return index;
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      throw new ImportError(`${node.message.where}: ${error.message.slice(node.layerName.length + part.length + 2)}`);
    }
  }

  put(node: Node, index: number, form: Form = { dims: dimsOfShape(this.builder.shapeOf(index)) }, at = 0): void {
    const name = node.outputs[at];
    const { dims, order } = form;
    if (name !== undefined)
      this.values.set(name, { index, dims, ...(order && { order }), lost: this.dependsOnLost(node) });
  }

  /** A constant that was learned. */
  putParameter(name: string, constant: Constant): void {
    this.values.set(name, constant);
    this.parameters.add(name);
  }

  putConstant(node: Node, constant: Constant): void {
    const [name] = node.outputs;
    if (name !== undefined) this.values.set(name, constant);
  }

  dependsOnLost(node: Node): boolean {
    return node.inputs.some((name) => {
      const value = this.values.get(name);
      return value !== undefined && !isConstant(value) && value.lost;
    });
  }

  /** The node is left out: what follows reads what it would have read. */
  passOver(node: Node): void {
    const value = node.inputs.map((name) => this.values.get(name)).find((found) => found && !isConstant(found));
    if (!value || isConstant(value)) return;
    const { index, dims, order } = value;
    for (const name of node.outputs) this.values.set(name, { index, dims, ...(order && { order }), lost: true });
  }

  weigh(index: number, weight: string, { values }: Constant): void {
    if (values) this.builder.weigh(index, weight, values instanceof Float32Array ? values : Float32Array.from(values));
  }

  /** Reads the numbers of a volume as another one: nothing to do where both are the same volume. */
  reshape(node: Node, dims: readonly number[], input = this.input(node), part = ''): void {
    const size = shapeOfDims(dims);
    const before = this.builder.shapeOf(input);
    if (!size) throw new Untranslatable(`[${dims.join(', ')}] is not a volume of channels, height and width`);
    if (volumeOf(size) !== volumeOf(before))
      throw new ImportError(
        `${node.message.where}: [${this.activation(node).dims.join(', ')}] cannot be read as [${dims.join(', ')}]`,
      );
    const { height, width, channels } = before;
    if (size.height === height && size.width === width && size.channels === channels) this.put(node, input, { dims });
    else if (size.height === 1 && size.width === 1) this.add(node, 'flatten', {}, [input], { dims }, part);
    else this.add(node, 'reshape', { size }, [input], { dims }, part);
  }
}
