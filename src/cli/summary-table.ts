import type { AnalysedNetwork } from '../language/index.js';
import { decimals, formatBytes, formatMacs, grouped, scaled } from '../network/arithmetic.js';
import { catalogue } from '../network/catalogue.js';
import type { LayerFacts } from '../network/check.js';
import { rulesOf } from '../network/frameworks.js';
import { formatPair, formatShape, type Pair, type Shape } from '../network/shape.js';
import type { Window, WindowAxis } from '../network/window.js';
import type { Paint } from './style.js';
import { alignTable, type Column, markdownTable } from './table.js';

const columns: readonly Column[] = [
  { title: 'layer', align: 'left' },
  { title: 'kind', align: 'left' },
  { title: 'input', align: 'left' },
  { title: 'output', align: 'left' },
  { title: 'window', align: 'left' },
  { title: 'params', align: 'right' },
  { title: 'MACs', align: 'right' },
  { title: 'receptive field', align: 'left' },
];

/** What an error leaves unknown. */
const UNKNOWN = '?';

export function formatTextSummary(networks: readonly AnalysedNetwork[], paint: Paint): string {
  return networks
    .map((network) => {
      const [titles = '', ...rows] = alignTable(columns, rowsOf(network));
      return `${paint('bold', headingOf(network))}\n\n${paint('gray', titles)}\n${rows.join('\n')}\n\n${totalsOf(network).join('\n')}\n`;
    })
    .join('\n\n');
}

export function formatMarkdownSummary(networks: readonly AnalysedNetwork[]): string {
  return networks
    .map((network) => {
      const table = markdownTable(columns, rowsOf(network)).join('\n');
      const totals = totalsOf(network).map((line) => `- ${line}`);
      return `## ${headingOf(network)}\n\n${table}\n\n${totals.join('\n')}\n`;
    })
    .join('\n');
}

const headingOf = ({ network }: AnalysedNetwork): string =>
  network.framework ? `${network.name} (like ${rulesOf(network.framework).title})` : network.name;

const rowsOf = ({ network, checked }: AnalysedNetwork): readonly (readonly string[])[] =>
  network.layers.map(({ name, kind }, index) => {
    const facts = checked.facts[index];
    return [
      name,
      kind,
      catalogue[kind].arity === 'none' ? '' : (facts?.inputs.map(shapeText).join(', ') ?? UNKNOWN),
      shapeText(facts?.output ?? null),
      facts?.window ? windowText(facts.window) : '',
      countText(facts?.params),
      countText(facts?.macs),
      fieldText(facts),
    ];
  });

const shapeText = (shape: Shape | null): string => (shape ? formatShape(shape) : UNKNOWN);
const countText = (count: number | null | undefined): string => (typeof count === 'number' ? grouped(count) : UNKNOWN);

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

/** `14×14 stride 2 from −3`: how much of the picture a unit sees, how far apart units look, where the first begins. */
function fieldText(facts: LayerFacts | undefined): string {
  if (!facts?.field) return UNKNOWN;
  const { y, x } = facts.field;
  const pair = (a: number, b: number) => (a === b ? decimals(a) : `(${decimals(a)}, ${decimals(b)})`);
  const from = y.start === 0 && x.start === 0 ? '' : ` from ${pair(y.start, x.start)}`;
  return `${y.size}×${x.size} stride ${pair(y.stride, x.stride)}${from}`;
}

/** Exact, and rounded where there is something to round. */
const exactly = (value: number, rounded: string): string =>
  value < 1000 ? grouped(value) : `${grouped(value)} (${rounded})`;

function totalsOf({ network, checked: { totals } }: AnalysedNetwork): readonly string[] {
  const { params, frozenParams, buffers, macs, activationBytes } = totals;
  const unknown = 'unknown, see the errors';
  return [
    `Layers: ${grouped(network.layers.length)}`,
    `Parameters: ${params === null ? unknown : exactly(params, scaled(params))}`,
    ...(frozenParams ? [`Of these frozen: ${exactly(frozenParams, scaled(frozenParams))}`] : []),
    ...(buffers ? [`Buffers (running statistics): ${grouped(buffers)}`] : []),
    `MACs: ${macs === null ? unknown : `${exactly(macs, formatMacs(macs))}; one is two FLOPs`}`,
    `Memory of all activations: ${activationBytes === null ? unknown : formatBytes(activationBytes)}`,
  ];
}
