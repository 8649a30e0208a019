import type { Group, Network } from '../network/network.js';

/** One line of the list of layers: a layer, or the head of a block, repeat or branch with what is inside indented below. */
export type Row =
  | { readonly type: 'layer'; readonly layer: number; readonly depth: number }
  | { readonly type: 'group'; readonly title: string; readonly key: string; readonly depth: number };

const branchTitle = (index: number, group: Group): string =>
  group.children.length === 0 ? `branch ${index} (identity)` : `branch ${index}`;

function titleOf(group: Group, branch: number): string {
  switch (group.kind) {
    case 'network':
    case 'condition':
      return '';
    case 'block':
      return group.label || group.name;
    case 'branch':
      return branchTitle(branch, group);
    case 'iteration':
      return group.name;
    case 'repeat':
      return `repeat ${group.children.length}`;
    case 'branches':
      return '';
  }
}

/** The network's tree as lines, in order. A group without a title of its own does not indent. */
export function rowsOf(network: Network): readonly Row[] {
  const rows: Row[] = [];
  const visit = (group: Group, depth: number, key: string, branch: number) => {
    const title = titleOf(group, branch);
    if (title) rows.push({ type: 'group', title, key, depth });
    const inside = title ? depth + 1 : depth;
    let branches = 0;
    for (const [index, child] of group.children.entries()) {
      if (typeof child === 'number') rows.push({ type: 'layer', layer: child, depth: inside });
      else visit(child, inside, `${key}/${index}`, child.kind === 'branch' ? ++branches : 0);
    }
  };
  visit(network.structure, 0, '', 0);
  return rows;
}
