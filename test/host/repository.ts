import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: the bundled tools in `build/` and the sources in `test/` lie at different depths. */
export const root = (() => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'esbuild.js'))) folder = dirname(folder);
  return folder;
})();

export const artifacts = join(root, 'artifacts');
