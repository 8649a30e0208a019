import { Message } from '../protobuf/message.js';
import { Node } from './net.js';

/** Layers that exporters write out in small steps are put together again, where nothing else reads the steps. */

/** One operator in place of several: of the inputs named, with numbers for attributes. */
interface Fused {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly numbers?: Readonly<Record<string, number>>;
  /** What was the steps before the last. */
  readonly gone: readonly Node[];
}

/** What is asked about a graph to find a layer in it. */
class Steps {
  private readonly makers = new Map<string, Node>();

  constructor(
    nodes: readonly Node[],
    private readonly readersOf: (name: string) => number,
    /** The only number of a constant; undefined for what is none. */
    readonly number: (name: string) => number | undefined,
  ) {
    for (const node of nodes) for (const output of node.outputs) this.makers.set(output, node);
  }

  /** What makes a value that so many operators read, where it is one of these operators. */
  maker(name: string | undefined, op: string, readers = 1): Node | undefined {
    const maker = this.makers.get(name ?? '');
    return maker?.op === op && maker.outputs.length === 1 && this.readersOf(name ?? '') === readers ? maker : undefined;
  }

  /** The other input of an operator of two, of which one is this number. */
  besides(node: Node | undefined, expected: number): string | undefined {
    const [a = '', b = ''] = node?.inputs ?? [];
    const is = (name: string) => Math.abs((this.number(name) ?? Number.NaN) - expected) < 1e-4 * Math.abs(expected);
    return node?.inputs.length !== 2 ? undefined : is(a) ? b : is(b) ? a : undefined;
  }

  /** An operator's inputs, both ways round. */
  pairs({ inputs: [a, b] }: Node): readonly (readonly [string, string])[] {
    return a === undefined || b === undefined
      ? []
      : [
          [a, b],
          [b, a],
        ];
  }
}

type Rule = (node: Node, steps: Steps) => Fused | undefined;

/** x · f(x), by f. */
const weighted: Readonly<Record<string, string>> = { Sigmoid: 'Swish', HardSigmoid: 'HardSwish' };

const swish: Rule = (node, steps) => {
  if (node.op !== 'Mul') return undefined;
  for (const [x, other] of steps.pairs(node))
    for (const [op, kind] of Object.entries(weighted)) {
      const factor = steps.maker(other, op);
      if (factor?.inputs[0] !== x) continue;
      const isSixth = Math.abs(factor.number('alpha', 0.2) - 1 / 6) < 1e-6 && factor.number('beta', 0.5) === 0.5;
      if (kind !== 'HardSwish' || isSixth) return { op: kind, inputs: [x], gone: [factor] };
    }
  return undefined;
};

/** x · tanh(softplus(x)). */
const mish: Rule = (node, steps) => {
  if (node.op !== 'Mul') return undefined;
  for (const [x, other] of steps.pairs(node)) {
    const tanh = steps.maker(other, 'Tanh');
    const softplus = steps.maker(tanh?.inputs[0], 'Softplus');
    if (tanh && softplus?.inputs[0] === x) return { op: 'Mish', inputs: [x], gone: [tanh, softplus] };
  }
  return undefined;
};

/** x / (1 + |x|). */
const softsign: Rule = (node, steps) => {
  if (node.op !== 'Div') return undefined;
  const [x, divisor] = node.inputs;
  const plus = steps.maker(divisor, 'Add');
  const size = steps.maker(steps.besides(plus, 1), 'Abs');
  return plus && size && size.inputs[0] === x && x !== undefined
    ? { op: 'Softsign', inputs: [x], gone: [size, plus] }
    : undefined;
};

/** x · ½ · (1 + erf(x/√2)), multiplied in any order. */
const gelu: Rule = (node, steps) => {
  if (node.op !== 'Mul') return undefined;
  for (const [first, second] of steps.pairs(node)) {
    const inner = steps.maker(first, 'Mul');
    if (!inner) continue;
    // (a · b) · second: one of the three is ½, one the sum, one x.
    for (const [a, b] of steps.pairs(inner))
      for (const [half, sum, x] of [
        [second, a, b],
        [a, second, b],
        [a, b, second],
      ] as const) {
        if (steps.number(half) !== 0.5) continue;
        const plus = steps.maker(sum, 'Add');
        const erf = steps.maker(steps.besides(plus, 1), 'Erf');
        const divided = steps.maker(erf?.inputs[0], 'Div');
        const scaled = divided ?? steps.maker(erf?.inputs[0], 'Mul');
        const inside = divided
          ? Math.abs((steps.number(divided.inputs[1] ?? '') ?? 0) - Math.SQRT2) < 1e-4
            ? divided.inputs[0]
            : undefined
          : steps.besides(scaled, Math.SQRT1_2);
        if (plus && erf && scaled && inside === x) return { op: 'Gelu', inputs: [x], gone: [inner, plus, erf, scaled] };
      }
  }
  return undefined;
};

/** (x − mean) / √(variance + ε) · scale + shift, over one axis alone, where ONNX's own goes to the last. */
const layerNorm: Rule = (node, steps) => {
  if (node.op !== 'Add') return undefined;
  for (const [scaled, shift] of steps.pairs(node)) {
    const product = steps.maker(scaled, 'Mul');
    for (const [normal, scale] of product ? steps.pairs(product) : []) {
      const quotient = steps.maker(normal, 'Div');
      const root = steps.maker(quotient?.inputs[1], 'Sqrt');
      const variance = steps.maker(root?.inputs[0], 'Add');
      const centred = steps.maker(quotient?.inputs[0], 'Sub', 2);
      const mean = steps.maker(centred?.inputs[1], 'ReduceMean');
      if (!product || !quotient || !root || !variance || !centred || !mean) continue;
      for (const [average, constant] of steps.pairs(variance)) {
        const epsilon = steps.number(constant);
        const squares = steps.maker(average, 'ReduceMean');
        const square = steps.maker(squares?.inputs[0], 'Pow');
        const isSquare = square?.inputs[0] === quotient.inputs[0] && steps.number(square?.inputs[1] ?? '') === 2;
        const [x] = centred.inputs;
        const axes = [mean, squares].map((node) => node?.numbers('axes')?.join());
        const isRead = mean.inputs[0] === x && axes[0] !== undefined && axes[0] === axes[1];
        if (epsilon === undefined || !squares || !square || !isSquare || !isRead || x === undefined) continue;
        const [axis, second] = mean.numbers('axes') ?? [];
        const keeps = [mean, squares].every((node) => node.number('keepdims', 1) === 1);
        if (axis === undefined || second !== undefined || !keeps) continue;
        return {
          op: 'LayerNormalization',
          inputs: [x, scale, shift],
          numbers: { axis, epsilon, alone: 1 },
          gone: [mean, centred, square, squares, variance, root, quotient, product],
        };
      }
    }
  }
  return undefined;
};

const rules: readonly Rule[] = [swish, mish, softsign, gelu, layerNorm];

/** `number` is the only number of a constant, undefined for what is none. */
export function fuse(
  nodes: readonly Node[],
  readersOf: (name: string) => number,
  number: (name: string) => number | undefined,
): readonly Node[] {
  const steps = new Steps(nodes, readersOf, number);
  const gone = new Set<Node>();
  const replaced = new Map<Node, Node>();
  for (const node of nodes)
    for (const rule of rules) {
      const fused = rule(node, steps);
      if (!fused || fused.gone.some((step) => gone.has(step))) continue;
      for (const step of fused.gone) gone.add(step);
      replaced.set(node, asNode(fused, node));
      break;
    }
  return nodes.filter((node) => !gone.has(node)).map((node) => replaced.get(node) ?? node);
}

/** What was fused, in place of its last step. */
function asNode({ op, inputs, numbers = {} }: Fused, place: Node): Node {
  const message = new Message(place.message.where);
  message.append('op_type', op);
  message.append('name', place.name);
  for (const input of inputs) message.append('input', input);
  for (const output of place.outputs) message.append('output', output);
  for (const [name, value] of Object.entries(numbers)) {
    const attribute = new Message(place.message.where);
    attribute.append('name', name);
    attribute.append('f', value);
    message.append('attribute', attribute);
  }
  return new Node(message);
}
