import { type Constant, readTensor } from './constant.js';
import { isConstant, type Node, type OnnxNet } from './net.js';

/** Sizes that exporters work out in the graph: operators whose inputs are all constant are computed here. */

/** More is no list of sizes. */
const MOST_NUMBERS = 4096;

/** Inputs that are left out are undefined. */
type Folder = (node: Node, inputs: readonly (Constant | undefined)[]) => Constant | undefined;

const list = (values: ArrayLike<number>, dims: readonly number[] = [values.length]): Constant => ({
  dims,
  values: Float64Array.from(values),
});

const elementwise =
  (operation: (a: number, b: number) => number): Folder =>
  (_, [a, b]) => {
    if (!a?.values || !b?.values) return undefined;
    const [left, right] = [a.values, b.values];
    const [long, dims] = left.length >= right.length ? [left, a.dims] : [right, b.dims];
    if (left.length !== long.length && left.length !== 1) return undefined;
    if (right.length !== long.length && right.length !== 1) return undefined;
    const at = (values: ArrayLike<number>, i: number) => values[values.length === 1 ? 0 : i] as number;
    return list(
      Array.from(long, (_, i) => operation(at(left, i), at(right, i))),
      dims,
    );
  };

const folders: Readonly<Record<string, Folder>> = {
  Add: elementwise((a, b) => a + b),
  Sub: elementwise((a, b) => a - b),
  Mul: elementwise((a, b) => a * b),
  // Sizes are whole numbers, and divide as such.
  Div: elementwise((a, b) => (Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b)),
  Gather: (node, [data, indices]) => {
    if (!data?.values || !indices?.values || data.dims.length !== 1 || node.number('axis', 0) !== 0) return undefined;
    const { values } = data;
    const picked = Array.from(indices.values, (i) => values.at(i));
    return picked.some((value) => value === undefined) ? undefined : list(picked as number[], indices.dims);
  },
  Concat: (_, inputs) =>
    inputs.every((input) => input?.values && input.dims.length === 1)
      ? list(inputs.flatMap((input) => [...(input?.values ?? [])]))
      : undefined,
  Unsqueeze: (_, [data]) => (data?.values?.length === 1 ? list(data.values, [1]) : undefined),
  Squeeze: (_, [data]) => (data?.values?.length === 1 ? list(data.values, []) : undefined),
  /** Along the first axis, forwards or backwards. */
  Slice: (node, [data, starts, ends, axes, steps]) => {
    const [from, second] = node.numbers('starts') ?? starts?.values ?? [];
    const [to] = node.numbers('ends') ?? ends?.values ?? [];
    const [axis = 0] = node.numbers('axes') ?? axes?.values ?? [];
    const step = steps?.values?.[0] ?? 1;
    const [length, ...rest] = data?.dims ?? [];
    if (!data?.values || length === undefined || from === undefined || to === undefined || step === 0) return undefined;
    if (second !== undefined || (axis !== 0 && axis !== -data.dims.length)) return undefined;
    const backwards = step < 0 ? 1 : 0;
    const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, -backwards), length - backwards);
    const rows: number[] = [];
    for (let row = clamp(from), end = clamp(to); step > 0 ? row < end : row > end; row += step) rows.push(row);
    const size = rest.reduce((product, dim) => product * dim, 1);
    const { values } = data;
    const picked = rows.flatMap((row) => [...values.slice(row * size, (row + 1) * size)]);
    return list(picked, [rows.length, ...rest]);
  },
  ConstantOfShape: (node, [shape]) => {
    const dims = [...(shape?.values ?? [])];
    const size = dims.reduce((product, dim) => product * dim, 1);
    if (!shape?.values || !(size <= MOST_NUMBERS)) return undefined;
    const value = node.attribute('value');
    return list(new Array<number>(size).fill(value ? (readTensor(value.message('t'), []).values?.[0] ?? 0) : 0), dims);
  },
  /** A matrix of weights is turned round. */
  Transpose: (node, [data]) => {
    const [rows = 0, columns = 0] = data?.dims ?? [];
    if (data?.dims.length !== 2 || node.numbers('perm')?.join() === '0,1') return undefined;
    if (!data.values) return { dims: [columns, rows], values: null };
    const values = new Float32Array(data.values.length);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        values[column * rows + row] = data.values[row * columns + column] as number;
    return { dims: [columns, rows], values };
  },
  Cast: (_, [data]) => data,
  Identity: (_, [data]) => data,
  Floor: (_, [data]) => (data?.values ? list(data.values.map(Math.floor), data.dims) : undefined),
  Reshape: (_, [data, shape]) => {
    const size = data?.values?.length;
    if (!data || size === undefined || !shape?.values) return undefined;
    // A length of 0 is that of before.
    const dims = [...shape.values].map((dim, i) => (dim === 0 ? (data.dims[i] ?? 0) : dim));
    const known = dims.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
    return { ...data, dims: dims.map((dim) => (dim === -1 ? size / known : dim)) };
  },
};

/** What an operator of constants gives, or the sizes that `Shape` tells; undefined for all others. */
export function foldConstants(node: Node, net: OnnxNet): Constant | undefined {
  if (node.op === 'Shape') {
    const value = net.value(node);
    const dims = isConstant(value) ? value.dims : [net.batch, ...value.dims];
    return list(dims.slice(node.number('start', 0), node.number('end', dims.length)));
  }
  if (!Object.hasOwn(folders, node.op)) return undefined;
  const inputs = node.inputs.map((name, i) => (name === '' ? undefined : net.value(node, i)));
  const constants = inputs.filter((input) => input === undefined || isConstant(input));
  if (inputs[0] === undefined || constants.length < inputs.length) return undefined;
  const passesOn = ['Identity', 'Cast', 'Transpose'].includes(node.op);
  if (!passesOn && constants.some((input) => (input?.values?.length ?? 0) > MOST_NUMBERS)) return undefined;
  return folders[node.op]?.(node, constants);
}
