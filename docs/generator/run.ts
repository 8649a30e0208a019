// `npm run docs`: writes the reference pages, and the words of the TextMate grammar, from the records of layers, diagnostics
// and frameworks.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { generatedFiles } from './files.js';

// npm runs scripts in the repository's root.
const root = pathToFileURL(`${process.cwd()}/`);
for (const [path, text] of Object.entries(await generatedFiles(root))) {
  writeFileSync(new URL(path, root), text);
  console.log(path);
}
