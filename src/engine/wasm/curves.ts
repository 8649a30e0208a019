import type { FunctionBuilder, Local } from './assembler.js';

/** Functions that need powers of e, of a vector in a local. NaN stays NaN. */

/** ln 2 in two parts, so that n·ln 2 loses no bits (Cody & Waite). */
const LN2 = [0.693359375, -2.1219444005469057e-4] as const;

/** (eˣ − 1 − x)/x² near 0 (Moshier, Cephes: expf). */
const EXPONENTIAL = [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5] as const;

/** (tanh x − x)/x³ as a polynomial in x² (Moshier, Cephes: tanhf), for numbers below {@link SMALL}. */
const HYPERBOLIC = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
] as const;
const SMALL = 0.625;

/** ln(erfc z/t) + z² in powers of t = 1/(1 + z/2), of erfc to 1.2e-7 also in its tail (Press et al., Numerical Recipes). */
const COMPLEMENT = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  -1.26551223,
] as const;

/** Pushes c₀xⁿ + c₁xⁿ⁻¹ + … by Horner's rule. */
function polynomial(code: FunctionBuilder, coefficients: readonly number[], x: Local): FunctionBuilder {
  const [first = 0, ...others] = coefficients;
  code.constant(first);
  for (const coefficient of others) code.get(x).vector('multiply').constant(coefficient).vector('add');
  return code;
}

/** x = eˣ, within the range of float32: beyond it the smallest and largest powers. */
export function exponential(code: FunctionBuilder, x: Local): void {
  const [n, square] = code.locals('v128', 2) as [Local, Local];
  code.get(x).constant(88.37).vector('pseudoMin').constant(-87.33).vector('pseudoMax').set(x);
  code.get(x).constant(Math.LOG2E).vector('multiply').vector('nearest').set(n);
  for (const part of LN2) code.get(x).get(n).constant(part).vector('multiply').vector('subtract').set(x);
  code.get(x).get(x).vector('multiply').set(square);
  polynomial(code, EXPONENTIAL, x).get(square).vector('multiply').get(x).vector('add').constant(1).vector('add');
  // 2ⁿ: n is the exponent, above the 23 bits of the fraction.
  code.get(n).vector('truncate').integers(127).vector('integerAdd').i32(23).vector('shiftLeft');
  code.vector('multiply').set(x);
}

/** x = 1/(1 + e⁻ˣ). */
export function logistic(code: FunctionBuilder, x: Local): void {
  code.constant(0).get(x).vector('subtract').set(x);
  exponential(code, x);
  code.constant(1).constant(1).get(x).vector('add').vector('divide').set(x);
}

/** x = tanh x: near 0 a polynomial, where 1 − 2/(e²ˣ + 1) would lose bits. */
export function hyperbolicTangent(code: FunctionBuilder, x: Local): void {
  const [square, small, large] = code.locals('v128', 3) as [Local, Local, Local];
  code.get(x).get(x).vector('multiply').set(square);
  polynomial(code, HYPERBOLIC, square).get(square).vector('multiply').get(x).vector('multiply').get(x).vector('add');
  code.set(small);
  code.get(x).get(x).vector('add').set(large);
  exponential(code, large);
  code.constant(1).constant(2).get(large).constant(1).vector('add').vector('divide').vector('subtract').set(large);
  code.get(small).get(large).constant(SMALL).get(x).vector('absolute').vector('greater').vector('bitselect').set(x);
}

/** x = eˣ − 1 = tanh(x/2)·(eˣ + 1), which loses no bits near 0. */
export function exponentialMinusOne(code: FunctionBuilder, x: Local): void {
  const half = code.local('v128');
  code.get(x).constant(0.5).vector('multiply').set(half);
  hyperbolicTangent(code, half);
  exponential(code, x);
  code.get(x).constant(1).vector('add').get(half).vector('multiply').set(x);
}

/** x = Φ(x), the probability that a normal number is below x. */
export function normalBelow(code: FunctionBuilder, x: Local): void {
  const [t, tail] = code.locals('v128', 2) as [Local, Local];
  code
    .constant(1)
    .get(x)
    .vector('absolute')
    .constant(Math.SQRT1_2 / 2)
    .vector('multiply')
    .constant(1)
    .vector('add');
  code.vector('divide').set(t);
  polynomial(code, COMPLEMENT, t).get(x).get(x).vector('multiply').constant(0.5).vector('multiply');
  code.vector('subtract').set(tail);
  exponential(code, tail);
  // Half of erfc: the smaller of both probabilities.
  code.get(tail).get(t).vector('multiply').constant(0.5).vector('multiply').set(tail);
  code.constant(1).get(tail).vector('subtract').get(tail);
  code.get(x).constant(0).vector('greater').vector('bitselect').set(x);
}
