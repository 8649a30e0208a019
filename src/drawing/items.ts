import type { Group, Network } from '../network/network.js';

/** What a drawing shows at one level: layers, and blocks or repeats, which may be folded to one card. */
export type Item = LayerItem | GroupItem;

interface LayerItem {
  readonly type: 'layer';
  readonly layer: number;
}

export interface GroupItem {
  readonly type: 'group';
  /** Tells groups of a network apart; stays through edits of other lines. */
  readonly key: string;
  readonly label: string;
  readonly isFolded: boolean;
  /** The layers inside, in order. */
  readonly layers: readonly number[];
  readonly items: readonly Item[];
}

/** Whether a group is folded: by its key, its depth (0 is outermost) and the layers inside. */
export type IsFolded = (key: string, depth: number, layers: readonly number[]) => boolean;

const titles: Readonly<Record<Group['kind'], (group: Group) => string>> = {
  network: () => '',
  // Branches are what the drawing shows anyway.
  branches: () => '',
  branch: () => '',
  condition: () => '',
  block: ({ label, name }) => label || name,
  repeat: ({ children }) => `repeat ${children.length}`,
  iteration: ({ name }) => name,
};

/** The items of a network's outermost level. */
export function itemsOf({ structure }: Network, isFolded: IsFolded): readonly Item[] {
  const visit = (group: Group, path: string, depth: number): Item[] =>
    group.children.flatMap((child, index): Item[] => {
      if (typeof child === 'number') return [{ type: 'layer', layer: child }];
      const key = `${path}/${child.name || index}`;
      const label = titles[child.kind](child);
      const layers = layersIn(child);
      // What holds one layer or none needs no card around it.
      if (!label || layers.length < 2) return visit(child, key, depth);
      const items = visit(child, key, depth + 1);
      return [{ type: 'group', key, label, isFolded: isFolded(key, depth, layers), layers, items }];
    });
  return visit(structure, '', 0);
}

const layersIn = ({ children }: Group): number[] =>
  children.flatMap((child) => (typeof child === 'number' ? [child] : layersIn(child)));

export const layersOf = (item: Item): readonly number[] => (item.type === 'layer' ? [item.layer] : item.layers);
