import { catalogue, type LayerAttributes, type LayerKind } from '../network/catalogue.js';
import { codes } from '../network/diagnostics.js';
import { type Framework, rulesOf } from '../network/frameworks.js';
import type { WeightSpec } from '../network/layer.js';
import type { Layer, Network } from '../network/network.js';
import { withDefaults } from '../network/resolve.js';
import type { Pair, Shape } from '../network/shape.js';
import { evenPadding, type Padding, type Value } from '../network/values.js';
import { ImportError, type StoredTensor, type Weights, weightName } from './format.js';

/** The words that the grammar keeps for itself. */
const reserved = new Set([
  ...['import', 'from', 'const', 'block', 'network', 'like', 'repeat', 'in', 'if', 'else', 'branch', 'expect'],
  ...['true', 'false', 'previous'],
]);

/** A name as the language takes it: `conv1/7x7_s2` becomes `conv1_7x7_s2`. */
function identifier(name: string, fallback: string): string {
  const cleaned = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
  if (cleaned === '') return fallback;
  const begun = /^\d/.test(cleaned) ? `_${cleaned}` : cleaned;
  return reserved.has(begun) ? `${begun}_` : begun;
}

/** A layer that the language has no words for. `harmless`: what follows computes the same without it. */
export class Untranslatable extends Error {
  constructor(
    message: string,
    readonly harmless = false,
  ) {
    super(message);
  }
}

/** Dimensions, channels first and without the batch, as a volume: [C], [C, L] (a row of L) or [C, H, W]. */
export function shapeOfDims(dims: readonly number[]): Shape | undefined {
  const [channels = 1, a = 1, b] = dims;
  if (dims.length > 3 || dims.some((dim) => !Number.isSafeInteger(dim) || dim < 1)) return undefined;
  return b === undefined ? { height: 1, width: a, channels } : { height: a, width: b, channels };
}

export const dimsOfShape = ({ channels, height, width }: Shape): readonly number[] => [channels, height, width];

/** Sides as other tools list them, begin and end of each axis; two numbers are one a axis. */
export const paddingOf = (top: number, left: number, bottom = top, right = left): Padding =>
  top === bottom && left === right ? evenPadding(top, left) : { mode: 'explicit', top, right, bottom, left };

/**
 * The zeros around each of several volumes that lie one below (or beside) the other: with them all are as large as the whole, which
 * is their sum.
 */
export function aroundInStack(
  lengths: readonly number[],
  isVertical: boolean,
): readonly LayerAttributes<'pad'>['amount'][] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  let start = 0;
  return lengths.map((length) => {
    const [before, after] = [start, total - start - length];
    start += length;
    return isVertical
      ? { mode: 'explicit', top: before, right: 0, bottom: after, left: 0 }
      : { mode: 'explicit', top: 0, right: after, bottom: 0, left: before };
  });
}

export const pairOf = (y: number, x = y): Pair => ({ y, x });

/** More is no network but a mistake, or an attack. */
const MOST_LAYERS = 50_000;

/** Builds a network layer by layer; sizes are known as soon as a layer is added. */
export class NetworkBuilder {
  readonly layers: Layer[] = [];
  private readonly shapes: Shape[] = [];
  private readonly specs: (readonly WeightSpec[])[] = [];
  private readonly names = new Map<string, number>();
  private readonly tensors = new Map<number, Map<string, StoredTensor>>();

  constructor(private readonly framework: Framework) {}

  /**
   * Adds a layer; what `given` leaves out has the framework's default. Throws an {@link ImportError} that begins with `name`
   * where its inputs do not go with it.
   */
  add<K extends LayerKind>(
    kind: K,
    given: Partial<LayerAttributes<K>>,
    inputs: readonly number[],
    name: string,
  ): number {
    if (this.layers.length >= MOST_LAYERS) throw new ImportError(`${name}: there are more than ${MOST_LAYERS} layers`);
    this.layers.push(undefined as never);
    this.set(this.layers.length - 1, kind, given, inputs, name);
    const at = this.layers.length - 1;
    this.layers[at] = { ...(this.layers[at] as Layer), name: this.unique(identifier(name, kind)) } as Layer;
    return at;
  }

  /** Takes away the layers from `length` on: what was begun of a node that cannot be translated. */
  truncate(length: number): void {
    for (let index = length; index < this.layers.length; index++) this.tensors.delete(index);
    this.layers.length = Math.min(this.layers.length, length);
    this.shapes.length = Math.min(this.shapes.length, length);
    this.specs.length = Math.min(this.specs.length, length);
  }

  /** Replaces attributes of a layer that is there. */
  update(index: number, given: Readonly<Record<string, unknown>>): void {
    const layer = this.layers[index] as Layer;
    this.set(index, layer.kind, { ...layer.attributes, ...given } as never, layer.inputs, layer.name);
  }

  private set<K extends LayerKind>(
    index: number,
    kind: K,
    given: Partial<LayerAttributes<K>>,
    inputs: readonly number[],
    name: string,
  ): void {
    const rules = rulesOf(this.framework);
    const attributes = withDefaults(kind, given, rules);
    const record = catalogue[kind];
    const fail = (message: string) => {
      this.layers.length = Math.min(this.layers.length, this.shapes.length);
      return new ImportError(`${name}: ${message}`);
    };
    for (const [attribute, { type }] of Object.entries(record.attributes)) {
      const value = (attributes as Readonly<Record<string, unknown>>)[attribute];
      if (value === undefined) throw fail(`it does not say its ${attribute}`);
      if (value !== null && type.parse(languageValue(value)) === undefined)
        throw fail(`its ${attribute} must be ${type.expects}`);
    }
    const inference = record.infer({
      inputs: inputs.map((input) => this.shapeOf(input)),
      inputNames: inputs.map((input) => this.layers[input]?.name ?? ''),
      attributes: attributes as never,
      rules,
    });
    const error = inference.problems?.find(({ code }) => codes[code].severity === 'error');
    if (error || !inference.output) throw fail(error?.message ?? 'its size is not known');
    this.layers[index] = { kind, name, attributes, inputs } as unknown as Layer;
    this.shapes[index] = inference.output;
    this.specs[index] = inference.weights ?? [];
  }

  private unique(name: string): string {
    const count = (this.names.get(name) ?? 0) + 1;
    this.names.set(name, count);
    return count === 1 ? name : this.unique(`${name}_${count}`);
  }

  shapeOf(index: number): Shape {
    const shape = this.shapes[index];
    if (!shape) throw new ImportError(`there is no layer ${index}`);
    return shape;
  }

  specOf(index: number, weight: string): WeightSpec | undefined {
    return this.specs[index]?.find(({ name }) => name === weight);
  }

  /** Gives a layer the values of one of its weights, in the network's layout. Throws where their number is not its size. */
  weigh(index: number, weight: string, values: Float32Array): void {
    const spec = this.specOf(index, weight);
    const name = this.layers[index]?.name ?? '';
    if (!spec) throw new ImportError(`${name}: it has no ${weight}`);
    const size = spec.shape.reduce((product, length) => product * length, 1);
    if (values.length !== size)
      throw new ImportError(
        `${name}: its ${weight} has ${values.length} numbers where [${spec.shape.join(', ')}] takes ${size}`,
      );
    let own = this.tensors.get(index);
    if (!own) {
      own = new Map();
      this.tensors.set(index, own);
    }
    own.set(weight, { shape: spec.shape, values });
  }

  weightOf(index: number, weight: string): Float32Array | undefined {
    return this.tensors.get(index)?.get(weight)?.values;
  }

  get weights(): Weights {
    const weights = new Map<string, StoredTensor>();
    for (const [index, tensors] of this.tensors)
      for (const [weight, tensor] of tensors) weights.set(weightName(this.layers[index]?.name ?? '', weight), tensor);
    return weights;
  }

  network(name: string): Network {
    return {
      name: identifier(name, 'Net'),
      framework: this.framework,
      layers: this.layers,
      structure: { kind: 'network', name: '', label: '', children: this.layers.map((_, index) => index) },
    };
  }
}

/** An attribute's value as the language reads it, so that the attribute's own type judges it. */
function languageValue(value: unknown): Value {
  if (typeof value === 'number') return { type: 'number', value };
  if (typeof value === 'boolean') return { type: 'boolean', value };
  if (typeof value === 'string') return { type: 'word', value };
  if (Array.isArray(value)) return { type: 'tuple', items: value.map(languageValue) };
  const { mode, ...numbers } = value as Readonly<Record<string, unknown>>;
  if (typeof mode === 'string' && mode !== 'explicit') return { type: 'word', value: mode };
  return { type: 'tuple', items: Object.values(numbers).map(languageValue) };
}
