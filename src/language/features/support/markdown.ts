import { catalogue, type LayerKind } from '../../../network/catalogue.js';
import { type FrameworkRules, strictRules } from '../../../network/frameworks.js';
import type { Attribute } from '../../../network/layer.js';
import { frameworksPage } from './docs-links.js';

/** The docs of layers, attributes and frameworks as the editor shows them. */

export const layerDoc = (kind: LayerKind): string => {
  const { title, summary, doc, example } = catalogue[kind];
  return `**${title}** — ${summary}\n\n${doc}\n\n\`\`\`convnet\n${example}\n\`\`\``;
};

/** The value of an attribute as the language writes it; `none` where it is absent. */
export const printAttribute = (attribute: Attribute, value: unknown): string =>
  value === null || value === undefined ? 'none' : attribute.type.print(value);

/** `by default 1`, and whose rule it is where the frameworks differ. */
export function defaultOf(
  attribute: Attribute,
  rules: FrameworkRules,
  given: Readonly<Record<string, unknown>>,
): string | undefined {
  const value = attribute.byDefault?.(rules, given);
  if (value === undefined || value === null) return undefined;
  const text = printAttribute(attribute, value);
  return isOfFramework(attribute, rules, given) ? `${text} (${rules.title})` : text;
}

/** Whether the framework a network follows is the reason for a default. */
export const isOfFramework = (
  attribute: Attribute,
  rules: FrameworkRules,
  given: Readonly<Record<string, unknown>>,
): boolean =>
  printAttribute(attribute, attribute.byDefault?.(rules, given)) !==
  printAttribute(attribute, attribute.byDefault?.(strictRules, given));

export function attributeDoc(
  name: string,
  attribute: Attribute,
  rules: FrameworkRules,
  given: Readonly<Record<string, unknown>>,
): string {
  const byDefault = defaultOf(attribute, rules, given);
  const facts = [`Takes ${attribute.type.expects}.`];
  if (byDefault !== undefined) facts.push(`By default \`${byDefault}\`.`);
  else if (attribute.required) facts.push('Must be written.');
  return `**${name}** — ${attribute.doc}\n\n${facts.join(' ')}`;
}

const ruleTitles: Readonly<Record<Exclude<keyof FrameworkRules, 'title'>, string>> = {
  convFit: 'Rounding of convolutions',
  poolFit: 'Rounding of pools',
  maxPoolStride: "Max pool's stride, unless written",
  averagePoolStride: "Average pool's stride, unless written",
  averageCountsPadding: 'Averages count padding',
  same: '`pad same`',
  batchNormEpsilon: '`batchnorm` epsilon',
  batchNormMomentum: '`batchnorm` momentum',
  momentumMeans: 'Momentum is what is',
  lrnAlpha: '`lrn` alpha',
  lrnK: '`lrn` k',
  lrnDividesBySize: '`lrn` divides alpha by its size',
  flattenOrder: 'Order of `flatten` and `fc`',
};

/** The words that a rule is shown in, where its own do not say enough. */
const ruleWords: Readonly<Record<string, string>> = {
  true: 'yes',
  false: 'no',
  kernel: 'its kernel',
  one: '1',
  keep: 'kept',
  update: 'updated',
  upper: '⌈N/S⌉, odd padding bottom and right',
  'stride-1': 'at stride 1 only',
  half: '⌊F/2⌋ on every side',
  none: 'not there',
  strict: 'an error',
  floor: 'down',
  ceil: "up, PyTorch's way",
  caffe: "up, Caffe's way",
};

/** The rules of a framework as a table; those that differ from the strict ones stand out. */
export function rulesDoc(rules: FrameworkRules): string {
  const rows = rulesTable([rules]).map((cells) => `| ${cells.join(' | ')} |`);
  return (
    `**${rules.title}**: sizes and defaults follow its rules\n\n| Rule | |\n|:--|:--|\n${rows.join('\n')}\n\n` +
    `[All frameworks](${frameworksPage})`
  );
}

/** A row a rule: its title, then what it is in each framework. */
export const rulesTable = (columns: readonly FrameworkRules[]): readonly (readonly string[])[] =>
  Object.entries(ruleTitles).map(([key, title]) => {
    const name = key as keyof typeof ruleTitles;
    return [
      title,
      ...columns.map((rules) => {
        const value = String(rules[name]);
        const text = ruleWords[value] ?? value;
        return rules[name] === strictRules[name] ? text : `**${text}**`;
      }),
    ];
  });
