// `npm run docs`: writes the reference pages from the records of layers, diagnostics and frameworks.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { referencePages } from './pages.js';

// npm runs scripts in the repository's root.
const root = pathToFileURL(`${process.cwd()}/`);
for (const [name, text] of Object.entries(await referencePages(root))) {
  writeFileSync(new URL(`docs/${name}`, root), text);
  console.log(`docs/${name}`);
}
