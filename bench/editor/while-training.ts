import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { buildWhereStale } from '../../test/host/build.js';
import { root } from '../../test/host/repository.js';
import { resNet152 } from '../networks.js';
import { Server } from './server.js';
import { summary } from './statistics.js';

const ROUNDS = 5;
const EDITS = 15;
/** Milliseconds until training is under way. */
const UNDER_WAY = 2000;

/**
 * How long a key takes to its diagnostics while a network is trained beside it, as the panel's worker does: digits.convnet learns
 * in a process of its own. Idle and training take turns, so that what else the machine does meets both.
 */
export async function measureWhileTraining(): Promise<void> {
  buildWhereStale();
  const folder = mkdtempSync(join(tmpdir(), 'convnet-'));
  cpSync(join(root, 'examples', 'digits.convnet'), join(folder, 'digits.convnet'));
  const server = await Server.start();
  const uri = 'file:///bench/resnet152.convnet';
  const edits = [resNet152.replace('fc 1000', 'fc 1001'), resNet152];
  let written = 0;
  const edit = async () => (await server.write(uri, edits[written++ % 2] ?? '')).diagnostics;
  const times = { idle: [] as number[], training: [] as number[] };
  try {
    await server.write(uri, resNet152);
    for (let i = 0; i < EDITS; i++) await edit();
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < EDITS; i++) times.idle.push(await edit());
      const training = spawn(
        execPath,
        [join(root, 'dist/cli/main.cjs'), 'train', 'digits.convnet', '--fresh', '--epochs', '1000'],
        { cwd: folder, stdio: 'ignore' },
      );
      const ended = new Promise((resolve) => training.once('exit', resolve));
      await new Promise((resolve) => setTimeout(resolve, UNDER_WAY));
      if (training.exitCode !== null) throw new Error('Training ended before it was measured');
      for (let i = 0; i < EDITS; i++) times.training.push(await edit());
      training.kill('SIGKILL');
      await ended;
    }
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  const [idle, training] = [summary(times.idle), summary(times.training)];
  console.log('\nResNet-152, key → diagnostics, while digits.convnet learns:\n');
  console.table({ idle, training });
  console.log(`While training ${(training['median ms'] / idle['median ms']).toFixed(2)} × idle.`);
}
