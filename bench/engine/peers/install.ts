import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../test/host/repository.js';

/** The engines that ours is compared with, and a newer Node; they are no dependencies of ours, so they have a folder. */
const packages = {
  '@tensorflow/tfjs': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  'onnxruntime-web': '1.30.0',
  'onnxruntime-node': '1.30.0',
  convnetjs: '0.3.0',
};
const NODE_VERSION = '24.21.0';
const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const folder = join(root, '.bench-peers');

/** Where the peers are installed. */
export const peersFolder = join(folder, 'node_modules');

/** The newer Node of the peers' folder. */
export const newerNode = join(peersFolder, nodePackage, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Installs what is not there yet: about 900 MB, once. */
export function installPeers(): void {
  const manifest = JSON.stringify({ private: true, dependencies: { ...packages, [nodePackage]: NODE_VERSION } });
  const finished = join(folder, `installed ${NODE_VERSION} ${Object.values(packages).join(' ')}`);
  if (existsSync(finished)) return;
  console.log(`Installing the peers, once: about 900 MB in ${folder}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Without the parts for graphics cards, which it would fetch from elsewhere.
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('npm could not install the peers');
  writeFileSync(finished, '');
}
