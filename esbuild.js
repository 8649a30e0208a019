// Builds every bundle into dist/. `--production` minifies and leaves out source maps; `--watch` rebuilds on change;
// `--tools` builds the repository's own programs (tests in a real VS Code, `npm start`, measurements, reference pages) into build/ instead.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { withoutWords } from './esbuild.engine.js';

const { values: options } = parseArgs({
  options: { production: { type: 'boolean' }, watch: { type: 'boolean' }, tools: { type: 'boolean' } },
});

const common = {
  bundle: true,
  sourcemap: !options.production,
  minify: options.production ?? false,
  logLevel: 'warning',
  target: 'es2022',
  // Some packages ask for the CommonJS version of the protocol's types: one copy is enough.
  alias: {
    'vscode-languageserver-types': fileURLToPath(
      new URL('node_modules/vscode-languageserver-types/lib/esm/main.js', import.meta.url),
    ),
  },
};
const node = { ...common, platform: 'node', target: 'node20' };
const browser = { ...common, platform: 'browser', mainFields: ['browser', 'module', 'main'] };

/** What `npx convnet` runs. */
const COMMAND = 'dist/cli/main.cjs';

/** Langium writes the grammar as JSON that is laid out for people. */
const denseGrammar = {
  name: 'dense grammar',
  setup(build) {
    build.onLoad({ filter: /generated[\\/]grammar\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/\n +/g, ''),
      loader: 'ts',
    }));
  },
};

/**
 * VS Code requires extensions and hands out its API by `require` only, but esbuild splits nothing but ES modules: what is loaded when it
 * is first used is split off as such, then each file is translated.
 */
const requiredChunks = {
  name: 'required chunks',
  setup(build) {
    build.onEnd(async ({ outputFiles = [] }) => {
      const { minify, sourcemap, target } = build.initialOptions;
      const commonJs = { format: 'cjs', platform: 'node', supported: { 'dynamic-import': false } };
      for (const { path, text } of outputFiles) {
        const { code } = await esbuild.transform(text, { ...commonJs, minify, sourcemap, target });
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, code);
      }
    });
  },
};

const engine = { ...common, format: 'esm', platform: 'neutral', plugins: [withoutWords] };

/** One entry a bundle; see ARCHITECTURE.md for who loads which. */
const bundles = [
  {
    ...node,
    entryPoints: { 'dist/extension': 'src/extension/desktop.ts' },
    outdir: '.',
    outExtension: { '.js': '.cjs' },
    chunkNames: 'dist/extension/[name]-[hash]',
    format: 'esm',
    splitting: true,
    external: ['vscode'],
    sourcemap: options.production ? false : 'inline',
    write: false,
    plugins: [requiredChunks],
  },
  {
    ...node,
    entryPoints: ['src/language/server/node.ts'],
    outfile: 'dist/server.cjs',
    format: 'cjs',
    plugins: [denseGrammar],
  },
  {
    ...browser,
    entryPoints: ['src/extension/web.ts'],
    outfile: 'dist/browser/extension.js',
    format: 'cjs',
    external: ['vscode'],
  },
  {
    ...browser,
    entryPoints: ['src/language/server/browser.ts'],
    outfile: 'dist/browser/server.js',
    format: 'iife',
    plugins: [denseGrammar],
  },
  {
    ...browser,
    entryPoints: ['src/preview/panel.tsx'],
    outdir: 'dist/preview',
    format: 'esm',
    // What only training needs is loaded when a network is trained.
    splitting: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
  },
  { ...browser, entryPoints: ['src/preview/worker.ts'], outfile: 'dist/preview/worker.js', format: 'iife' },
  { ...browser, entryPoints: ['src/preview/train/worker.ts'], outfile: 'dist/preview/training.js', format: 'iife' },
  {
    ...node,
    entryPoints: ['src/cli/main.ts'],
    outfile: COMMAND,
    format: 'cjs',
    external: ['./start.js'],
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    ...node,
    entryPoints: ['src/cli/start.ts'],
    outdir: 'dist/cli',
    format: 'esm',
    splitting: true,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  },
  { ...engine, entryPoints: ['src/engine/module.ts'], outfile: 'dist/engine.js' },
  { ...engine, entryPoints: ['src/engine/worker/entry.ts'], outfile: 'dist/engine-worker.js' },
];

/** Run from the repository only, so they find their packages in node_modules. */
const tools = [
  {
    entryPoints: [
      'test/host/run.ts',
      'test/host/start.ts',
      'test/host/shim.ts',
      'bench/run.ts',
      'bench/engine/in-node.ts',
      'docs/generator/run.ts',
      'docs/pictures/run.ts',
      'docs/lecture/run.ts',
    ],
    format: 'esm',
  },
  // VS Code requires its tests.
  {
    entryPoints: ['test/vscode/index.ts', 'bench/editor/keystrokes.ts', 'bench/editor/activation.ts'],
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
  },
  // A Web Worker.
  { ...browser, entryPoints: ['bench/engine/in-worker.ts'], format: 'iife', packages: 'bundle' },
].map((tool) => ({ ...node, sourcemap: false, outdir: 'build', outbase: '.', packages: 'external', ...tool }));

/** The parser is generated from the grammar; its output is not kept in git. */
const generateParser = () =>
  execFileSync(
    process.execPath,
    ['node_modules/langium-cli/bin/langium.js', 'generate', '-f', 'language/langium-config.json'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );

/** npm does not link a package's own command; this does, so that `npx convnet` works after `npm ci`. */
function linkCommand() {
  chmodSync(COMMAND, 0o755);
  mkdirSync('node_modules/.bin', { recursive: true });
  rmSync('node_modules/.bin/convnet', { force: true });
  if (process.platform === 'win32')
    writeFileSync('node_modules/.bin/convnet.cmd', '@node "%~dp0\\..\\..\\dist\\cli\\main.cjs" %*\r\n');
  else symlinkSync(`../../${COMMAND}`, 'node_modules/.bin/convnet');
}

/** The types of the engine's module: `dist/engine.d.ts`. */
function declareEngine() {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.engine.json'], {
    stdio: 'inherit',
  });
  writeFileSync('dist/engine.d.ts', "export * from './types/engine/module.js';\n");
}

generateParser();
if (options.tools) {
  await Promise.all(tools.map((tool) => esbuild.build(tool)));
} else if (options.watch) {
  for (const bundle of bundles) await (await esbuild.context({ ...bundle, logLevel: 'info' })).watch();
} else {
  rmSync('dist', { recursive: true, force: true });
  await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
  if (options.production) declareEngine();
  linkCommand();
}
