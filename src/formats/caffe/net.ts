import type { LayerAttributes, LayerKind } from '../../network/catalogue.js';
import type { Shape } from '../../network/shape.js';
import { volumeOf } from '../../network/shape.js';
import { dimsOfShape, NetworkBuilder, shapeOfDims, Untranslatable } from '../builder.js';
import { ImportError } from '../format.js';
import type { Message } from '../protobuf/message.js';
import { typeOf } from './upgrade.js';

/** What a name stands for at some line of the file. */
export interface Blob {
  /** The layer that makes it; null for labels, and for inputs that are only looked at for their size. */
  readonly index: number | null;
  /** Channels, height, width, or fewer: without the pictures of a batch. */
  readonly dims: readonly number[];
  /** What computes it could not be translated: sizes may be wrong from here on. */
  readonly lost: boolean;
}

/** How a blob is used. */
interface Use {
  readers: number;
  isSilenced: boolean;
}

const dataTypes = new Set(['Data', 'ImageData', 'HDF5Data', 'WindowData', 'AnnotatedData', 'DummyData', 'Python']);

/** A Caffe network on its way to ours: which layer makes which blob, and how many read it. */
export class CaffeNet {
  readonly builder = new NetworkBuilder('caffe');
  private readonly blobs = new Map<string, Blob>();
  private readonly readers = new Map<Message, readonly number[]>();
  /** Of each layer's tops. */
  private readonly uses = new Map<Message, readonly Use[]>();
  private readonly declared = new Map<string, readonly number[]>();

  constructor(
    message: Message,
    layers: readonly Message[],
    /** The values of trained layers, by name. */
    private readonly trained: ReadonlyMap<string, readonly Message[]>,
    file: string,
  ) {
    this.countReaders(layers);
    this.declareInputs(message, layers);
    if (this.declared.size === 0)
      throw new ImportError(`${file}: it has no input: no input field, and no Input or MemoryData layer`);
    this.makeInputs(layers);
  }

  /** A name may stand for several blobs, one after the other: layers write in place. */
  private countReaders(layers: readonly Message[]): void {
    const current = new Map<string, Use>();
    const read: [Message, Use[]][] = [];
    for (const layer of layers) {
      const blobs = layer.texts('bottom').map((name) => {
        const blob = current.get(name) ?? { readers: 0, isSilenced: false };
        current.set(name, blob);
        return blob;
      });
      for (const blob of blobs)
        if (typeOf(layer) === 'Silence') blob.isSilenced = true;
        else blob.readers++;
      read.push([layer, blobs]);
      const tops = layer.texts('top').map((name) => {
        const blob = { readers: 0, isSilenced: false };
        current.set(name, blob);
        return blob;
      });
      this.uses.set(layer, tops);
    }
    for (const [layer, blobs] of read)
      this.readers.set(
        layer,
        blobs.map(({ readers }) => readers),
      );
  }

  private declareInputs(message: Message, layers: readonly Message[]): void {
    const names = message.texts('input');
    const shapes = message.messages('input_shape').map((shape) => shape.numbers('dim'));
    const flat = message.numbers('input_dim');
    const sizeless: string[] = [];
    for (const [i, name] of names.entries()) {
      const dims = shapes[i] ?? flat.slice(4 * i, 4 * i + 4);
      if (dims.length > 0) this.declare(name, dims);
      else sizeless.push(name);
    }
    for (const layer of layers) {
      const type = typeOf(layer);
      const tops = layer.texts('top');
      if (type === 'Input') {
        const given = layer
          .message('input_param')
          .messages('shape')
          .map((shape) => shape.numbers('dim'));
        for (const [i, top] of tops.entries()) this.declare(top, given[i] ?? given[0] ?? []);
      } else if (type === 'MemoryData') {
        const data = layer.message('memory_data_param');
        const dims = ['channels', 'height', 'width'].map((field) => data.number(field, 0));
        if (tops[0] !== undefined) this.declare(tops[0], [data.number('batch_size', 1), ...dims]);
      } else if (dataTypes.has(type) && tops[0] !== undefined && layer.texts('bottom').length === 0) {
        const size = layer.message('transform_param').number('crop_size', 0);
        if (size < 1)
          throw new ImportError(
            `layer ${layer.text('name')} (${type}): it does not say the size of its pictures; a deploy.prototxt does`,
          );
        this.declare(tops[0], [1, 3, size, size]);
      }
    }
    // Some say their size in an Input layer of the same name.
    for (const name of sizeless) if (!this.declared.has(name)) this.declare(name, []);
  }

  private declare(name: string, dims: readonly number[]): void {
    const shape = dims.length > 1 ? shapeOfDims(dims.slice(1)) : undefined;
    if (!shape || volumeOf(shape) > 2 ** 31)
      throw new ImportError(
        `input ${name}: its size [${dims.join(', ')}] is not batch, channels, height and width, all 1 or more`,
      );
    this.declared.set(name, dims.slice(1));
  }

  /** A network here has one input. Several become parts of one: channels where they are of one size, else one long vector. */
  private makeInputs(layers: readonly Message[]): void {
    const read = new Set<string>();
    for (const layer of layers)
      for (const [i, bottom] of layer.texts('bottom').entries())
        if (!(i === 1 && typeOf(layer) === 'Crop')) read.add(bottom);
    const inputs = [...this.declared].filter(([name]) => read.has(name));
    const used = inputs.length > 0 ? inputs : [...this.declared].slice(0, 1);
    for (const [name, dims] of this.declared) this.blobs.set(name, { index: null, dims, lost: false });
    const shapes = used.map(([, dims]) => shapeOfDims(dims) as Shape);
    const [first] = shapes;
    if (!first) return;
    if (used.length === 1) {
      const [[name, dims]] = used as [[string, readonly number[]]];
      this.blobs.set(name, { index: this.builder.add('input', { size: first }, [], name), dims, lost: false });
      return;
    }
    const alike = shapes.every(({ height, width }) => height === first.height && width === first.width);
    const counts = shapes.map((shape) => (alike ? shape.channels : volumeOf(shape)));
    const channels = counts.reduce((sum, count) => sum + count, 0);
    const size = alike ? { ...first, channels } : { height: 1, width: 1, channels };
    const whole = this.builder.add('input', { size }, [], 'input');
    let start = 0;
    for (const [i, [name, dims]] of used.entries()) {
      const count = counts[i] as number;
      let index = this.builder.add('slice', { start, count }, [whole], name);
      if (!alike) index = this.builder.add('reshape', { size: shapes[i] as Shape }, [index], `${name}_shaped`);
      this.blobs.set(name, { index, dims, lost: false });
      start += count;
    }
  }

  get inputCount(): number {
    return this.declared.size;
  }

  /** Layers that only declare inputs have been dealt with. */
  isInput(name: string): boolean {
    return this.declared.has(name);
  }

  begin(layer: Message): void {
    for (const bottom of layer.texts('bottom'))
      if (!this.blobs.has(bottom)) throw new ImportError(`${layer.where}: there is no blob ${bottom} above it`);
  }

  blob(layer: Message, at: number): Blob {
    const name = layer.texts('bottom')[at];
    const blob = name === undefined ? undefined : this.blobs.get(name);
    if (!blob) throw new ImportError(`${layer.where}: it has ${at} bottoms and needs ${at + 1}`);
    return blob;
  }

  input(layer: Message, at = 0): number {
    const { index } = this.blob(layer, at);
    if (index === null) throw new Untranslatable(`it reads ${layer.texts('bottom')[at]}, which is not there`, true);
    return index;
  }

  inputs(layer: Message): readonly number[] {
    return layer.texts('bottom').map((_, at) => this.input(layer, at));
  }

  shape(layer: Message, at = 0): Shape {
    return this.builder.shapeOf(this.input(layer, at));
  }

  /** How many layers read the blob that is this bottom. */
  readersOf(layer: Message, at: number): number {
    return this.readers.get(layer)?.[at] ?? 0;
  }

  /** Whether this top is there for Silence alone, which reads what nothing needs. */
  isSilenced(layer: Message, top: number): boolean {
    const use = this.uses.get(layer)?.[top];
    return use?.isSilenced === true && use.readers === 0;
  }

  /** Adds a layer of the name of the Caffe layer (and `part`) and makes it the first top. */
  add<K extends LayerKind>(
    layer: Message,
    kind: K,
    attributes: Partial<LayerAttributes<K>>,
    inputs: readonly number[],
    dims?: readonly number[],
    part = '',
  ): number {
    const name = layer.text('name', typeOf(layer)) + part;
    const index = this.wrapped(layer, () => this.builder.add(kind, attributes, inputs, name));
    this.put(layer, 0, index, dims);
    return index;
  }

  private wrapped<T>(layer: Message, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ImportError)) throw error;
      throw new ImportError(`${layer.where}: ${error.message.replace(/^[^:]*: /, '')}`);
    }
  }

  put(layer: Message, top: number, index: number | null, dims?: readonly number[]): void {
    const name = layer.texts('top')[top];
    if (name === undefined) return;
    const lost = this.dependsOnLost(layer);
    const known = dims ?? (index === null ? [] : dimsOfShape(this.builder.shapeOf(index)));
    this.blobs.set(name, { index, dims: known, lost });
  }

  dependsOnLost(layer: Message): boolean {
    return layer.texts('bottom').some((name) => this.blobs.get(name)?.lost);
  }

  /** The layer is left out: what follows reads what it would have read. Returns whether something does. */
  passOver(layer: Message, harmless: boolean): boolean {
    const [bottom] = layer.texts('bottom');
    const blob = bottom === undefined ? undefined : this.blobs.get(bottom);
    const lost = !harmless;
    for (const top of layer.texts('top'))
      this.blobs.set(top, blob ? { ...blob, lost: blob.lost || lost } : { index: null, dims: [], lost });
    return lost;
  }

  /** The layers that were added since `first`, or the one that the layer became a part of. */
  madeBy(layer: Message, first: number): readonly number[] {
    const made = this.builder.layers.map((_, index) => index).slice(first);
    const [top] = layer.texts('top');
    const output = top === undefined ? undefined : this.blobs.get(top)?.index;
    return made.length === 0 && output !== undefined && output !== null ? [output] : made;
  }

  /** The values of a layer's trained blobs, in Caffe's order; undefined where there are none. */
  valuesOf(layer: Message, at: number): Float32Array | undefined {
    const own = layer.messages('blobs');
    const blob = (own.length > 0 ? own : this.trained.get(layer.text('name')))?.[at];
    if (!blob) return undefined;
    const values = blob.has('double_data') ? Float32Array.from(blob.numbers('double_data')) : blob.floats('data');
    return values.length === 0 ? undefined : values;
  }

  weigh(layer: Message, index: number, weight: string, at: number): void {
    const values = this.valuesOf(layer, at);
    if (values) this.wrapped(layer, () => this.builder.weigh(index, weight, values));
  }
}

/** Adds what a Caffe layer is here. Returns what differs, where something does. */
export type Translator = (layer: Message, net: CaffeNet) => string | undefined;

/** Axes count from the batch; a negative one from the end. */
export const axisOf = (axis: number, dims: readonly number[]): number => (axis < 0 ? axis + dims.length + 1 : axis);
