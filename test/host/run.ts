// Runs every test: the unit tests, then those in a real VS Code. Its last line counts them all.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBrowser, HOW_TO_GET_A_BROWSER } from './browser.js';
import { buildWhereStale, packageExtension } from './build.js';
import { findDesktop } from './desktop.js';
import { runInExtensionHost } from './extensionHost.js';
import { ensureHost } from './install.js';
import { root } from './repository.js';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** A suite that ended before it could say how it went. */
const broken: Count = { passed: 0, failed: 1 };

function readReport<T>(file: string): T | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function vitest(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Count {
  const file = join(root, 'build', `${name}.report.json`);
  rmSync(file, { force: true });
  const vitestArgs = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args];
  const { status } = spawnSync(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), ...vitestArgs], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  const report = readReport<{ numPassedTests: number; numFailedTests: number }>(file);
  if (!report) return broken;
  // A file that does not load fails without failing a test.
  const failed = status === 0 ? report.numFailedTests : Math.max(1, report.numFailedTests);
  return { passed: report.numPassedTests, failed };
}

interface MochaReport {
  readonly passes: readonly { readonly fullTitle: string; readonly duration: number }[];
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly stack?: string } }[];
}

async function insideVSCode(): Promise<Count> {
  const file = join(root, 'build', 'test', 'vscode', 'report.json');
  rmSync(file, { force: true });
  const failure = await runInExtensionHost('test/vscode/index.cjs').catch((error: unknown) => error);
  const report = readReport<MochaReport>(file);
  if (!report) {
    console.log(`  ✗ no report: ${failure}`);
    return broken;
  }
  for (const { fullTitle, duration } of report.passes) console.log(`  ✓ ${fullTitle} (${duration} ms)`);
  for (const { fullTitle, err } of report.failures) console.log(`  ✗ ${fullTitle}\n${err.stack ?? ''}`);
  const failed = report.failures.length;
  return { passed: report.passes.length, failed: failure ? Math.max(1, failed) : failed };
}

function notRun(what: string): Count {
  console.log(`NOT RUN: ${what}. No Chromium or Chrome was found.\n${HOW_TO_GET_A_BROWSER}`);
  return { passed: 0, failed: 0 };
}

const counts: Count[] = [];

/** A suite that cannot even be started counts as one that failed; those after it run all the same. */
async function suite(title: string, run: () => Count | Promise<Count>) {
  console.log(`\n— ${title} —`);
  try {
    counts.push(await run());
  } catch (error) {
    console.log(`  ✗ ${error}`);
    counts.push(broken);
  }
}

const browser = findBrowser();
await suite('Unit tests', () => {
  buildWhereStale();
  return vitest('unit', []);
});
await suite('Tests of the extension in VS Code', async () => {
  if (!browser && !findDesktop()) return notRun('the tests that use the vscode API');
  if (!findDesktop()) await ensureHost();
  return insideVSCode();
});
await suite('The packaged extension, end to end', async () => {
  if (!browser) return notRun('the end-to-end tests');
  await ensureHost();
  return vitest('e2e', ['--config', 'test/e2e/vitest.config.ts'], { CONVNET_VSIX: packageExtension() });
});

const sum = (pick: (count: Count) => number) => counts.reduce((total, count) => total + pick(count), 0);
const failed = sum(({ failed }) => failed);
console.log(`\n${sum(({ passed }) => passed)} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
