import { catalogue } from '../network/catalogue.js';
import type { CheckedNetwork } from '../network/check.js';
import { kindColours } from './colours.js';
import { BOX_LEFT, drawNetwork, type Scene, TEXT_LEFT } from './scene.js';
import { type BoxFaces, facesOf, type Point } from './volume-box.js';

/** Centimetres of a page for a pixel of the drawing. */
const SCALE = 0.022;

/** How much white each face of a box is mixed with, in per cent of colour. */
const shades: Readonly<Record<keyof BoxFaces, number>> = { front: 30, top: 50, right: 70 };

/** The drawing of a network as a TikZ picture, to be put into a LaTeX document that uses the package tikz. */
export function networkTikz(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  scene: Scene = drawNetwork(checked),
): string {
  const { network } = checked;
  const lines = [
    `% ${network.name}, drawn by ConvNet. Needs \\usepackage{tikz}.`,
    ...Object.entries(kindColours).map(
      ([kind, colour]) => `\\definecolor{${kind}}{HTML}{${colour.slice(1).toUpperCase()}}`,
    ),
    `\\begin{tikzpicture}[x=${SCALE}cm, y=-${SCALE}cm, font=\\sffamily\\scriptsize, rounded corners=1.5pt]`,
  ];
  for (const { x, y, width, height, label } of scene.frames)
    lines.push(
      `\\draw[gray, dashed] ${at([x, y])} rectangle ${at([x + width, y + height])};`,
      `\\node[anchor=north west, gray] at ${at([x, y])} {${tex(label)}};`,
    );
  for (const { points } of scene.edges) lines.push(`\\draw[gray] ${points.map(at).join(' -- ')};`);
  for (const { x, y, width, height, layer, title, text, box } of scene.cards) {
    const kind = network.layers[layer]?.kind;
    const colour = kind ? catalogue[kind].category : 'input';
    lines.push(`\\draw[gray!50, fill=gray!6] ${at([x, y])} rectangle ${at([x + width, y + height])};`);
    const left = x + BOX_LEFT + (TEXT_LEFT - BOX_LEFT - 8 - (box?.width ?? 0)) / 2;
    const faces = box && facesOf(box, left, y + (height - box.height) / 2);
    if (faces)
      for (const [face, shade] of Object.entries(shades))
        lines.push(
          `\\filldraw[${colour}, fill=${colour}!${shade}, sharp corners] ${faces[face as keyof BoxFaces].map(at).join(' -- ')} -- cycle;`,
        );
    lines.push(
      `\\node[anchor=west, align=left] at ${at([x + TEXT_LEFT - 6, y + height / 2])} {\\textbf{${tex(title)}}\\\\${tex(text)}};`,
    );
  }
  for (const { label } of scene.edges)
    if (label) lines.push(`\\node[anchor=west, gray] at ${at([label.x - 6, label.y - 4])} {${tex(label.text)}};`);
  lines.push('\\end{tikzpicture}', '');
  return lines.join('\n');
}

const at = ([x, y]: Point): string => `(${Math.round(x * 10) / 10},${Math.round(y * 10) / 10})`;

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '×': '$\\times$',
};

/** A text with LaTeX's own characters written out. */
const tex = (text: string): string =>
  text.replace(/[\\~^×#$%&_{}]/g, (character) => SPECIAL[character] ?? `\\${character}`);
