import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { findDesktop } from './desktop.js';
import { root } from './repository.js';

/**
 * Runs a script inside VS Code, over a copy of the examples or an empty folder: in the desktop one where there is one,
 * else in the browser-hosted one. Rejects when the script does.
 */
export async function runInExtensionHost(script: string, files: 'examples' | 'none' = 'examples'): Promise<void> {
  const workspace = await mkdtemp(join(tmpdir(), 'convnet-workspace-'));
  if (files === 'examples') await cp(join(root, 'examples'), workspace, { recursive: true });
  try {
    await runTests({
      vscodeExecutablePath: findDesktop() ?? (await browserHosted()),
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, 'build', script),
      launchArgs: [workspace, '--disable-extensions'],
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** A program that behaves as a desktop VS Code does when it runs tests. */
async function browserHosted() {
  const shim = join(root, 'build', 'test', 'host', 'shim.js');
  if (process.platform !== 'win32') {
    await chmod(shim, 0o755);
    return shim;
  }
  const command = shim.replace(/js$/, 'cmd');
  await writeFile(command, `@"${process.execPath}" "${shim}" %*\r\n`);
  return command;
}
