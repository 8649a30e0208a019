import { readFileSync } from 'node:fs';
import esbuild from 'esbuild';

/** The engine's bundles show nothing to anybody: what layers say of themselves in words stays out, and so do quick fixes. */
export const withoutWords = {
  name: 'without words',
  setup(build) {
    build.onLoad({ filter: /src[\\/]network[\\/]fixes\.ts$/ }, ({ path }) => {
      const names = [...readFileSync(path, 'utf8').matchAll(/^export function (\w+)/gm)].map(([, name]) => name);
      return { contents: names.map((name) => `export const ${name} = () => [];`).join('\n') };
    });
    build.onLoad({ filter: /src[\\/]network[\\/](layers[\\/][a-z]+|diagnostics|values)\.ts$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, 'utf8'), { loader: 'ts', minifySyntax: true });
      // Titles, examples, what a value should be, and whole sentences: what a problem says ends without a full stop.
      const words = /(?<=\b(?:example|expects|title|summary): )"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*\."/g;
      return { contents: code.replace(words, '""') };
    });
  },
};
