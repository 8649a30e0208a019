import { grouped } from '../network/arithmetic.js';
import { catalogue } from '../network/catalogue.js';
import type { CheckedNetwork } from '../network/check.js';
import { kindColours } from './colours.js';
import { curvePath, round } from './path.js';
import { BOX_LEFT, type Card, drawNetwork, type Edge, type GroupFrame, type Scene, TEXT_LEFT } from './scene.js';
import { facesOf, type Point } from './volume-box.js';

const MARGIN = 24;
const HEADING = 52;
/** Longer names are cut: a card is so wide. */
const LONGEST_TEXT = 25;

/** The drawing of a network as an SVG of its own, for a page or a paper; every layer is in it unless groups are folded. */
export function networkSvg(
  checked: Pick<CheckedNetwork, 'network' | 'facts' | 'totals'>,
  scene: Scene = drawNetwork(checked),
): string {
  const { network, totals } = checked;
  const width = Math.ceil(scene.width + 2 * MARGIN);
  const height = Math.ceil(scene.height + 2 * MARGIN + HEADING);
  const subtitle = [
    totals.params === null ? '' : `${grouped(totals.params)} parameters`,
    totals.macs === null ? '' : `${grouped(totals.macs)} MACs`,
  ].filter(Boolean);
  const kindOf = (card: Card) => {
    const kind = network.layers[card.layer]?.kind;
    return kind ? catalogue[kind].category : 'input';
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="13">
<title>${xml(network.name)}</title>
<style>${style()}</style>
<rect class="paper" width="${width}" height="${height}"/>
<text class="name" x="${MARGIN}" y="${MARGIN + 18}">${xml(network.name)}</text>
<text class="soft" x="${MARGIN}" y="${MARGIN + 38}">${subtitle.join(', ')}</text>
<g transform="translate(${MARGIN} ${MARGIN + HEADING})">
${scene.frames.map(frameSvg).join('\n')}
${scene.edges.map(edgeSvg).join('\n')}
${scene.cards.map((card) => cardSvg(card, kindOf(card), network.layers[card.layer]?.name ?? '')).join('\n')}
${scene.edges.map(labelSvg).filter(Boolean).join('\n')}
</g>
</svg>
`;
}

const style = (): string =>
  [
    '.paper{fill:#fff}.card{fill:#f6f8fa;stroke:#d0d7de}.group{fill:none;stroke:#d0d7de;stroke-dasharray:4 3}',
    '.edge{fill:none;stroke:#6e7781;stroke-width:1.5}.name{font-size:18px;font-weight:600}text{fill:#1f2328}',
    '.title{font-weight:600}.soft,.text,.size{fill:#57606a}.text,.size{font-size:11.5px}.face{stroke-width:1;stroke-linejoin:round}',
    ...Object.entries(kindColours).map(([kind, colour]) => `.${kind}{fill:${colour};stroke:${colour}}`),
    '.front{fill-opacity:.28}.top{fill-opacity:.5}.right{fill-opacity:.68}',
    '@media(prefers-color-scheme:dark){.paper{fill:#0d1117}.card{fill:#161b22;stroke:#30363d}.group{stroke:#30363d}.edge{stroke:#8b949e}text{fill:#e6edf3}.soft,.text,.size{fill:#9198a1}}',
  ].join('');

const coordinates = (points: readonly Point[]): string => points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');

const cut = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text);

function cardSvg(card: Card, kind: string, name: string): string {
  const { x, y, width, height, title, text, size, box, folded } = card;
  const middle = height / 2;
  const faces = box && facesOf(box, BOX_LEFT + (TEXT_LEFT - BOX_LEFT - 8 - box.width) / 2, (height - box.height) / 2);
  const stack = folded ? `<rect class="card" x="4" y="4" width="${width}" height="${height}" rx="6"/>` : '';
  return [
    `<g transform="translate(${round(x)} ${round(y)})" data-layer="${xml(name)}"><title>${xml(`${name}: ${text}, ${size}`)}</title>`,
    `${stack}<rect class="card" width="${width}" height="${height}" rx="6"/>`,
    faces
      ? `<g class="face ${kind}"><polygon class="front" points="${coordinates(faces.front)}"/><polygon class="top" points="${coordinates(faces.top)}"/><polygon class="right" points="${coordinates(faces.right)}"/></g>`
      : '',
    `<text class="title" x="${TEXT_LEFT}" y="${middle - 4}">${xml(cut(title))}</text>`,
    `<text class="text" x="${TEXT_LEFT}" y="${middle + 13}">${xml(cut(text))}</text></g>`,
  ].join('');
}

const frameSvg = ({ x, y, width, height, label }: GroupFrame): string =>
  `<g><rect class="group" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="8"/><text class="text" x="${round(x + 10)}" y="${round(y + 16)}">${xml(label)}</text></g>`;

const edgeSvg = ({ points }: Edge): string => `<path class="edge" d="${curvePath(points)}"/>`;

const labelSvg = ({ label }: Edge): string =>
  label ? `<text class="size" x="${round(label.x)}" y="${round(label.y)}">${xml(label.text)}</text>` : '';

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
