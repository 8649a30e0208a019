import type { Run } from '../../engine/index.js';
import type { LayerKind } from '../../network/catalogue.js';
import type { CheckedNetwork } from '../../network/check.js';
import type { Layer } from '../../network/network.js';
import type { Volume } from '../statistics.js';

/** Layers that turn scores into other numbers of the same order, at the end of a network. */
const scalings: ReadonlySet<LayerKind> = new Set<LayerKind>(['softmax', 'logsoftmax', 'sigmoid']);

/** Layers between pool and classifier that leave a vector what it is. */
const passing: ReadonlySet<LayerKind> = new Set<LayerKind>(['flatten', 'reshape', 'dropout']);

/** How a network ends whose classes have maps. */
export interface ClassMapEnd {
  /** The layer whose maps are averaged. */
  readonly maps: number;
  /** The classifier after the pool; null where the averages are the scores. */
  readonly classifier: number | null;
}

/** How a network ends in the average of maps, or null where it does not: then its classes have no activation maps. */
export function classMapEnd({ network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>): ClassMapEnd | null {
  const layerAt = (index: number): Layer | undefined => network.layers[index];
  const above = (index: number, kinds: ReadonlySet<LayerKind>): number => {
    let at = index;
    for (let layer = layerAt(at); layer && kinds.has(layer.kind); layer = layerAt(at)) at = layer.inputs[0] ?? -1;
    return at;
  };
  const isVector = (index: number) => facts[index]?.output?.height === 1 && facts[index]?.output?.width === 1;
  const end = above(above(network.layers.length - 1, scalings), passing);
  const hasClassifier = layerAt(end)?.kind === 'fc' || (layerAt(end)?.kind === 'conv' && isVector(end));
  const pool = above(hasClassifier ? (layerAt(end)?.inputs[0] ?? -1) : end, passing);
  const kind = layerAt(pool)?.kind;
  const isAverage = kind === 'globalavgpool' || ((kind === 'adaptiveavgpool' || kind === 'avgpool') && isVector(pool));
  const maps = layerAt(pool)?.inputs[0] ?? -1;
  return isAverage && facts[maps]?.output ? { maps, classifier: hasClassifier ? end : null } : null;
}

/**
 * The class activation map (Zhou et al. 2016): the maps before the average, each times the weight with which its average counts for
 * the class. Their mean and the bias are the class's score.
 */
export function classMap({ maps, classifier }: ClassMapEnd, run: Run, classIndex: number): Volume | null {
  const volume = run[maps]?.activation;
  if (!volume) return null;
  const { height, width, channels, data } = volume;
  const weights = classifier === null ? null : run[classifier]?.weights.weight;
  if (weights === undefined) return null;
  const map = new Float32Array(height * width);
  for (let pixel = 0; pixel < map.length; pixel++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) {
      const weight = weights ? (weights[classIndex * channels + channel] as number) : channel === classIndex ? 1 : 0;
      sum += weight * (data[pixel * channels + channel] as number);
    }
    map[pixel] = sum;
  }
  return { height, width, channels: 1, data: map };
}
