import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createChecker } from '../../language/index.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { findFiles, readSource } from '../files.js';
import type { Terminal } from '../terminal.js';

interface FmtOptions {
  readonly check?: boolean;
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<files...>', 'networks, folders with networks, or - for standard input')
    .option('--check', 'write nothing; fail when a file is not laid out')
    .addHelpText(
      'after',
      `\nOnly spaces and empty lines change. A file with a slip in its syntax stays as it is.\n${examples(
        ['Lay out every .convnet file of a folder', 'convnet fmt models'],
        ['Is everything laid out?', 'convnet fmt --check models'],
        ['From an editor', 'convnet fmt - < lenet.convnet'],
      )}`,
    )
    .action(async (files: string[], options: FmtOptions) => exit(await fmt(files, options, terminal)));

async function fmt(files: readonly string[], { check = false }: FmtOptions, terminal: Terminal): Promise<ExitStatus> {
  const checker = createChecker();
  let changed = 0;
  for (const path of await findFiles(files, terminal)) {
    const source = await readSource(path, terminal);
    const text = checker.format(source.text);
    if (path === '-' && !check) terminal.out(text);
    if (text === source.text) continue;
    changed++;
    if (path !== '-' || check) terminal.out(`${source.name}\n`);
    if (path !== '-' && !check) await replace(path, text, terminal);
  }
  return check && changed > 0 ? 1 : 0;
}

/** Written beside and then renamed: a file is never half written. */
async function replace(path: string, text: string, terminal: Terminal): Promise<void> {
  const target = resolve(terminal.cwd, path);
  const beside = `${target}.${process.pid}.tmp`;
  await writeFile(beside, text);
  await rename(beside, target);
}
