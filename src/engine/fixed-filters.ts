/** Filters nobody learned: the ops of the classical pipelines use them, and convolutions may start as them. */

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** The values of a function of the distance from the middle (x right, y down), row by row, height × width. */
export const sampled = (height: number, width: number, value: (x: number, y: number) => number): Float64Array =>
  Float64Array.from({ length: height * width }, (_, i) =>
    value((i % width) - (width - 1) / 2, Math.floor(i / width) - (height - 1) / 2),
  );

/**
 * e^(−x²/2σ²) over the middle of `size` places, scaled to sum to 1. The product of two of them, across and down, is the bell
 * curve over a plane.
 */
export function gaussianBell(sigma: number, size: number): Float64Array {
  const bell = sampled(1, size, (x) => Math.exp(-(x * x) / (2 * sigma * sigma)));
  const total = sum(bell);
  return bell.map((weight) => weight / total);
}

/** The bell curve over a plane of height × width, row by row; sums to 1. */
export function gaussianFilter(sigma: number, height: number, width: number): Float64Array {
  const [down, across] = [gaussianBell(sigma, height), gaussianBell(sigma, width)];
  return Float64Array.from(
    { length: height * width },
    (_, i) =>
      // Both indices lie inside.
      (down[Math.floor(i / width)] as number) * (across[i % width] as number),
  );
}

/** How much longer the wave packet is along the crests than across them. */
const ELONGATION = 2;

/**
 * e^(−(x'² + y'²/4)/2σ²)·cos(2πx'/λ), x' = x cos θ + y sin θ, y' = −x sin θ + y cos θ (y runs down), its mean taken away so
 * that flat areas answer 0, its absolute values scaled to sum to 1. θ is `angle`, λ `wavelength`. Row by row, height × width.
 */
export function gaborFilter(
  angle: number,
  { wavelength, sigma }: { readonly wavelength: number; readonly sigma: number },
  height: number,
  width: number,
): Float64Array {
  const packet = sampled(height, width, (x, y) => {
    const across = x * Math.cos(angle) + y * Math.sin(angle);
    const along = (y * Math.cos(angle) - x * Math.sin(angle)) / ELONGATION;
    const envelope = Math.exp(-(across * across + along * along) / (2 * sigma * sigma));
    return envelope * Math.cos((2 * Math.PI * across) / wavelength);
  });
  const mean = sum(packet) / packet.length;
  const balanced = packet.map((weight) => weight - mean);
  const scale = sum(balanced.map(Math.abs)) || 1;
  return balanced.map((weight) => weight / scale);
}
