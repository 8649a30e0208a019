import type { Layer, Network } from '../network/network.js';
import type { Imported } from './format.js';

/**
 * Puts the layers of an imported network into the order in which a person writes them: branch after branch, each whole, then
 * the merge; of two branches that are added the longer first, of two that are multiplied the shorter. What it computes stays
 * the same.
 */
export function tidy({ network, weights, report }: Imported): Imported {
  const layers = network.layers.map((layer) => withOrderedInputs(layer, network.layers));
  const order = depthFirst(layers);
  const place = new Map(order.map((index, at) => [index, at]));
  const at = (index: number) => place.get(index) as number;
  const ordered = order.map((index) => {
    const layer = layers[index] as Layer;
    return { ...layer, inputs: layer.inputs.map(at) } as Layer;
  });
  const structure = { ...network.structure, children: ordered.map((_, index) => index) };
  return {
    network: { ...network, layers: ordered, structure } satisfies Network,
    weights,
    report: report.map((node) => ({
      ...node,
      layers: node.layers.map(at),
      ...(node.before !== undefined && { before: place.get(node.before) ?? ordered.length }),
    })),
  };
}

/** The layers that nothing reads, one after the other, each after all that it depends on. */
function depthFirst(layers: readonly Layer[]): readonly number[] {
  const read = new Set(layers.flatMap(({ inputs }) => inputs));
  const order: number[] = [];
  const done = new Set<number>();
  const visit = (end: number) => {
    // Without recursion: networks may be ten thousands of layers deep.
    const stack = [{ index: end, next: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { index: number; next: number };
      const inputs = layers[top.index]?.inputs ?? [];
      const input = inputs[top.next++];
      if (input !== undefined) {
        if (!done.has(input)) stack.push({ index: input, next: 0 });
      } else {
        stack.pop();
        if (!done.has(top.index)) order.push(top.index);
        done.add(top.index);
      }
    }
  };
  visit(0);
  for (const index of layers.keys()) if (!read.has(index)) visit(index);
  return order;
}

/** Addition and multiplication of two are the same either way round. */
function withOrderedInputs(layer: Layer, layers: readonly Layer[]): Layer {
  const [a, b, third] = layer.inputs;
  if ((layer.kind !== 'add' && layer.kind !== 'multiply') || a === undefined || b === undefined || third !== undefined)
    return layer;
  // The later of the two has more layers between itself and where they part, or is not an end of it at all.
  const longerFirst = depthOf(a, b, layers) >= depthOf(b, a, layers);
  return (layer.kind === 'add') === longerFirst ? layer : ({ ...layer, inputs: [b, a] } as Layer);
}

/** How many layers lie on the way up from `index`, along first inputs, to what `other` depends on, too. */
function depthOf(index: number, other: number, layers: readonly Layer[]): number {
  const others = new Set<number>();
  for (let at: number | undefined = other; at !== undefined && others.size < 200; at = layers[at]?.inputs[0])
    others.add(at);
  let depth = 0;
  for (let at: number | undefined = index; at !== undefined && depth < 200; at = layers[at]?.inputs[0]) {
    if (others.has(at)) return depth;
    depth++;
  }
  return depth;
}
