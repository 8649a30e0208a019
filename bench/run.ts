// `npm run bench -- engine --only vgg16`: measures, prints a table, asserts nothing.
import { argv } from 'node:process';

type Bench = { run(options: readonly string[]): Promise<void> };

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  editor: () => import('./editor/run.js'),
  engine: () => import('./engine/run.js'),
  formats: () => import('./formats.js'),
  language: () => import('./language.js'),
  panel: () => import('./panel/run.js'),
  server: () => import('./editor/server.js'),
  train: () => import('./train.js'),
};

// The bench's name, then its own options.
const [name = '', ...options] = argv.slice(2);
const bench = benches[name];
if (bench) await (await bench()).run(options);
else {
  console.error(`Usage: npm run bench -- ${Object.keys(benches).join('|')}`);
  process.exitCode = 2;
}
