import type { CheckedNetwork, LayerFacts } from '../network/check.js';
import type { Layer, Network } from '../network/network.js';
import { formatShape } from '../network/shape.js';
import { type IsFolded, type Item, itemsOf } from './items.js';
import { type Arrangement, arrange } from './layout.js';
import { boxOf, type Point, type VolumeBox } from './volume-box.js';

/** A network as a picture: what is drawn where, in pixels from the top left. Plain data, for a page, SVG or TikZ alike. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly cards: readonly Card[];
  readonly frames: readonly GroupFrame[];
  readonly edges: readonly Edge[];
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A layer, or a folded group, which shows what comes out of it. */
export interface Card extends Place {
  /** The layer; of a folded group its last. */
  readonly layer: number;
  /** The group that is folded to this card. */
  readonly folded: { readonly key: string; readonly layers: number } | null;
  readonly title: string;
  readonly text: string;
  /** What comes out, `28×28×6`. */
  readonly size: string;
  /** Null where the size is unknown. */
  readonly box: VolumeBox | null;
}

/** The frame around an unfolded block or repeat. */
export interface GroupFrame extends Place {
  readonly key: string;
  readonly label: string;
}

export interface Edge {
  /** Indices of layers; null where a frame is entered or left. */
  readonly from: number | null;
  readonly to: number | null;
  readonly points: readonly Point[];
  /** The size of what goes this way, at most once for each card it comes from. */
  readonly label: { readonly text: string; readonly x: number; readonly y: number } | null;
}

/** Of a card. */
export const BOX_LEFT = 10;
export const TEXT_LEFT = 116;
const CARD_WIDTH = 280;
const LEAST_HEIGHT = 44;

/** Draws a checked network from top to bottom; sizes that are unknown are said to be. */
export function drawNetwork(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  isFolded: IsFolded = () => false,
): Scene {
  const items = itemsOf(network, isFolded);
  const boxes = facts.map(({ output }) => output && boxOf(output));
  const arrangement = arrange(network, items, (item) => sizeOf(item, boxes));
  return sceneOf(network, facts, boxes, arrangement);
}

function sizeOf(item: Item, boxes: readonly (VolumeBox | null)[]): { width: number; height: number } {
  const layer = item.type === 'layer' ? item.layer : (item.layers.at(-1) as number);
  return { width: CARD_WIDTH, height: Math.max(LEAST_HEIGHT, Math.ceil((boxes[layer]?.height ?? 0) + 12)) };
}

function sceneOf(
  network: Network,
  facts: readonly LayerFacts[],
  boxes: readonly (VolumeBox | null)[],
  { width, height, places, edges }: Arrangement,
): Scene {
  const cards: Card[] = [];
  const frames: GroupFrame[] = [];
  for (const { item, x, y, width, height } of places) {
    const place = { x, y, width, height };
    if (item.type === 'group' && !item.isFolded) {
      frames.push({ ...place, key: item.key, label: item.label });
      continue;
    }
    const layer = item.type === 'layer' ? item.layer : (item.layers.at(-1) as number);
    const output = facts[layer]?.output;
    const own = network.layers[layer] as Layer;
    const names =
      item.type === 'layer'
        ? { title: shortName(own.name), text: describe(own, facts[layer]), folded: null }
        : {
            title: item.label,
            text: `${item.layers.length} layers`,
            folded: { key: item.key, layers: item.layers.length },
          };
    cards.push({
      ...place,
      layer,
      ...names,
      size: output ? formatShape(output) : 'size unknown',
      box: boxes[layer] ?? null,
    });
  }
  const labelled = new Set<number>();
  return {
    width,
    height,
    cards,
    frames,
    edges: edges.map(({ from, to, points }) => {
      const output = from === null || labelled.has(from) ? null : facts[from]?.output;
      const [start] = points;
      if (from !== null) labelled.add(from);
      return {
        from,
        to,
        points,
        label: output && start ? { text: formatShape(output), x: start[0] + 7, y: start[1] + 15 } : null,
      };
    }),
  };
}

/** `conv1` of `BasicBlock2/conv1`: the frame around it says the rest. */
const shortName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** `conv 5×5, stride 2, pad 1`: the layer's kind and its window, so far as it is not the plainest. */
function describe(layer: Layer, facts: LayerFacts | undefined): string {
  const window = facts?.window ?? facts?.transposed;
  if (!window) return layer.kind;
  const { y, x } = window;
  const pair = (a: number, b: number) => (a === b ? `${a}` : `${a}×${b}`);
  const parts = [`${layer.kind} ${y.kernel}×${x.kernel}`];
  if (y.stride > 1 || x.stride > 1) parts.push(`stride ${pair(y.stride, x.stride)}`);
  if (y.before > 0 || x.before > 0) parts.push(`pad ${pair(y.before, x.before)}`);
  if (y.dilation > 1 || x.dilation > 1) parts.push(`dilation ${pair(y.dilation, x.dilation)}`);
  return parts.join(', ');
}
