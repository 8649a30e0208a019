import { catalogue, type LayerAttributes, type LayerKind } from './catalogue.js';
import type { FrameworkRules } from './frameworks.js';

/** The attributes of a layer with every default in force; `given` holds those that are written, typed. */
export function withDefaults<K extends LayerKind>(
  kind: K,
  given: Readonly<Record<string, unknown>>,
  rules: FrameworkRules,
): LayerAttributes<K> {
  const values: Record<string, unknown> = {};
  for (const [name, attribute] of Object.entries(catalogue[kind].attributes))
    values[name] = name in given ? given[name] : attribute.byDefault?.(rules, given);
  return values as LayerAttributes<K>;
}
