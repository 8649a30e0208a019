import { grouped } from '../../../network/arithmetic.js';
import { formatPercent, formatValue } from '../../format.js';
import type { LayerOutput } from '../../worker-protocol.js';

interface StatisticsTableProps {
  readonly output: LayerOutput;
  /** How many channels vary independently, where that is known. */
  readonly effective: number | null;
}

/** What the numbers of a layer are like. */
export function StatisticsTable({ output: { statistics, shape }, effective }: StatisticsTableProps) {
  const { min, max, mean, deviation, zeros, deadChannels, invalid } = statistics;
  const cells: (readonly [name: string, value: string, title?: string])[] = [
    ['Min', formatValue(min)],
    ['Max', formatValue(max)],
    ['Mean', formatValue(mean)],
    ['Deviation', formatValue(deviation)],
    ['Zeros', formatPercent(zeros)],
    ['Dead channels', `${grouped(deadChannels)} of ${grouped(shape.channels)}`, 'Zero everywhere on this picture'],
  ];
  if (effective !== null)
    cells.push([
      'Effective rank',
      `${effective.toFixed(1)} of ${grouped(shape.channels)}`,
      'How many channels vary independently: (Σλ)²/Σλ² over the eigenvalues of their covariance. Near 1 all say the same; near their number each says its own.',
    ]);
  if (invalid > 0) cells.push(['Not finite', grouped(invalid)]);
  return (
    <dl class="statistics">
      {cells.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
