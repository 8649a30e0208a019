import { grouped } from '../../../network/arithmetic.js';
import type { LayerDetails } from '../../details.js';
import { channelNames, formatPercent, formatValue } from '../../format.js';

/** What the numbers of a layer are like. */
export function StatisticsTable({ details }: { readonly details: LayerDetails }) {
  const { statistics, zeros: ofChannels, effective } = details;
  const { min, max, mean, deviation, zeros, invalid } = statistics;
  const channels = grouped(ofChannels.length);
  const dead = [...ofChannels.keys()].filter((channel) => ofChannels[channel] === 1);
  const cells: (readonly [name: string, value: string, title?: string])[] = [
    ['Min', formatValue(min)],
    ['Max', formatValue(max)],
    ['Mean', formatValue(mean)],
    ['Deviation', formatValue(deviation)],
    ['Zeros', formatPercent(zeros)],
    [
      'Dead channels',
      `${grouped(dead.length)} of ${channels}${dead.length > 0 ? `: ${channelNames(dead)}` : ''}`,
      'Zero everywhere on this picture',
    ],
  ];
  if (effective !== null)
    cells.push([
      'Effective rank',
      `${effective.toFixed(1)} of ${channels}`,
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
