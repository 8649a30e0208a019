import type { AnalysedNetwork } from '../language/index.js';
import { alignTable, type Column, markdownTable } from '../language/report/table.js';
import { countText, fieldText, headingOf, shapeText, UNKNOWN } from '../language/report/texts.js';
import { formatBytes, formatMacs, grouped, scaled } from '../network/arithmetic.js';
import { catalogue } from '../network/catalogue.js';
import { type ConventionName, conventions, countAs } from '../network/counting.js';
import { formatPair, type Pair } from '../network/shape.js';
import type { Window, WindowAxis } from '../network/window.js';
import type { Paint } from './style.js';

const columnsFor = (count: ConventionName): readonly Column[] => [
  { title: 'layer', align: 'left' },
  { title: 'kind', align: 'left' },
  { title: 'input', align: 'left' },
  { title: 'output', align: 'left' },
  { title: 'window', align: 'left' },
  { title: 'params', align: 'right' },
  { title: conventions[count].unit, align: 'right' },
  { title: 'receptive field', align: 'left' },
];

export function formatTextSummary(networks: readonly AnalysedNetwork[], count: ConventionName, paint: Paint): string {
  return networks
    .map((network) => {
      const [titles = '', ...rows] = alignTable(columnsFor(count), rowsOf(network, count));
      return `${paint('bold', headingOf(network))}\n\n${paint('gray', titles)}\n${rows.join('\n')}\n\n${totalsOf(network, count).join('\n')}\n`;
    })
    .join('\n\n');
}

export function formatMarkdownSummary(networks: readonly AnalysedNetwork[], count: ConventionName): string {
  return networks
    .map((network) => {
      const table = markdownTable(columnsFor(count), rowsOf(network, count)).join('\n');
      const totals = totalsOf(network, count).map((line) => `- ${line}`);
      return `## ${headingOf(network)}\n\n${table}\n\n${totals.join('\n')}\n`;
    })
    .join('\n');
}

function rowsOf({ network, checked }: AnalysedNetwork, count: ConventionName): readonly (readonly string[])[] {
  const counts = countAs(count, checked).layers;
  return network.layers.map(({ name, kind }, index) => {
    const facts = checked.facts[index];
    return [
      name,
      kind,
      catalogue[kind].arity === 'none' ? '' : (facts?.inputs.map(shapeText).join(', ') ?? UNKNOWN),
      shapeText(facts?.output ?? null),
      facts?.window ? windowText(facts.window) : '',
      countText(facts?.params),
      countText(counts[index]),
      fieldText(facts),
    ];
  });
}

/** `5×5 stride 2 pad 1`: what is not 1 or 0. */
function windowText({ y, x }: Window): string {
  const pairOf = (of: (axis: WindowAxis) => number): Pair => ({ y: of(y), x: of(x) });
  const short = ({ y, x }: Pair) => (y === x ? String(y) : `${y}×${x}`);
  const parts = [formatPair(pairOf(({ kernel }) => kernel))];
  if (y.stride !== 1 || x.stride !== 1) parts.push(`stride ${short(pairOf(({ stride }) => stride))}`);
  const pads = [y.before, x.after, y.after, x.before];
  if (pads.some((pad) => pad > 0)) parts.push(`pad ${new Set(pads).size === 1 ? y.before : `(${pads.join(', ')})`}`);
  if (y.dilation !== 1 || x.dilation !== 1) parts.push(`dilation ${short(pairOf(({ dilation }) => dilation))}`);
  return parts.join(' ');
}

/** Exact, and rounded where there is something to round. */
const exactly = (value: number, rounded: string): string =>
  value < 1000 ? grouped(value) : `${grouped(value)} (${rounded})`;

function totalsOf({ network, checked }: AnalysedNetwork, count: ConventionName): readonly string[] {
  const { params, frozenParams, buffers, macs, activationBytes } = checked.totals;
  const unknown = 'unknown, see the errors';
  return [
    `Layers: ${grouped(network.layers.length)}`,
    `Parameters: ${params === null ? unknown : exactly(params, scaled(params))}`,
    ...(frozenParams ? [`Of these frozen: ${exactly(frozenParams, scaled(frozenParams))}`] : []),
    ...(buffers ? [`Buffers (running statistics): ${grouped(buffers)}`] : []),
    `MACs: ${macs === null ? unknown : `${exactly(macs, formatMacs(macs))}; one is two FLOPs`}`,
    ...(count === 'macs' ? [] : countedAs(count, countAs(count, checked).total ?? unknown)),
    `Memory of all activations: ${activationBytes === null ? unknown : formatBytes(activationBytes)}`,
  ];
}

/** A tool's number, and how it comes about. */
function countedAs(count: ConventionName, total: number | string): readonly string[] {
  const { title, unit, differences } = conventions[count];
  const number = typeof total === 'string' ? total : exactly(total, scaled(total));
  return [`${unit} as counted by ${title}: ${number}`, ...differences.map((difference) => `  ${title}: ${difference}`)];
}
