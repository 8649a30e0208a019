import type { Window, WindowAxis } from './window.js';

/** At most two decimals: `2.33`, `5.5`, `28`. */
export const decimals = (value: number): string => String(Math.round(value * 100) / 100);

/** `138,357,544` */
export const grouped = (value: number): string => value.toLocaleString('en-US');

const paddingTerm = ({ before, after }: WindowAxis): string => {
  if (before === 0 && after === 0) return '';
  return before === after ? ` + 2·${before}` : ` + ${before} + ${after}`;
};

const kernelTerm = ({ kernel, dilation }: WindowAxis): string =>
  dilation === 1 ? ` − ${kernel}` : ` − ${dilation}·(${kernel} − 1) − 1`;

/** `(7 + 2·1 − 3)/2 + 1 = 4`: the output size along an axis, worked out (not rounded). */
export const axisArithmetic = (axis: WindowAxis): string =>
  `(${axis.input}${paddingTerm(axis)}${kernelTerm(axis)})/${axis.stride} + 1 = ${decimals(axis.exact)}`;

const sameArithmetic = (a: WindowAxis, b: WindowAxis): boolean => axisArithmetic(a) === axisArithmetic(b);

/** The arithmetic of both axes, once where they agree; `only` leaves out an axis that is of no interest. */
export function windowArithmetic({ y, x }: Window, only: (axis: WindowAxis) => boolean = () => true): string {
  if (sameArithmetic(y, x)) return axisArithmetic(y);
  const lines: string[] = [];
  if (only(y)) lines.push(`height ${axisArithmetic(y)}`);
  if (only(x)) lines.push(`width ${axisArithmetic(x)}`);
  return lines.join(', ');
}
