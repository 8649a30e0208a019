import { Graph, layout as layoutGraph } from '@dagrejs/dagre';
import type { Network } from '../network/network.js';
import { type GroupItem, type Item, layersOf } from './items.js';
import type { Point } from './volume-box.js';

/** Where the items of a network are, and how the lines between them go. */
export interface Arrangement {
  readonly width: number;
  readonly height: number;
  readonly places: readonly ItemPlace[];
  readonly edges: readonly Line[];
}

interface ItemPlace {
  readonly item: Item;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** From one layer to another; null where the line begins or ends at a frame. */
interface Line {
  readonly from: number | null;
  readonly to: number | null;
  readonly points: readonly Point[];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const RANK_GAP = 34;
const NODE_GAP = 26;
const FRAME_PADDING = 14;
const FRAME_HEAD = 24;

/** Items arranged around a line that comes in at (`entry`, 0) and goes out at (`exit`, height). */
interface Level extends Arrangement {
  readonly entry: number;
  readonly exit: number;
}

/** Arranges the items, each level by itself, from top to bottom. */
export function arrange(network: Network, items: readonly Item[], sizeOf: (item: Item) => Size): Arrangement {
  const readers = readersOf(network);
  const level = (items: readonly Item[]): Level => {
    const inside = new Map<GroupItem, Level>();
    const size = (item: Item): Size => {
      if (item.type === 'layer' || item.isFolded) return sizeOf(item);
      const found = inside.get(item) ?? framed(level(item.items));
      inside.set(item, found);
      return found;
    };
    const links = linksBetween(network, readers, items);
    const stacked = stack(segmentsOf(items, links).map((segment) => arrangeSegment(segment, size)));
    return unfold(stacked, inside);
  };
  return level(items);
}

/** A line between two items of a level; −1 is whatever comes in, the number of items whatever goes out. */
interface Link {
  readonly from: number;
  readonly to: number;
  /** The layer whose output goes this way, if it is one of the level's. */
  readonly source: number | null;
  readonly target: number | null;
}

const readersOf = ({ layers }: Network): readonly (readonly number[])[] => {
  const readers: number[][] = layers.map(() => []);
  for (const [index, { inputs }] of layers.entries()) for (const source of inputs) readers[source]?.push(index);
  return readers;
};

function linksBetween(network: Network, readers: readonly (readonly number[])[], items: readonly Item[]): Link[] {
  const itemOf = new Map<number, number>();
  for (const [index, item] of items.entries()) for (const layer of layersOf(item)) itemOf.set(layer, index);
  const links = new Map<string, Link>();
  const add = (link: Link) => {
    if (link.from !== link.to) links.set(`${link.from} ${link.to}`, link);
  };
  for (const [layer, to] of itemOf) {
    for (const source of network.layers[layer]?.inputs ?? []) {
      if (source < 0) continue;
      const from = itemOf.get(source);
      add(from === undefined ? { from: -1, to, source: null, target: layer } : { from, to, source, target: layer });
    }
    const from = to;
    if (readers[layer]?.some((reader) => !itemOf.has(reader)))
      add({ from, to: items.length, source: layer, target: null });
  }
  return [...links.values()];
}

/** Neighbouring items that must be arranged together, and the links that end in them. */
interface Segment {
  readonly items: readonly Item[];
  /** The place of the first of them among the level's items. */
  readonly first: number;
  readonly links: readonly Link[];
}

/**
 * Cuts a level where all lines pass through one item. A long chain falls into single items, which need no layout at all, and
 * what is left for the library is small.
 */
function segmentsOf(items: readonly Item[], links: readonly Link[]): Segment[] {
  const segments: Segment[] = [];
  let first = 0;
  /** The furthest that a line from before the current item reaches. */
  let reach = -1;
  const furthest = new Map<number, number>();
  for (const { from, to } of links) furthest.set(from, Math.max(furthest.get(from) ?? -1, to));
  for (let i = -1; i < items.length; i++) {
    // After item i, only lines from i itself may go on.
    if (i >= 0 && reach <= i && i >= first) {
      segments.push({ items: items.slice(first, i + 1), first, links: [] });
      first = i + 1;
    }
    reach = Math.max(reach, furthest.get(i) ?? -1);
  }
  if (first < items.length) segments.push({ items: items.slice(first), first, links: [] });
  return segments.map((segment) => {
    const end = segment.first + segment.items.length;
    const isLast = end === items.length;
    return {
      ...segment,
      links: links.filter(({ to }) => (to >= segment.first && to < end) || (isLast && to >= end)),
    };
  });
}

/** One segment: by itself where it is one item, else by dagre, with a point for what comes in and one for what goes out. */
function arrangeSegment({ items, first, links }: Segment, sizeOf: (item: Item) => Size): Level {
  const [only] = items;
  if (items.length === 1 && only) {
    const { width, height } = sizeOf(only);
    const [inward] = links.filter(({ to }) => to === first);
    const [outward] = links.filter(({ to }) => to > first);
    const edges: Line[] = [];
    if (inward) edges.push({ from: inward.source, to: inward.target, points: [[width / 2, 0], [width / 2, RANK_GAP]] }); // biome-ignore format: short
    if (outward) edges.push({ from: outward.source, to: null, points: [[width / 2, RANK_GAP + height], [width / 2, RANK_GAP + height + RANK_GAP]] }); // biome-ignore format: short
    const above = inward ? RANK_GAP : 0;
    const place = { item: only, x: 0, y: above, width, height };
    return {
      width,
      height: above + height + (outward ? RANK_GAP : 0),
      places: [place],
      edges:
        above > 0
          ? edges
          : edges.map((edge) => ({ ...edge, points: edge.points.map(([x, y]) => [x, y - RANK_GAP] as const) })),
      entry: width / 2,
      exit: width / 2,
    };
  }
  const sizes = items.map(sizeOf);
  const end = first + items.length;
  // Counted from the segment's first item: equal blocks of a network are arranged once.
  const pairs = links.map(({ from, to }) => [from < first ? IN : from - first, to >= end ? OUT : to - first] as const);
  const { centres, routes, width, height } = byDagre(sizes, pairs);
  const places = items.map((item, index) => {
    const size = sizes[index] as Size;
    const [x, y] = centres.get(index) ?? [0, 0];
    return { item, x: x - size.width / 2, y: y - size.height / 2, ...size };
  });
  const edges = links.map((link, index): Line => ({ from: link.source, to: link.target, points: routes[index] ?? [] }));
  const last = places.at(-1);
  return {
    width,
    height,
    places,
    edges,
    entry: centres.get(IN)?.[0] ?? centres.get(0)?.[0] ?? 0,
    exit: centres.get(OUT)?.[0] ?? (last ? last.x + last.width / 2 : width / 2),
  };
}

const IN = -1;
const OUT = -2;

interface Routed extends Size {
  /** By the item's place in its segment, and of what comes in and goes out. */
  readonly centres: ReadonlyMap<number, Point>;
  /** One a link, from the bottom of where it comes from to the top of where it goes. */
  readonly routes: readonly (readonly Point[])[];
}

const routed = new Map<string, Routed>();
/** Arrangements of earlier networks that are kept. */
const MOST_ROUTED = 500;

function byDagre(sizes: readonly Size[], links: readonly (readonly [from: number, to: number])[]): Routed {
  const key = JSON.stringify([sizes, links]);
  const known = routed.get(key);
  if (known) return known;
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', ranksep: RANK_GAP, nodesep: NODE_GAP, edgesep: 14, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [index, size] of sizes.entries()) graph.setNode(String(index), { ...size });
  const sizeOf = (place: number): Size => sizes[place] ?? { width: 0, height: 0 };
  for (const [from, to] of links) {
    for (const port of [from, to]) if (!graph.hasNode(String(port))) graph.setNode(String(port), { ...sizeOf(port) });
    graph.setEdge(String(from), String(to), {});
  }
  layoutGraph(graph);
  const centres = new Map<number, Point>();
  for (const name of graph.nodes()) {
    const { x = 0, y = 0 } = graph.node(name) as { x?: number; y?: number };
    centres.set(Number(name), [x, y]);
  }
  const end = (place: number, half: number): Point => {
    const [x, y] = centres.get(place) ?? [0, 0];
    return [x, y + half * sizeOf(place).height];
  };
  const routes = links.map(([from, to]) => {
    const { points = [] } = graph.edge(String(from), String(to)) as { points?: { x: number; y: number }[] };
    // dagre meets a card where the straight line does; the drawing's lines go from bottom to top.
    return [end(from, 0.5), ...points.slice(1, -1).map(({ x, y }): Point => [x, y]), end(to, -0.5)];
  });
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  const found = { centres, routes, width, height };
  if (routed.size >= MOST_ROUTED) routed.clear();
  routed.set(key, found);
  return found;
}

/** Segments below each other, the line going straight from one to the next. */
function stack(levels: readonly Level[]): Level {
  const places: ItemPlace[] = [];
  const edges: Line[] = [];
  let [y, line, left, right] = [0, 0, 0, 0];
  const [entry] = levels.map((level) => level.entry);
  line = entry ?? 0;
  for (const level of levels) {
    const x = line - level.entry;
    for (const place of level.places) places.push({ ...place, x: place.x + x, y: place.y + y });
    for (const edge of level.edges)
      edges.push({ ...edge, points: edge.points.map(([px, py]) => [px + x, py + y] as const) });
    left = Math.min(left, x);
    right = Math.max(right, x + level.width);
    line = x + level.exit;
    y += level.height;
  }
  return shifted({ width: right - left, height: y, places, edges, entry: entry ?? 0, exit: line }, -left, 0);
}

const shifted = (level: Level, x: number, y: number): Level => ({
  ...level,
  entry: level.entry + x,
  exit: level.exit + x,
  places: level.places.map((place) => ({ ...place, x: place.x + x, y: place.y + y })),
  edges: level.edges.map((edge) => ({ ...edge, points: edge.points.map(([px, py]) => [px + x, py + y] as const) })),
});

/** With room for a frame around it, and the line in the middle. */
function framed(level: Level): Level {
  const half = Math.max(level.entry, level.width - level.entry) + FRAME_PADDING;
  const inner = shifted(level, half - level.entry, FRAME_HEAD);
  return {
    ...inner,
    width: 2 * half,
    height: level.height + FRAME_HEAD + (level.edges.some(({ to }) => to === null) ? 0 : FRAME_PADDING),
    edges: inner.edges.map((edge) =>
      edge.from === null ? { ...edge, points: [[half, 0] as const, ...edge.points] } : edge,
    ),
    entry: half,
    exit: half,
  };
}

/** Puts what is inside of the level's frames into them. */
function unfold(level: Level, inside: ReadonlyMap<GroupItem, Level>): Level {
  const places: ItemPlace[] = [];
  const edges = [...level.edges];
  for (const place of level.places) {
    places.push(place);
    const content = place.item.type === 'group' ? inside.get(place.item) : undefined;
    if (!content) continue;
    const at = shifted(content, place.x, place.y);
    places.push(...at.places);
    edges.push(...at.edges);
  }
  return { ...level, places, edges };
}
