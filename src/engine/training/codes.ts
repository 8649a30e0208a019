import type { CheckedNetwork } from '../../network/check.js';
import { diagonalise } from './patches.js';
import type { TestReport, Trainer } from './trainer.js';

/** How a layer of single numbers says what a picture shows: by one of them for each thing, or by patterns of many. */
export interface CodeReport {
  readonly layer: string;
  readonly units: number;
  /**
   * In how many directions the layer's numbers spread over the pictures: e to the entropy of the singular values' shares (Roy &
   * Vetterli 2007).
   */
  readonly effectiveRank: number;
  /** How many units answer to a picture, in the mean. A unit answers where it comes to more than half of the most it ever does. */
  readonly unitsAPicture: number;
  /** To how many classes a unit answers, in the mean: to half of their pictures or more. */
  readonly classesAUnit: number;
}

/** Larger layers would take minutes. */
const MOST_UNITS = 256;
const PART_OF_MOST = 1 / 2;

/** How the network does in the test, and what its layers of single numbers make of the pictures, in the order of the network. */
export async function measureCodes(
  { network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>,
  trainer: Trainer,
  signal?: AbortSignal,
): Promise<{ readonly report: TestReport; readonly codes: readonly CodeReport[] }> {
  const layers = network.layers.flatMap(({ name }, index) => {
    const output = facts[index]?.output;
    const units = output && output.height * output.width === 1 ? output.channels : 0;
    return units > 1 && units <= MOST_UNITS ? [{ name, index, units, rows: [] as Float32Array[] }] : [];
  });
  const classes: number[] = [];
  const report = await trainer.test(undefined, signal, (shown) => {
    classes.push(...shown);
    for (const { index, units, rows } of layers) {
      const values = trainer.activation(index)?.data;
      for (let n = 0; values && n < shown.length; n++) rows.push(values.slice(n * units, (n + 1) * units));
    }
  });
  const codes = layers.map(({ name, units, rows }) => ({
    layer: name,
    units,
    effectiveRank: effectiveRank(rows, units),
    ...answersOf(rows, units, classes),
  }));
  return { report, codes };
}

/** Of the matrix with these rows: e^(−Σ p ln p), p being the singular values over their sum. */
export function effectiveRank(rows: readonly Float32Array[], columns: number): number {
  const products = new Float64Array(columns * columns);
  for (const row of rows)
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++)
        products[i * columns + j] = (products[i * columns + j] as number) + (row[i] as number) * (row[j] as number);
  for (const _ of diagonalise(products, columns));
  const singular = Array.from({ length: columns }, (_, i) =>
    Math.sqrt(Math.max(0, products[i * columns + i] as number)),
  );
  const sum = singular.reduce((all, value) => all + value, 0);
  if (sum === 0) return 0;
  return Math.exp(-singular.reduce((all, value) => (value > 0 ? all + (value / sum) * Math.log(value / sum) : all), 0));
}

/** Who answers to what: a row of numbers a picture, and its class. */
export function answersOf(
  rows: readonly Float32Array[],
  units: number,
  classes: readonly number[],
): Pick<CodeReport, 'unitsAPicture' | 'classesAUnit'> {
  const most = Array.from({ length: units }, (_, k) => rows.reduce((max, row) => Math.max(max, row[k] as number), 0));
  const answers = (row: Float32Array, k: number) => (row[k] as number) > PART_OF_MOST * (most[k] as number);
  const pictures = new Map<number, number>();
  for (const is of classes) pictures.set(is, (pictures.get(is) ?? 0) + 1);
  let [answered, pairs] = [0, 0];
  for (let k = 0; k < units; k++) {
    const of = new Map<number, number>();
    for (const [n, row] of rows.entries())
      if (answers(row, k)) {
        answered++;
        const is = classes[n] as number;
        of.set(is, (of.get(is) ?? 0) + 1);
      }
    for (const [is, count] of of) if (2 * count >= (pictures.get(is) ?? 0)) pairs++;
  }
  return { unitsAPicture: answered / (rows.length || 1), classesAUnit: pairs / units };
}
