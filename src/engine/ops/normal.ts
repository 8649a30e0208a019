/**
 * Φ(x), the probability that a normal number is below x, to about 1e-16 absolute and with full relative precision in the
 * lower tail: the power series of erf near 0, the continued fraction of erfc beyond (Abramowitz & Stegun 7.1.6, 7.1.14).
 */
export function normalBelow(x: number): number {
  if (Number.isNaN(x)) return x;
  const z = Math.abs(x) / Math.SQRT2;
  if (z < SERIES_BELOW) return 0.5 + (Math.sign(x) * errorFunctionSeries(z)) / 2;
  const tail = complementFraction(z) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** Where the series would need more terms than the fraction. */
const SERIES_BELOW = 2;

/** erf z = 2/√π · e^(−z²) · Σ 2ⁿ z^(2n + 1)/(1·3·…·(2n + 1)). */
function errorFunctionSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; term > sum * Number.EPSILON; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

/** Terms that give full precision from {@link SERIES_BELOW} on. */
const FRACTION_TERMS = 60;

/** erfc z = e^(−z²)/√π · 1/(z + (1/2)/(z + 1/(z + (3/2)/(z + …)))). */
function complementFraction(z: number): number {
  let denominator = z;
  for (let n = FRACTION_TERMS; n >= 1; n--) denominator = z + n / 2 / denominator;
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / denominator;
}

/** √(2/π), and how much of x³ goes into the approximation of Φ that gelu may use. */
export const GELU_SCALE = Math.sqrt(2 / Math.PI);
export const GELU_CUBIC = 0.044715;
