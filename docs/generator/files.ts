import { readFileSync } from 'node:fs';
import { attributesPage } from './attributes.js';
import { diagnosticsPage } from './diagnostics.js';
import { frameworksPage } from './frameworks.js';
import { withWordsOfCatalogue } from './grammar.js';
import { layersPage } from './layers.js';

const GRAMMAR = 'syntaxes/convnet.tmLanguage.json';

/** All that is written from records, by its path in the repository, whose `root` has a slash at its end. */
export const generatedFiles = async (root: URL): Promise<Readonly<Record<string, string>>> => ({
  'docs/layers.md': await layersPage(),
  'docs/attributes.md': attributesPage(),
  'docs/diagnostics.md': await diagnosticsPage(root),
  'docs/frameworks.md': frameworksPage(),
  [GRAMMAR]: withWordsOfCatalogue(readFileSync(new URL(GRAMMAR, root), 'utf8')),
});
