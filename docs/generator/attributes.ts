import { catalogue, layerKinds } from '../../src/network/catalogue.js';
import { GENERATED, page } from './markdown.js';

const INTRODUCTION = `Which layers take which attribute. Where layers mean different things by the same word, each meaning is listed. The defaults
are in the sections of the [layers](layers.md). A pair is (vertical, horizontal), four numbers are (top, right, bottom, left).`;

/** One meaning of an attribute, and the layers that share it. */
interface Meaning {
  readonly doc: string;
  readonly expects: string;
  readonly layers: string[];
}

function meanings(): ReadonlyMap<string, readonly Meaning[]> {
  const found = new Map<string, Meaning[]>();
  for (const kind of layerKinds)
    for (const [name, { doc, type }] of Object.entries(catalogue[kind].attributes)) {
      const known = found.get(name) ?? [];
      found.set(name, known);
      const same = known.find((meaning) => meaning.doc === doc && meaning.expects === type.expects);
      if (same) same.layers.push(kind);
      else known.push({ doc, expects: type.expects, layers: [kind] });
    }
  return found;
}

export function attributesPage(): string {
  const sections = [...meanings()]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, list]) => {
      const items = list.map(({ doc, expects, layers }) => {
        const links = layers.map((kind) => `[\`${kind}\`](layers.md#${kind})`).join(', ');
        return `- ${links}: ${doc} Takes ${expects}.`;
      });
      return `## ${name}\n\n${items.join('\n')}`;
    });
  return page('# Attributes', GENERATED, INTRODUCTION, ...sections);
}
