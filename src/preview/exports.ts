import type { Scene } from '../drawing/scene.js';
import { networkSvg } from '../drawing/svg.js';
import type { NetworkReport } from '../language/protocol.js';
import { grouped } from '../network/arithmetic.js';
import { formatPair, formatShape } from '../network/shape.js';

const HEAD = ['Layer', 'Kind', 'Output', 'Parameters', 'MACs', 'Sees'] as const;

/** One row a layer; what is unknown is `?`. */
function rowsOf({ network, facts }: NetworkReport): string[][] {
  const count = (value: number | null | undefined) => (typeof value === 'number' ? grouped(value) : '?');
  return network.layers.map(({ name, kind }, index) => {
    const { output, params, macs, field } = facts[index] ?? {};
    const sees = field ? formatPair({ y: field.y.size, x: field.x.size }) : '?';
    return [name, kind, output ? formatShape(output) : '?', count(params), count(macs), sees];
  });
}

/** The layers as a table for a readme. */
export function markdownTable(report: NetworkReport): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const align = HEAD.map((_, column) => (column < 2 ? '---' : '---:'));
  return `${[line(HEAD), line(align), ...rowsOf(report).map(line)].join('\n')}\n`;
}

/** A layer's maps as they are on the screen, for a page: an address of its own (`data:`). */
export interface MapStrip {
  readonly layer: string;
  readonly url: string;
}

/** The network as one page that needs nothing else: the drawing, the maps, the table. */
export function standalonePage(report: NetworkReport, scene: Scene, strips: readonly MapStrip[]): string {
  const cells = (tag: string, texts: readonly string[]) =>
    texts.map((text) => `<${tag}>${html(text)}</${tag}>`).join('');
  const urls = new Map(strips.map(({ layer, url }) => [layer, url]));
  const rows = rowsOf(report).map((row) => {
    const url = urls.get(row[0] ?? '');
    return `<tr>${cells('td', row)}<td>${url ? `<img alt="Activation maps of ${html(row[0] ?? '')}" src="${url}">` : ''}</td></tr>`;
  });
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(report.network.name)}</title>
<style>
body{margin:24px;font:14px/1.5 system-ui,sans-serif;color:#1f2328;background:#fff}
main{display:flex;flex-wrap:wrap;gap:32px;align-items:start}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px;text-align:start;border-bottom:1px solid #d0d7de}
img{display:block;max-height:48px;image-rendering:pixelated}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}}
</style>
</head>
<body>
<main>
${networkSvg(report, scene)}
<table>
<thead><tr>${cells('th', [...HEAD, 'Maps'])}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
}

const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
