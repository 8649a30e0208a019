import { catalogue } from '../../network/catalogue.js';
import { type CheckedNetwork, type LayerFacts, sizeOf } from '../../network/check.js';
import type { WeightSpec } from '../../network/layer.js';
import type { Layer } from '../../network/network.js';
import { BYTES_PER_NUMBER, type Shape, volumeOf } from '../../network/shape.js';
import type { LossName, OptimiserSettings } from '../../network/training.js';
import { EngineError } from '../error.js';
import { blockBytes, type Machine } from '../wasm/machine.js';
import { fastStep } from './fast/index.js';
import { optimisers } from './optimisers.js';
import { referenceStep, type StepLayer, type StepOp, type StepPlaces } from './step-op.js';

type Checked = Pick<CheckedNetwork, 'network' | 'facts'>;

/** What decides how much a learner keeps. */
export interface LayoutOptions {
  readonly loss: LossName;
  readonly optimiser: OptimiserSettings;
  /** Pictures of one step: always as many. */
  readonly batch: number;
}

/** One weight tensor that learns: where it lies, and what the optimiser remembers of it. Byte addresses. */
export interface LearnedWeight {
  readonly spec: WeightSpec;
  readonly layer: number;
  readonly address: number;
  readonly gradient: number;
  readonly slots: readonly Float32Array[];
}

/** What a layer has to do while the network learns. */
interface Role {
  /** Whether the scores depend on it: what does not is left out in training. */
  readonly isNeeded: boolean;
  /** Whether anything that learns lies in it or before it, on a way to the scores. */
  readonly learns: boolean;
  /** Whether it is always the same for the same picture, whatever is learned. */
  readonly isFixed: boolean;
}

/** One layer, made ready. */
export interface Station extends Role {
  readonly index: number;
  readonly layer: Layer;
  readonly facts: LayerFacts;
  readonly output: Shape;
  readonly op: StepOp;
  readonly places: StepPlaces;
  /** Which of its input gradients are the first to be given to their layer, and so may overwrite what is there. */
  readonly isFirst: readonly boolean[];
}

/** A network whose every number has its place in a memory. */
interface PlacedNetwork {
  /** One a layer, in the network's order. */
  readonly stations: readonly Station[];
  readonly learned: readonly LearnedWeight[];
  /** Whose numbers the loss looks at. */
  readonly scores: Station;
  /** The fixed layers that others read which are not. */
  readonly frontier: readonly Station[];
  /** Where a gradient is put before it is added to another: the layer has several readers. A byte address. */
  readonly sums: number;
}

/** How much memory a learner takes, known before any is allocated. */
interface Layout {
  readonly bytes: number;
  /** The same, by what it is for. */
  readonly parts: Readonly<Record<'activations' | 'weights' | 'computing', number>>;
  /** Everything, where the memory begins at a byte address. The optimiser's slots are allocated. */
  readonly place: (start: number) => PlacedNetwork;
}

/** The layer whose numbers the loss looks at: probabilities and decisions are made of scores, which learn better. */
function scoreLayer(layers: readonly Layer[], loss: LossName): number {
  let index = layers.length - 1;
  while (loss !== 'mse') {
    const { makesProbabilities = false, decides = false } = catalogue[layers[index]?.kind ?? 'input'];
    const before = layers[index]?.inputs[0];
    if (!(makesProbabilities || decides) || before === undefined) break;
    index = before;
  }
  return index;
}

function rolesOf({ network: { layers }, facts }: Checked, scores: number): readonly Role[] {
  const needed = new Set([scores]);
  for (let index = scores; index >= 0; index--)
    if (needed.has(index)) for (const source of layers[index]?.inputs ?? []) needed.add(source);
  const roles: Role[] = [];
  for (const [index, { kind, inputs }] of layers.entries()) {
    const isNeeded = needed.has(index);
    const own = facts[index]?.weights.some(({ learned }) => learned) && !facts[index]?.frozen;
    const learns = isNeeded && (own || inputs.some((source) => roles[source]?.learns));
    const isFixed = !learns && !catalogue[kind].differsInTraining && inputs.every((source) => roles[source]?.isFixed);
    roles.push({ isNeeded, learns, isFixed });
  }
  return roles;
}

/** A layer and its places, counted from the beginning of the memory. */
interface Draft extends Omit<Station, 'places' | 'isFirst'> {
  readonly outputAt: number;
  readonly gradientAt: number | null;
  readonly scratchAt: number;
  readonly weights: readonly {
    readonly spec: WeightSpec;
    readonly address: number;
    readonly gradient: number | null;
  }[];
}

/**
 * Finds a place for everything a learner keeps. Without a machine every layer is computed by its reference op. Throws an
 * {@link EngineError} where an error keeps a layer from running.
 */
export function layOut(checked: Checked, { batch, loss, optimiser }: LayoutOptions, machine: Machine | null): Layout {
  const { network, facts } = checked;
  for (const [index, layer] of network.layers.entries())
    if (!layer.attributes || !facts[index]?.output) throw new EngineError(`${layer.name} has errors and cannot learn`);
  let bytes = 0;
  const parts = { activations: 0, weights: 0, computing: 0 };
  const allocate = (size: number, part: keyof typeof parts): number => {
    const address = bytes;
    bytes += blockBytes(size);
    parts[part] += blockBytes(size);
    return address;
  };
  const bytesOf = (shape: Shape): number => batch * volumeOf(shape) * BYTES_PER_NUMBER;
  const scores = scoreLayer(network.layers, loss);
  const roles = rolesOf(checked, scores);
  const drafts = network.layers.map((layer, index): Draft => {
    const fact = facts[index] as LayerFacts & { readonly output: Shape };
    const { output } = fact;
    const role = roles[index] as Role;
    const stepLayer: StepLayer = {
      layer,
      framework: network.framework,
      facts: fact,
      inputs: layer.inputs.map((source) => facts[source]?.output as Shape),
      output,
      batch,
    };
    const op = (machine && fastStep(stepLayer, machine)) ?? referenceStep(stepLayer);
    return {
      ...role,
      layer,
      index,
      facts: fact,
      output,
      op,
      outputAt: allocate(bytesOf(output), 'activations'),
      gradientAt: role.learns ? allocate(bytesOf(output), 'activations') : null,
      scratchAt: allocate(op.scratchBytes, 'computing'),
      weights: fact.weights.map((spec) => {
        const size = sizeOf(spec) * BYTES_PER_NUMBER;
        const isLearned = spec.learned && !fact.frozen && role.isNeeded;
        return {
          spec,
          address: allocate(size, 'weights'),
          gradient: isLearned ? allocate(size, 'weights') : null,
        };
      }),
    };
  });
  const shared = drafts.filter(({ index }) => readersOf(network.layers, index) > 1);
  const sums = allocate(Math.max(0, ...shared.map(({ output }) => bytesOf(output))), 'computing');
  const place = (start: number): PlacedNetwork => {
    const stations = stationsOf(drafts, start);
    return {
      stations,
      learned: drafts.flatMap((draft) => learnedOf(draft, start, optimiser)),
      scores: stations[scores] as Station,
      frontier: stations.filter(isFrontier),
      sums: start + sums,
    };
  };
  return { bytes, parts, place };
}

function stationsOf(drafts: readonly Draft[], start: number): readonly Station[] {
  const given = new Set<number>();
  const firsts = drafts.map((): boolean[] => []);
  for (const { index, layer, learns } of drafts.toReversed()) {
    if (!learns) continue;
    firsts[index] = layer.inputs.map((source) => !given.has(source) && Boolean(given.add(source)));
  }
  return drafts.map(({ outputAt, gradientAt, scratchAt, weights, ...station }): Station => {
    const { index, layer } = station;
    const addresses = (of: (weight: (typeof weights)[number]) => number | null) =>
      Object.fromEntries(
        weights.flatMap((weight) => {
          const address = of(weight);
          return address === null ? [] : [[weight.spec.name, start + address]];
        }),
      );
    return {
      ...station,
      isFirst: firsts[index] ?? [],
      places: {
        inputs: layer.inputs.map((source) => start + (drafts[source]?.outputAt ?? 0)),
        output: start + outputAt,
        outputGradient: start + (gradientAt ?? 0),
        inputGradients: layer.inputs.map((source) => {
          const to = drafts[source]?.gradientAt ?? null;
          return to === null ? null : start + to;
        }),
        weights: addresses(({ address }) => address),
        weightGradients: addresses(({ gradient }) => gradient),
        scratch: start + scratchAt,
      },
    };
  });
}

const learnedOf = ({ index, weights }: Draft, start: number, { kind }: OptimiserSettings): readonly LearnedWeight[] =>
  weights.flatMap(({ spec, address, gradient }) => {
    if (gradient === null) return [];
    const slots = optimisers[kind].slots.map(() => new Float32Array(sizeOf(spec)));
    return [{ spec, layer: index, address: start + address, gradient: start + gradient, slots }];
  });

const readersOf = (layers: readonly Layer[], index: number): number =>
  layers.reduce((count, { inputs }) => count + inputs.filter((source) => source === index).length, 0);

/** Whether a station is fixed and another that the scores need, and that is not, reads it. */
const isFrontier = ({ isFixed, index }: Station, _: number, stations: readonly Station[]): boolean =>
  isFixed && stations.some(({ layer, isFixed: too, isNeeded }) => isNeeded && !too && layer.inputs.includes(index));
