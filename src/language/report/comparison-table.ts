import { formatBytes, grouped } from '../../network/arithmetic.js';
import type { LayerFacts, Totals } from '../../network/check.js';
import type { LayerChange } from '../../network/diff.js';
import type { AnalysedNetwork } from '../findings/analysis.js';
import { type ComparedNetwork, describeChange, differs } from './comparison.js';
import { alignTable, type Column, markdownTable } from './table.js';
import { countText, fieldText, headingOf, shapeText, UNKNOWN } from './texts.js';

/** Colours a text where there are colours. */
type Paint = (colour: 'bold' | 'gray' | 'green' | 'red' | 'yellow', text: string) => string;

const columns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'layer', align: 'left' },
  { title: 'kind', align: 'left' },
  { title: 'change', align: 'left' },
  { title: 'output', align: 'left' },
  { title: 'params', align: 'right' },
  { title: 'MACs', align: 'right' },
  { title: 'receptive field', align: 'left' },
];

export function formatTextDiff(networks: readonly ComparedNetwork[], paint: Paint): string {
  return networks
    .map((compared) => {
      const heading = paint('bold', titleOf(compared));
      if (!differs(compared)) return `${heading}: no difference\n`;
      const { diff } = compared;
      if (!diff) return `${heading}: ${compared.after ? 'added' : 'removed'}\n`;
      const [titles = '', ...rows] = alignTable(columns, rowsOf(compared));
      const shown = diff.layers.filter(({ change }) => change !== 'same');
      const coloured = rows.map((row, i) => paint(colours[shown[i]?.change ?? 'same'], row));
      const table = rows.length === 0 ? '' : `${paint('gray', titles)}\n${coloured.join('\n')}\n\n`;
      return `${heading}\n\n${table}${totalsOf(compared).join('\n')}\n`;
    })
    .join('\n');
}

export const formatMarkdownDiff = (networks: readonly ComparedNetwork[]): string =>
  networks
    .map((compared) => {
      const heading = `## ${titleOf(compared)}\n`;
      if (!differs(compared)) return `${heading}\nNo difference.\n`;
      if (!compared.diff) return `${heading}\n${compared.after ? 'Added' : 'Removed'}.\n`;
      const rows = rowsOf(compared);
      // What matters most comes first: the table may be long, and wider than what it is read in.
      const totals = totalsOf(compared).map((line) => `- ${line}`);
      const table = rows.length === 0 ? [] : ['', ...markdownTable(columns, rows)];
      return `${[heading, ...totals, ...table].join('\n')}\n`;
    })
    .join('\n');

const signs = { added: '+', removed: '−', changed: '~', affected: '', same: '' } as const;
const colours = { added: 'green', removed: 'red', changed: 'yellow', affected: 'gray', same: 'gray' } as const;

/** `LeNet`, or both names and frameworks where they differ. */
function titleOf({ before, after }: ComparedNetwork): string {
  const [from, to] = [before && headingOf(before), after && headingOf(after)];
  return from && to && from !== to ? `${from} → ${to}` : (to ?? from ?? '');
}

/** One text where both are equal. */
const fromTo = (before: string, after: string): string => (before === after ? after : `${before} → ${after}`);

/** The layers that changed; those that are affected alone show only what about them did. */
function rowsOf({ before, after, diff }: ComparedNetwork): readonly (readonly string[])[] {
  return (diff?.layers ?? [])
    .filter(({ change }) => change !== 'same')
    .map((change) => {
      const [old, next] = [layerOf(before, change.before), layerOf(after, change.after)];
      const layer = next?.layer ?? old?.layer;
      const column = (of: (facts: LayerFacts | undefined) => string): string =>
        old && next ? fromTo(of(old.facts), of(next.facts)) : of((next ?? old)?.facts);
      return [
        signs[change.change],
        layer?.name ?? '',
        layer?.kind ?? '',
        describe(change),
        column((facts) => shapeText(facts?.output ?? null)),
        column((facts) => countText(facts?.params)),
        column((facts) => countText(facts?.macs)),
        column(fieldText),
      ];
    });
}

const describe = (change: LayerChange): string => (change.change === 'affected' ? '' : describeChange(change));

function layerOf(network: AnalysedNetwork | undefined, index: number | null) {
  const layer = index === null ? undefined : network?.network.layers[index];
  return layer && { layer, facts: network?.checked.facts[index ?? 0] };
}

function totalsOf({ before, after, diff }: ComparedNetwork): readonly string[] {
  const count = (change: LayerChange['change']) => diff?.layers.filter((layer) => layer.change === change).length ?? 0;
  const total = (title: string, of: (totals: Totals) => number | null, print: (value: number) => string = grouped) => {
    const [from, to] = [before, after].map((network) => network && of(network.checked.totals));
    const text = (value: number | null | undefined) => (typeof value === 'number' ? print(value) : UNKNOWN);
    const by =
      typeof from === 'number' && typeof to === 'number' && from !== to ? ` (${signed(to - from, print)})` : '';
    return `${title}: ${fromTo(text(from), text(to))}${by}`;
  };
  return [
    `Layers: ${count('added')} added, ${count('removed')} removed, ${count('changed')} changed, ${count('affected')} affected by them`,
    total('Parameters', ({ params }) => params),
    total('MACs', ({ macs }) => macs),
    total('Memory of all activations', ({ activationBytes }) => activationBytes, formatBytes),
  ];
}

const signed = (value: number, print: (value: number) => string): string =>
  `${value < 0 ? '−' : '+'}${print(Math.abs(value))}`;
