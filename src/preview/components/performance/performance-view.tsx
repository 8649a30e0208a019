import './performance.css';
import { useState } from 'preact/hooks';
import type { NetworkReport } from '../../../language/protocol.js';
import { formatBytes, grouped, scaled } from '../../../network/arithmetic.js';
import { costsOf, type LayerCost, type Measure, measures, rooflineOf } from '../../costs.js';
import { formatPercent, formatTime } from '../../format.js';
import { useModel } from '../context.js';
import { RooflineChart } from './roofline-chart.js';

const formats: Readonly<Record<Measure, (value: number) => string>> = {
  milliseconds: (value) => (value === 0 ? '–' : formatTime(value)),
  macs: (value) => (value === 0 ? '–' : scaled(value)),
  params: (value) => (value === 0 ? '–' : scaled(value)),
  bytes: formatBytes,
};

/** What each layer costs, side by side, and how near it comes to what the machine can do. */
export function PerformanceView({ report }: { readonly report: NetworkReport }) {
  const model = useModel();
  const [sorted, setSorted] = useState<Measure | null>(null);
  const costs = costsOf(report, (layer) => model.output(layer).value);
  const shown = sorted ? costs.toSorted((a, b) => b[sorted] - a[sorted]) : costs;
  const names = Object.keys(measures) as Measure[];
  const totals = totalsOf(costs);
  const roofline = rooflineOf(costs);
  return (
    <section class="performance" aria-label="Performance">
      {roofline && <RooflineChart roofline={roofline} />}
      <table>
        <thead>
          <tr>
            <th scope="col" aria-sort={sorted ? 'none' : 'ascending'}>
              <button type="button" onClick={() => setSorted(null)}>
                Layer
              </button>
            </th>
            {names.map((name) => (
              <th key={name} scope="col" aria-sort={sorted === name ? 'descending' : 'none'}>
                <button type="button" onClick={() => setSorted(name)}>
                  {measures[name]}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr class="total">
            <th scope="row">{grouped(costs.length)} layers</th>
            {names.map((name) => (
              <td key={name}>{formats[name](totals[name])}</td>
            ))}
          </tr>
          {shown.map((cost) => (
            <tr key={cost.name}>
              <th scope="row">
                <button type="button" class="link" onClick={() => model.showLayer(cost.name)}>
                  {cost.name}
                </button>
              </th>
              {names.map((name) => (
                <Bar
                  key={name}
                  measure={name}
                  cost={cost}
                  total={totals[name]}
                  most={Math.max(...costs.map((each) => each[name]))}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface BarProps {
  readonly measure: Measure;
  readonly cost: LayerCost;
  readonly total: number;
  readonly most: number;
}

function Bar({ measure, cost, total, most }: BarProps) {
  const value = cost[measure];
  return (
    <td class={measure} title={total > 0 ? `${formatPercent(value / total)} of all` : undefined}>
      <span class="cost-bar" style={{ width: `${most > 0 ? (100 * value) / most : 0}%` }} />
      <span class="number">{formats[measure](value)}</span>
    </td>
  );
}

const totalsOf = (costs: readonly LayerCost[]): Readonly<Record<Measure, number>> => {
  const sum = (of: (cost: LayerCost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
  return {
    milliseconds: sum(({ milliseconds }) => milliseconds),
    macs: sum(({ macs }) => macs),
    params: sum(({ params }) => params),
    bytes: sum(({ bytes }) => bytes),
  };
};
