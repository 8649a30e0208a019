import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCaffe } from '../src/formats/caffe/write.js';
import { importFiles } from '../src/formats/import-files.js';
import { createChecker } from '../src/language/index.js';
import { printNetwork } from '../src/language/print/index.js';
import { root } from '../test/host/repository.js';

/**
 * How long an import takes, read and printed, as `convnet import` does it: of real prototxts where they lie beside the project, and
 * of what is written of our own ResNet-50.
 */

const RUNS = 15;
const TARGET = 300;

/** ResNet-50 with gates and without, of 50 and of more layers; the longest there is. */
const real = [
  'SENet__models__SE-ResNet-50',
  'deep-residual-networks__prototxt__ResNet-101-deploy',
  'caffe-model__cls__resnet__deploy_resnet152',
  'caffe-model__cls__air__deploy_air152',
];

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

async function ownResNet50(): Promise<Uint8Array> {
  const files = ['blocks', 'resnet50'].map((name) => readFileSync(join(root, 'examples', `${name}.convnet`), 'utf8'));
  // One file, so that nothing is imported.
  const text = files.join('\n').replace(/^import .*$/m, '');
  const [network] = (await createChecker().check('file:///resnet50.convnet', text)).networks;
  if (!network) throw new Error('examples/resnet50.convnet has no network');
  const [prototxt] = writeCaffe({ checked: network.checked, fileName: 'resnet50' }).files;
  return new TextEncoder().encode(String(prototxt?.content));
}

async function measure(name: string, bytes: Uint8Array): Promise<void> {
  const wall: number[] = [];
  const processor: number[] = [];
  let lines = 0;
  for (let i = 0; i < RUNS; i++) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    const imported = await importFiles({ name: 'net.prototxt', bytes }, [], async () => undefined);
    lines = printNetwork(imported.network).split('\n').length;
    const { user, system } = process.cpuUsage(used);
    wall.push(performance.now() - started);
    processor.push((user + system) / 1000);
  }
  const from = new TextDecoder().decode(bytes).split('\n').length;
  console.log(
    `${name}, ${from} lines of prototxt to ${lines}: ${median(wall).toFixed(1)} ms, of the processor ${median(processor).toFixed(1)} ms ` +
      `(median of ${RUNS}; the first ${wall[0]?.toFixed(1)} ms). Target: below ${TARGET} ms.`,
  );
}

export async function run(): Promise<void> {
  const folder = join(root, '..', 'shared', 'oracles', 'prototxt');
  if (existsSync(folder))
    for (const name of real) await measure(name.replaceAll('__', '/'), readFileSync(join(folder, `${name}.prototxt`)));
  else console.log(`skipped: real prototxts: there is no ${folder}`);
  await measure('ResNet-50, as it is exported', await ownResNet50());
}
