import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { root } from './repository.js';

const SERVER_VERSION = '4.139.1';
const NODE_VERSION = '24.21.0';
const platform = process.platform === 'win32' ? 'win' : process.platform;
const nodePackage = `node-${platform}-${process.arch}`;

/** A VS Code that is served to a browser. */
export interface Host {
  /** The Node it runs on; it needs a newer one than we do. */
  readonly node: string;
  /** The folder of VS Code's server. */
  readonly server: string;
}

/** Where the browser-hosted VS Code lives; set CONVNET_VSCODE_HOST to share one between clones. */
const home = resolve(process.env.CONVNET_VSCODE_HOST ?? join(root, '.vscode-host'));
const finished = join(home, `code-server-${SERVER_VERSION}-${nodePackage}-${NODE_VERSION}`);

function hostIn(folder: string): Host {
  const modules = join(folder, 'node_modules');
  return {
    node: join(modules, nodePackage, 'bin', platform === 'win' ? 'node.exe' : 'node'),
    server: join(modules, 'code-server', 'lib', 'vscode'),
  };
}

/** Returns the browser-hosted VS Code, fetching it on first use. Safe to interrupt and to run twice at once. */
export async function ensureHost(say: (line: string) => void = console.log): Promise<Host> {
  if (existsSync(finished)) return hostIn(finished);
  say(
    `Fetching a VS Code that runs in the browser, once: code-server ${SERVER_VERSION} and Node ${NODE_VERSION}, by npm.`,
  );
  say(`It takes about a minute and 530 MB in ${home}`);
  await mkdir(home, { recursive: true });
  await removeAbandoned();

  // Only a complete install ever has the final name, so that an interrupted one is never mistaken for it.
  const partial = `${finished}.partial-${process.pid}`;
  try {
    await install(partial, say);
    await rename(partial, finished).catch((error: unknown) => {
      if (!existsSync(finished)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return hostIn(finished);
}

/** What an interrupted install left: half a gigabyte that nothing else would ever delete. */
async function removeAbandoned() {
  const quarterOfAnHour = 15 * 60 * 1000;
  for (const name of await readdir(home)) {
    const folder = join(home, name);
    if (name.includes('.partial-') && Date.now() - (await stat(folder)).mtimeMs > quarterOfAnHour)
      await rm(folder, { recursive: true, force: true });
  }
}

async function install(folder: string, say: (line: string) => void) {
  const { node, server } = hostIn(folder);
  await mkdir(folder, { recursive: true });
  // Without a package.json of its own, npm would install into the repository above.
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  say('  1/3 the server and its Node');
  await npm(folder, node, `code-server@${SERVER_VERSION}`, `${nodePackage}@${NODE_VERSION}`);
  say('  2/3 what the server needs');
  await npm(server, node, '--omit=dev');
  say('  3/3 leaving out what this machine cannot use');
  await trim(join(server, 'node_modules'));
}

/** Install scripts would download and compile what we do not use. */
async function npm(folder: string, node: string, ...args: string[]) {
  const cli = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined;
  const [command, before] = cli ? [process.execPath, [cli]] : ['npm', []];
  const options = ['install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn(command, [...before, ...options, '--prefix', folder, ...args], {
    cwd: folder,
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32' && !cli,
  });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`npm could not install into ${folder} (exit code ${code})`);
}

async function trim(modules: string) {
  const remove = async (folder: string, unwanted: (name: string) => boolean) => {
    if (!existsSync(folder)) return;
    for (const name of await readdir(folder))
      if (unwanted(name)) await rm(join(folder, name), { recursive: true, force: true });
  };
  const ours = `${process.platform}-${process.arch}`;
  await remove(join(modules, '@github'), (name) => name.startsWith('copilot-sdk-'));
  await remove(join(modules, '@microsoft'), (name) => name === 'mxc-sdk');
  await remove(join(modules, '@vscode', 'ripgrep-universal', 'bin'), (name) => name !== ours);
  await remove(join(modules, 'node-pty', 'prebuilds'), (name) => name !== ours);
}
