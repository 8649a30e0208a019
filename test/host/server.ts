import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Host } from './install.js';

/** Nothing on screen but the editor, and nothing that would call home. */
const SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'remote.autoForwardPorts': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

interface Options {
  /** A packaged extension to install first. */
  readonly vsix?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Lets a page say which tests to run in the extension host. */
  readonly testDriver?: boolean;
}

export interface RunningServer {
  readonly port: number;
  /** The page that shows `folder`; `payload` says what a desktop VS Code takes as command line options. */
  url(folder: string, payload?: Readonly<Record<string, string>>): string;
  /** Resolves when the server ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Serves VS Code on a free port of this machine only, with settings and extensions of its own. */
export async function startServer(host: Host, options: Options = {}): Promise<RunningServer> {
  const data = await mkdtemp(join(tmpdir(), 'convnet-vscode-'));
  await mkdir(join(data, 'User'), { recursive: true });
  await writeFile(join(data, 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...options.settings }, null, 2));

  const folders = ['--server-data-dir', data, '--user-data-dir', data, '--extensions-dir', join(data, 'extensions')];
  if (options.vsix) await finish(run(host, [...folders, '--install-extension', options.vsix, '--force']), 'installing');

  const port = await freePort();
  const server = run(host, [
    ...['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'],
    ...folders,
    ...['--accept-server-license-terms', '--disable-telemetry', '--disable-workspace-trust'],
    '--disable-getting-started-override',
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ]);
  const closed = new Promise<void>((resolve) => server.process.once('close', () => resolve()));
  const end = () => {
    killTree(server.process);
    // Its extension hosts may still be writing their last logs.
    rmSync(data, { recursive: true, force: true, maxRetries: 10 });
  };
  process.once('exit', end);
  const stop = async () => {
    process.off('exit', end);
    end();
    await closed;
  };

  try {
    await untilItAnswers(port, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url(folder, payload = {}) {
      const url = new URL(`http://127.0.0.1:${port}/`);
      url.searchParams.set('folder', pathToFileURL(folder).pathname);
      const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${pathToFileURL(path).pathname}`;
      const entries = Object.entries(payload).map(([key, path]) => [key, remote(path)]);
      if (entries.length > 0) url.searchParams.set('payload', JSON.stringify(entries));
      // As short as a query may be: people read it.
      return url.href.replace(/%2F|%3A|%2C/g, decodeURIComponent);
    },
    ended: closed,
    stop,
  };
}

interface Running {
  readonly process: ChildProcess;
  /** What it has printed so far; shown only when something goes wrong. */
  output(): string;
}

function run(host: Host, args: readonly string[]): Running {
  const child = spawn(host.node, [join(host.server, 'out', 'server-main.js'), ...args], {
    // An empty gallery keeps it from asking one.
    env: { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that its extension hosts end with it.
    detached: process.platform !== 'win32',
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(String(chunk)));
  return { process: child, output: () => chunks.join('') };
}

async function finish({ process: child, output }: Running, doing: string) {
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`VS Code's server failed when ${doing} (exit code ${code}):\n${output()}`);
}

async function untilItAnswers(port: number, server: Running) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (server.process.exitCode !== null) break;
    const answer = await fetch(`http://127.0.0.1:${port}/version`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Error(`VS Code's server did not come up on port ${port}:\n${server.output()}`);
}

function killTree(child: ChildProcess) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    if (process.platform === 'win32') execFileSync('taskkill', ['/pid', String(child.pid), '/T', '/F']);
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
  });
}
