// `npm start`: shows the command line at work on an example, then opens VS Code with the extension in it.
// `npm start -- --check` ends as soon as VS Code answers.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildWhereStale, packageExtension } from './build.js';
import { findCodeCommand } from './desktop.js';
import { ensureHost } from './install.js';
import { root } from './repository.js';
import { startServer } from './server.js';

const { values: options } = parseArgs({ options: { check: { type: 'boolean' } } });
const examples = join(root, 'examples');
const lenet = join('examples', 'lenet.convnet');

function show(...args: string[]) {
  console.log(`\n$ npx convnet ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join('dist', 'cli', 'main.cjs'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`convnet ${args[0]} failed`);
}

/** A browser is a convenience: where none opens, the address is on the screen. */
function openInBrowser(url: string) {
  const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
    darwin: ['open'],
  };
  const [command = 'xdg-open', ...args] = openers[process.platform] ?? [];
  spawn(command, [...args, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

function openDesktop(code: string) {
  console.log('\nOpening VS Code with the extension and the examples.');
  spawnSync(code, [`--extensionDevelopmentPath=${root}`, examples, join(root, lenet)], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
}

async function serve() {
  const host = await ensureHost();
  console.log('\nPackaging the extension and starting VS Code …');
  const server = await startServer(host, { vsix: packageExtension() });
  const url = server.url(examples, { openFile: join(root, lenet) });
  console.log(`\nVS Code with the extension is at\n\n  ${url}\n\nCtrl-C ends it.`);
  if (options.check) return server.stop();
  openInBrowser(url);
  await server.ended;
}

// Ending in order ends the server too.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit());
buildWhereStale();
show('check', lenet);
show('run', lenet);
const code = findCodeCommand();
if (code && !options.check) openDesktop(code);
else await serve();
