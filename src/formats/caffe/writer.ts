import type { LayerKind } from '../../network/catalogue.js';
import type { Layer } from '../../network/network.js';
import type { Shape } from '../../network/shape.js';
import { type LayerIn, type Weights, weightName } from '../format.js';
import type { Plain } from '../protobuf/wire.js';
import type { EvenAxes, EvenAxis } from './even.js';

export type AnyLayer = Pick<LayerIn<LayerKind>, 'index' | 'facts' | 'inputs' | 'output'> & {
  readonly layer: Pick<Layer, 'name' | 'inputs'>;
};

interface Blob {
  readonly name: string;
  readonly shape: Shape;
  /** Two axes, batch and channels, as InnerProduct makes them; else four. */
  readonly isFlat: boolean;
}

/** A Caffe network as it is written: its layers, and which blob is the output of which layer of ours. */
export class NetWriter {
  readonly layers: Plain[] = [];
  /** The layer of the network that each of them belongs to. */
  readonly madeOf: number[] = [];
  readonly blobs: (Blob | undefined)[] = [];
  private readonly readers: readonly number[];
  private readonly names = new Set<string>();

  constructor(
    readonly network: readonly Layer[],
    private readonly weights: Weights | undefined,
    readonly readsRowsFirst: boolean,
  ) {
    this.readers = network.map((_, index) => network.filter(({ inputs }) => inputs.includes(index)).length);
  }

  unique(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.names.has(name); n++) name = `${wanted}_${n}`;
    this.names.add(name);
    return name;
  }

  append({ index }: AnyLayer, layer: Plain): void {
    this.layers.push(layer);
    this.madeOf.push(index);
  }

  /** Of a layer that was refused there is none: the others are still looked at. */
  blobOf(index = 0): Blob {
    return this.blobs[index] ?? { name: '', shape: { height: 1, width: 1, channels: 1 }, isFlat: false };
  }

  /** What a layer reads, with four axes (or two) where it has the others. */
  read(of: AnyLayer, place = 0, isFlat?: boolean): string {
    const blob = this.blobOf(of.layer.inputs[place]);
    if (isFlat === undefined || isFlat === blob.isFlat) return blob.name;
    const name = this.unique(`${of.layer.name}_${isFlat ? 'flat' : 'volume'}`);
    const { channels, height, width } = blob.shape;
    this.append(
      of,
      isFlat
        ? { name, type: 'Flatten', bottom: [blob.name], top: [name] }
        : {
            name,
            type: 'Reshape',
            bottom: [blob.name],
            top: [name],
            reshape_param: { shape: { dim: [0, channels, height, width] } },
          },
    );
    return name;
  }

  isFlat({ layer: { inputs } }: AnyLayer): boolean {
    return inputs.every((source) => this.blobOf(source).isFlat);
  }

  /** Adds a Caffe layer that makes the output of one of ours. */
  put(of: AnyLayer, type: string, bottom: readonly string[], rest: Plain = {}, isFlat = false): void {
    const name = this.unique(of.layer.name);
    this.append(of, { name, type, bottom, top: [name], ...rest });
    this.blobs[of.index] = { name, shape: of.output, isFlat };
  }

  /**
   * Adds a Caffe layer that makes more rows and columns than are wanted of one of ours, and what cuts them off: Slice, which
   * needs no other blob for its size as Crop does.
   */
  putCut(of: AnyLayer, type: string, bottom: string, rest: Plain, { y, x }: EvenAxes): void {
    this.put(of, type, [bottom], rest);
    this.cut(of, this.blobOf(of.index).name, y, x);
  }

  /** Keeps of a blob the rows and columns that a layer is to make. */
  cut(of: AnyLayer, bottom: string, y: Omit<EvenAxis, 'pad'>, x: Omit<EvenAxis, 'pad'>): void {
    const { height, width } = of.output;
    let from = bottom;
    for (const [axis, part, { made, skip }, length] of [
      [2, 'rows', y, height],
      [3, 'columns', x, width],
    ] as const) {
      if (made === length) continue;
      const name = this.unique(`${of.layer.name}_${part}`);
      const ends = [skip, skip + length, made].filter((end, i, all) => end > (all[i - 1] ?? 0));
      const top = ends.map((end) => (end === skip + length ? name : this.unique(`${name}_cut`)));
      const slice_param = { axis, slice_point: ends.slice(0, -1) };
      this.append(of, { name, type: 'Slice', bottom: [from], top, slice_param });
      const silent = top.filter((other) => other !== name);
      this.append(of, { name: this.unique(`${name}_silence`), type: 'Silence', bottom: silent });
      from = name;
    }
    this.blobs[of.index] = { name: from, shape: of.output, isFlat: false };
  }

  /** The same, writing over its input where nothing else reads that. */
  inPlace(of: AnyLayer, type: string, rest: Plain = {}): void {
    const [source = 0] = of.layer.inputs;
    const { name: bottom, isFlat } = this.blobOf(source);
    const name = this.unique(of.layer.name);
    const isLast = this.readers[source] === 1 && this.network[source]?.kind !== 'input';
    const top = isLast ? bottom : name;
    this.append(of, { name, type, bottom: [bottom], top: [top], ...rest });
    this.blobs[of.index] = { name: top, shape: of.output, isFlat };
  }

  /** The trained values of a layer, where they are known; `frozen` ones learn at rate 0. */
  trained(of: AnyLayer, names: readonly string[], turn?: (values: Float32Array) => Float32Array): Plain {
    const blobs = names.map((weight, at): Plain | undefined => {
      const tensor = this.weights?.get(weightName(of.layer.name, weight));
      if (!tensor) return undefined;
      return { data: at === 0 && turn ? turn(tensor.values) : tensor.values, shape: { dim: tensor.shape } };
    });
    return {
      ...(of.facts.frozen && { param: names.map(() => ({ lr_mult: 0 })) }),
      ...(blobs.every((blob) => blob !== undefined) && names.length > 0 && { blobs: blobs as readonly Plain[] }),
    };
  }

  /** Weights that are all one number, where weights are written at all. */
  constant(dim: readonly number[], value: number): Plain {
    const size = dim.reduce((product, length) => product * length, 1);
    return this.weights ? { blobs: [{ data: new Float32Array(size).fill(value), shape: { dim } }] } : {};
  }

  weight({ layer }: AnyLayer, weight: string): Float32Array | undefined {
    return this.weights?.get(weightName(layer.name, weight))?.values;
  }
}
