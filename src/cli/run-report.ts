import type { Tensor } from '../engine/index.js';
import { alignTable } from '../language/report/table.js';
import { grouped } from '../network/arithmetic.js';
import { formatShape, type Shape } from '../network/shape.js';
import type { Paint } from './style.js';

export interface ClassScore {
  /** Which class, counted from 0. */
  readonly index: number;
  readonly label: string | null;
  readonly score: number;
}

export interface RunReport {
  readonly network: string;
  readonly picture: string;
  readonly seed: number;
  readonly milliseconds: number;
  readonly parameters: number;
  /** The file that the weights come from; null where they are random. */
  readonly weightsFile: string | null;
  /** Null where the last layer is not one number a class. */
  readonly scores: readonly ClassScore[] | null;
  readonly layers: readonly {
    readonly name: string;
    readonly kind: string;
    readonly output: Shape | null;
    readonly milliseconds: number | null;
    /** The picture of its activation maps. */
    readonly file: string | null;
  }[];
}

const MOST_SCORES = 5;

/** The largest numbers of the last layer, the largest first; null where it is a volume. */
export function topScores({ height, width, data }: Tensor, labels: readonly string[]): readonly ClassScore[] | null {
  if (height * width > 1) return null;
  return Array.from(data, (score, index) => ({ index, label: labels[index] ?? null, score }))
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, MOST_SCORES);
}

export function formatRunText(report: RunReport, paint: Paint): string {
  const { network, picture, layers, milliseconds, scores, parameters, seed, weightsFile } = report;
  const lines = [
    paint('bold', `${network} on ${picture}: ${layers.length} layers in ${Math.round(milliseconds)} ms`),
    '',
  ];
  if (scores) {
    const rows = scores.map(({ index, label, score }) => [label ?? `class ${index}`, score.toFixed(4)]);
    const columns = [
      { title: 'class', align: 'left' },
      { title: 'score', align: 'right' },
    ] as const;
    const [titles = '', ...table] = alignTable(columns, rows);
    lines.push(paint('gray', titles), ...table);
  } else {
    const output = layers.at(-1)?.output;
    lines.push(`No class scores: the last layer is ${output ? formatShape(output) : 'of unknown size'}.`);
  }
  if (weightsFile !== null) lines.push('', `The ${grouped(parameters)} weights are those of ${weightsFile}.`);
  else if (parameters > 0)
    lines.push('', `The ${grouped(parameters)} weights are random (seed ${seed}): nothing is learned yet.`);
  const files = layers.flatMap(({ file }) => file ?? []);
  if (files.length > 0) lines.push('', 'Activation maps:', ...files.map((file) => `  ${file}`));
  return `${lines.join('\n')}\n`;
}

export function formatRunJson({ layers, ...report }: RunReport): string {
  const rows = layers.map(({ output, ...layer }) => ({
    ...layer,
    output: output && [output.height, output.width, output.channels],
  }));
  return `${JSON.stringify({ ...report, layers: rows }, null, 2)}\n`;
}
