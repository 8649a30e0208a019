import { execFileSync } from 'node:child_process';
import { findOnPath } from '../host/browser.js';

export const hasGit = findOnPath('git', 'git.exe') !== undefined;
if (!hasGit) console.log('NOT RUN: what needs git, which is not on the PATH');

export function git(folder: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...args], { cwd: folder, stdio: 'pipe' });
}

/** Makes the folder a repository with everything in it committed, where there is git. */
export function commitAll(folder: string): void {
  if (!hasGit) return;
  git(folder, 'init', '-q');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'Examples');
}
