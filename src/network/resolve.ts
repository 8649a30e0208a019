import { catalogue, type LayerAttributes, type LayerKind } from './catalogue.js';
import type { FrameworkRules } from './frameworks.js';
import type { Attribute } from './layer.js';

type Entries = readonly (readonly [name: string, attribute: Attribute])[];

const entries = new Map<LayerKind, { readonly all: Entries; readonly positional: Entries }>();

/** The attributes of a kind of layer, and those of them that may be written without their name; listed once. */
export function attributesOf(kind: LayerKind): { readonly all: Entries; readonly positional: Entries } {
  let known = entries.get(kind);
  if (!known) {
    const all = Object.entries<Attribute>(catalogue[kind].attributes);
    known = { all, positional: all.filter(([, attribute]) => attribute.positional) };
    entries.set(kind, known);
  }
  return known;
}

/** The attributes of a layer with every default in force; `given` holds those that are written, typed. */
export function withDefaults<K extends LayerKind>(
  kind: K,
  given: Readonly<Record<string, unknown>>,
  rules: FrameworkRules,
): LayerAttributes<K> {
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of attributesOf(kind).all)
    values[name] = name in given ? given[name] : attribute.byDefault?.(rules, given);
  return values as LayerAttributes<K>;
}
