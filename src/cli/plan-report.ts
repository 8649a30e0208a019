import type { PlanDescription } from '../engine/index.js';
import { alignTable, type Column } from '../language/report/table.js';
import { formatBytes } from '../network/arithmetic.js';
import type { Layer, Network } from '../network/network.js';
import type { Paint } from './style.js';

const columns: readonly Column[] = [
  { title: 'layer', align: 'left' },
  { title: 'and with it', align: 'left' },
  { title: 'algorithm', align: 'left' },
  { title: 'packed weights', align: 'right' },
  { title: 'why', align: 'left' },
];

export function formatPlanText({ name, layers }: Network, plan: PlanDescription, paint: Paint): string {
  const nameOf = (index: number): string => layers[index]?.name ?? '';
  const rows = plan.steps.map(({ layer, includes, algorithm, why, packedBytes }) => [
    nameOf(layer),
    includes.map(nameOf).join(', '),
    algorithm,
    packedBytes > 0 ? formatBytes(packedBytes) : '',
    why,
  ]);
  const [titles = '', ...table] = alignTable(columns, rows);
  const { arena, packedWeights, keptActivations, givenWeights, peak } = plan.memory;
  const memory = [
    `${formatBytes(arena)} arena`,
    `${formatBytes(packedWeights)} packed weights`,
    `${formatBytes(givenWeights)} weights as they are given`,
    ...(keptActivations > 0 ? [`${formatBytes(keptActivations)} activations that are kept`] : []),
  ];
  const lines = [
    paint('bold', `${name}, planned to ${plan.mode === 'fast' ? 'be fast' : 'keep every activation'}`),
    '',
    paint('gray', titles),
    ...table,
    '',
    `Peak memory ${formatBytes(peak)}: ${memory.join(' + ')}`,
    multiplyAdd(plan.fusedMultiplyAdd),
  ];
  return `${lines.join('\n')}\n`;
}

function multiplyAdd(fused: boolean | null): string {
  if (fused === null) return 'WebAssembly has no vectors here: every layer runs on its reference op.';
  return fused
    ? 'Multiplications and additions are fused (relaxed SIMD).'
    : 'Multiplications and additions are apart: this Node has no relaxed SIMD.';
}

export function formatPlanJson({ name, layers }: Network, plan: PlanDescription): string {
  const nameOf = (index: number): string => (layers[index] as Layer).name;
  const steps = plan.steps.map((step) => ({
    ...step,
    layer: nameOf(step.layer),
    includes: step.includes.map(nameOf),
  }));
  return `${JSON.stringify({ network: name, ...plan, steps }, null, 2)}\n`;
}
