import { attributesPage } from './attributes.js';
import { diagnosticsPage } from './diagnostics.js';
import { frameworksPage } from './frameworks.js';
import { layersPage } from './layers.js';

/** The reference pages by their names in `docs/`; `root` is the repository, with a slash at its end. */
export const referencePages = async (root: URL): Promise<Readonly<Record<string, string>>> => ({
  'layers.md': await layersPage(),
  'attributes.md': attributesPage(),
  'diagnostics.md': await diagnosticsPage(root),
  'frameworks.md': frameworksPage(),
});
