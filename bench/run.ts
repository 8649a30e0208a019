// `npm run bench -- language`: measures, prints a table, asserts nothing.
import { argv } from 'node:process';

const benches: Readonly<Record<string, () => Promise<{ run(): Promise<void> }>>> = {
  editor: () => import('./editor/run.js'),
  engine: () => import('./engine/run.js'),
  language: () => import('./language.js'),
};

const names = argv.slice(2);
const unknown = names.filter((name) => !benches[name]);
if (names.length === 0 || unknown.length > 0) {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exitCode = 2;
} else {
  for (const name of names) await (await benches[name]?.())?.run();
}
