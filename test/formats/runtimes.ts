import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../cli/driver.js';

/** Other tools that exports run in: packages that are fetched on first use into a folder that git ignores. */

const folder = join(root, '.runtimes');

/** A package of this version; undefined, and said so, where it cannot be fetched. */
// biome-ignore lint/suspicious/noExplicitAny: a runtime without types
export async function runtime(name: string, version: string, entry: string): Promise<any> {
  const path = join(folder, 'node_modules', name, entry);
  if (!existsSync(path)) {
    try {
      execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', `${name}@${version}`], {
        stdio: 'ignore',
        timeout: 300_000,
      });
    } catch {
      console.warn(`skipped: ${name} ${version} cannot be fetched`);
      return undefined;
    }
  }
  return import(path);
}

/** A Python with these packages, in an environment of its own; undefined, and said so, where they cannot be fetched. */
export function pythonWith(name: string, packages: readonly string[]): string | undefined {
  const place = join(folder, name);
  const command = join(place, 'bin', 'python');
  const isThere = join(place, 'complete');
  if (existsSync(isThere)) return command;
  const options = { stdio: 'ignore', timeout: 300_000 } as const;
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', place], options);
    execFileSync(
      command,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0', ...packages],
      options,
    );
    writeFileSync(isThere, packages.join('\n'));
    return command;
  } catch {
    console.warn(`skipped: ${packages.join(' and ')} cannot be fetched`);
    return undefined;
  }
}

/** Runs a program of Debian's Python, which has its machine learning packages; undefined where a module is missing. */
export function python(modules: readonly string[], program: string, args: readonly string[]): string | undefined {
  try {
    execFileSync('/usr/bin/python3', ['-c', modules.map((module) => `import ${module}`).join('\n')], {
      stdio: 'ignore',
    });
  } catch {
    console.warn(`skipped: /usr/bin/python3 has not all of ${modules.join(', ')}`);
    return undefined;
  }
  return execFileSync('/usr/bin/python3', ['-c', program, ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
}
