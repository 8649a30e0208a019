import type { NetworkReport } from '../../../language/protocol.js';
import { formatMacs } from '../../../network/arithmetic.js';
import { explainLayer } from '../../../network/explain.js';
import { formatTime } from '../../format.js';
import type { LayerOutput } from '../../worker-protocol.js';

interface ArithmeticProps {
  readonly report: NetworkReport;
  readonly index: number;
  /** Null for a layer that nothing computes. */
  readonly output: LayerOutput | null;
}

/** How a layer's sizes and counts come about, worked out, and what its run took. */
export function Arithmetic({ report, index, output }: ArithmeticProps) {
  const explanation = explainLayer(report.network, report.facts, index);
  if (!explanation) return null;
  const { params, buffers, macs, memory, receptiveField } = explanation;
  const count = report.facts[index]?.macs ?? 0;
  const lines: (readonly [string, readonly string[]])[] = [
    ['Output', explanation.output],
    ['Parameters', [params]],
    ...(buffers ? [['Buffers', [buffers]] as const] : []),
    ['MACs', [macs]],
    ['Memory', [memory]],
    ['Receptive field', receptiveField],
    ...(output ? [['Time', [timeOf(output, count)]] as const] : []),
  ];
  return (
    <dl class="arithmetic">
      {lines.map(([name, texts]) => (
        <div key={name}>
          <dt>{name}</dt>
          {texts.map((text) => (
            <dd key={text}>{text}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

/** `2.3 ms, direct 6×8, 1.2 GMACs a second` */
function timeOf({ milliseconds, algorithm }: LayerOutput, macs: number): string {
  const how = algorithm === 'reference' ? 'by the reference op' : `by ${algorithm}`;
  const rate = macs > 0 && milliseconds > 0.1 ? `, ${formatMacs((macs / milliseconds) * 1000)} a second` : '';
  return `${formatTime(milliseconds)} ${how}${rate}`;
}
