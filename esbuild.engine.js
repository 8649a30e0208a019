import { readFileSync } from 'node:fs';
import { parse } from 'acorn';
import esbuild from 'esbuild';

/** What layers, values and diagnostics tell an editor of themselves, and what reads the text of attributes. */
const told = new Set([
  'fixes',
  'title',
  'summary',
  'doc',
  'example',
  'explain',
  'expects',
  'suggestions',
  'positionalAs',
  'parse',
]);

/** The engine's bundles show nothing to anybody and read no text: words, explanations and quick fixes stay out. */
export const withoutWords = {
  name: 'without words',
  setup(build) {
    build.onLoad({ filter: /src[\\/]network[\\/]input-fixes\.ts$/ }, () => ({
      contents: 'export const withInputFixes = (network, problems) => problems;',
    }));
    build.onLoad({ filter: /src[\\/]network[\\/](layers[\\/][a-z]+|diagnostics|values)\.ts$/ }, async ({ path }) => {
      // Strings that are put together are one.
      const { code } = await esbuild.transform(readFileSync(path, 'utf8'), { loader: 'ts', minifySyntax: true });
      return { contents: withoutTold(code) };
    });
  },
};

/** A module without the properties of objects that are told, and without sentences: what a problem says ends without a full stop. */
function withoutTold(code) {
  const cuts = [];
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (node.type === 'ObjectExpression') for (const property of node.properties) visitProperty(property);
    else if (node.type === 'Literal' && typeof node.value === 'string' && node.value.endsWith('.'))
      cuts.push({ from: node.start, to: node.end, by: '""' });
    else for (const part of Object.values(node)) visit(part);
  };
  const visitProperty = (property) => {
    if (told.has(property.key?.name)) {
      const comma = /^\s*,/.exec(code.slice(property.end))?.[0].length ?? 0;
      cuts.push({ from: property.start, to: property.end + comma, by: '' });
    } else visit(property.value ?? property.argument);
  };
  visit(parse(code, { ecmaVersion: 'latest', sourceType: 'module' }));
  // In the order of the text; from its end, so that places before a cut stay where they are.
  let rest = code;
  for (const { from, to, by } of cuts.reverse()) rest = rest.slice(0, from) + by + rest.slice(to);
  return rest;
}
