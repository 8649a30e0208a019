import type { TransposedAxis, Window, WindowAxis } from './window.js';

/** At most two decimals: `2.33`, `5.5`, `28`; more where two would make a fraction look whole: `5.003`. */
export function decimals(value: number): string {
  let text = '';
  for (let digits = 2; digits <= 12; digits++) {
    text = String(Number(value.toFixed(digits)));
    if (text.includes('.') || Number.isInteger(value)) break;
  }
  return text.replace('-', '−');
}

export const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** `138,357,544` */
export const grouped = (value: number): string => value.toLocaleString('en-US');

/** The prefix is chosen after rounding: 999,999 is `1 M`, not `1000 k`. */
function scaledBy(value: number, base: number, units: readonly string[], digits: number): string {
  let rounded = Number(value.toFixed(digits));
  let power = 0;
  while (rounded >= base && power < units.length - 1) {
    power++;
    rounded = Number((value / base ** power).toFixed(digits));
  }
  return `${rounded} ${units[power]}`;
}

const decimalPrefixes = ['', 'k', 'M', 'G', 'T', 'P'];

/** `138.36 M`, `15.47 G`, `760`: for people to read. */
export const scaled = (value: number): string => scaledBy(value, 1000, decimalPrefixes, 2).trimEnd();

/** `15.47 GMACs`: multiply–accumulates; one is two floating-point operations. */
export const formatMacs = (macs: number): string => `${scaledBy(macs, 1000, decimalPrefixes, 2)}MACs`;

/** `18.4 KiB` */
export const formatBytes = (bytes: number): string =>
  scaledBy(bytes, 1024, ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 1);

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

/** `(7 − 1)·2 + 3 − 2·1 = 13`: the output size of a transposed convolution along an axis, worked out. */
export function transposedArithmetic({
  input,
  kernel,
  stride,
  dilation,
  before,
  after,
  extra,
  output,
}: TransposedAxis): string {
  const extent = dilation === 1 ? `${kernel}` : `${dilation}·(${kernel} − 1) + 1`;
  const cut = before === 0 && after === 0 ? '' : before === after ? ` − 2·${before}` : ` − ${before} − ${after}`;
  return `(${input} − 1)·${stride} + ${extent}${cut}${extra === 0 ? '' : ` + ${extra}`} = ${decimals(output)}`;
}
