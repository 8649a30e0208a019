import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeCaffe } from '../src/formats/caffe/write.js';
import { importFiles } from '../src/formats/import-files.js';
import { createChecker } from '../src/language/index.js';
import { printNetwork } from '../src/language/print/index.js';
import { root } from '../test/host/repository.js';

/** How long an import takes: ResNet-50's prototxt, read and printed, as `convnet import` does it. */

const RUNS = 15;
const TARGET = 300;

const median = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

export async function run(): Promise<void> {
  const files = ['blocks', 'resnet50'].map((name) => readFileSync(join(root, 'examples', `${name}.convnet`), 'utf8'));
  // One file, so that nothing is imported.
  const text = files.join('\n').replace(/^import .*$/m, '');
  const [network] = (await createChecker().check('file:///resnet50.convnet', text)).networks;
  if (!network) throw new Error('examples/resnet50.convnet has no network');
  const [prototxt] = writeCaffe({ checked: network.checked, fileName: 'resnet50' }).files;
  const bytes = new TextEncoder().encode(String(prototxt?.content));
  const wall: number[] = [];
  const processor: number[] = [];
  let lines = 0;
  for (let i = 0; i < RUNS; i++) {
    const [started, used] = [performance.now(), process.cpuUsage()];
    const imported = await importFiles({ name: 'resnet50.prototxt', bytes }, [], async () => undefined);
    lines = printNetwork(imported.network).split('\n').length;
    const { user, system } = process.cpuUsage(used);
    wall.push(performance.now() - started);
    processor.push((user + system) / 1000);
  }
  const from = String(prototxt?.content).split('\n').length;
  console.log(
    `ResNet-50, ${from} lines of prototxt to ${lines}: ${median(wall).toFixed(1)} ms, of the processor ${median(processor).toFixed(1)} ms ` +
      `(median of ${RUNS}; the first ${wall[0]?.toFixed(1)} ms). Target: below ${TARGET} ms.`,
  );
}
