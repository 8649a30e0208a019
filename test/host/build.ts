import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './repository.js';

const SOURCES = ['src', 'language', 'syntaxes', 'esbuild.js', 'package-lock.json'];
const GENERATED = join(root, 'src', 'language', 'generated');

/** Builds what ships, unless it is there and newer than everything it is made from. */
export function buildWhereStale(): void {
  const built = join(root, 'dist', 'cli', 'main.cjs');
  if (existsSync(built) && SOURCES.every((source) => newest(join(root, source)) <= statSync(built).mtimeMs)) return;
  run(process.execPath, ['esbuild.js', '--production']);
}

/** Packages what is built. Returns the file. */
export function packageExtension(): string {
  const vsix = join(root, 'build', 'convnet.vsix');
  const vsce = join('node_modules', '@vscode', 'vsce', 'vsce');
  run(process.execPath, [vsce, 'package', '--no-dependencies', '-o', vsix]);
  return vsix;
}

function newest(path: string): number {
  if (path === GENERATED) return 0;
  const status = statSync(path);
  if (!status.isDirectory()) return status.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Runs a program of the repository; what it prints is shown only when it fails. */
function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} failed:\n${stdout}${stderr}`);
}
