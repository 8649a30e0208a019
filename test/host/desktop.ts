import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findOnPath } from './browser.js';

/** The `code` command of a desktop VS Code. */
export const findCodeCommand = () => findOnPath(process.platform === 'win32' ? 'code.cmd' : 'code');

/** The program itself, which tests need: the command returns at once and gives no exit code. */
export function findDesktop(): string | undefined {
  if (process.env.VSCODE_EXECUTABLE) return process.env.VSCODE_EXECUTABLE;
  const command = findCodeCommand();
  const hasScreen = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!command || !hasScreen) return undefined;
  const bin = dirname(realpathSync(command));
  const candidates = {
    win32: join(bin, '..', 'Code.exe'),
    // …/Visual Studio Code.app/Contents/Resources/app/bin
    darwin: join(bin, '..', '..', '..', 'MacOS', 'Electron'),
    linux: join(bin, '..', 'code'),
  };
  const program = candidates[process.platform as keyof typeof candidates];
  return program && existsSync(program) ? program : undefined;
}
