import { Message } from '../protobuf/message.js';
import { Node } from './net.js';

/** Activation functions that exporters write out in small steps are put together again, where nothing else reads the steps. */

/** x · f(x), by f. */
const weighted: Readonly<Record<string, string>> = { Sigmoid: 'Swish', HardSigmoid: 'HardSwish' };

export function fuse(nodes: readonly Node[], readersOf: (name: string) => number): readonly Node[] {
  const makers = new Map<string, Node>();
  for (const node of nodes) for (const output of node.outputs) makers.set(output, node);
  const gone = new Set<Node>();
  const replaced = new Map<Node, Node>();
  const makerOf = (name: string | undefined): Node | undefined => {
    const maker = name === undefined ? undefined : makers.get(name);
    return maker && readersOf(name ?? '') === 1 ? maker : undefined;
  };
  for (const node of nodes) {
    if (node.op !== 'Mul' || node.inputs.length !== 2) continue;
    for (const [x, other] of [node.inputs, [...node.inputs].reverse()] as [string, string][]) {
      const factor = makerOf(other);
      const kind = factor && weighted[factor.op];
      if (!factor || !kind || factor.inputs[0] !== x) continue;
      const isSixth = Math.abs(factor.number('alpha', 0.2) - 1 / 6) < 1e-6 && factor.number('beta', 0.5) === 0.5;
      if (kind === 'HardSwish' && !isSixth) continue;
      gone.add(factor);
      replaced.set(node, asNode(kind, x, node));
      break;
    }
  }
  return nodes.filter((node) => !gone.has(node)).map((node) => replaced.get(node) ?? node);
}

/** An operator of one input in place of another. */
function asNode(op: string, input: string, place: Node): Node {
  const message = new Message(place.message.where);
  message.append('op_type', op);
  message.append('name', place.name);
  message.append('input', input);
  for (const output of place.outputs) message.append('output', output);
  return new Node(message);
}
