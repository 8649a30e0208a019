import { InvalidArgumentError, Option } from 'commander';
import { type Framework, frameworkNames } from '../../network/frameworks.js';
import { checkFiles } from '../check-files.js';
import { formatJson } from '../check-json.js';
import { formatSarif } from '../check-sarif.js';
import { count, formatText } from '../check-text.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { countSeverity } from '../diagnostic.js';
import { findFiles } from '../files.js';
import { painter } from '../style.js';
import type { Terminal } from '../terminal.js';

interface CheckOptions {
  readonly format: 'text' | 'json' | 'sarif';
  readonly like?: Framework;
  readonly maxWarnings?: number;
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<files...>', 'networks, folders with networks, or - for standard input')
    .addOption(
      new Option('--format <format>', 'how findings are printed').choices(['text', 'json', 'sarif']).default('text'),
    )
    .addOption(
      new Option('--like <framework>', 'also say which sizes would be others by its rules').choices(frameworkNames),
    )
    .option('--max-warnings <n>', 'fail when there are more warnings', parseCount)
    .addHelpText(
      'after',
      `\nExit status: 0 without errors, 1 with errors (or sizes that diverge), 2 for wrong usage.\n${examples(
        ['One file', 'convnet check lenet.convnet'],
        ['Every .convnet file in a folder, for a code scanner', 'convnet check models --format sarif > convnet.sarif'],
        ['Would Caffe give the same sizes?', 'convnet check resnet18.convnet --like caffe'],
        ['What another program writes', 'convnet check - < lenet.convnet'],
      )}`,
    )
    .action(async (files: string[], options: CheckOptions) => exit(await check(files, options, terminal)));

function parseCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It takes a whole number, 0 or more.');
  return Number(text);
}

async function check(files: readonly string[], options: CheckOptions, terminal: Terminal): Promise<ExitStatus> {
  const { format, like, maxWarnings = Number.POSITIVE_INFINITY } = options;
  const reports = await checkFiles(await findFiles(files, terminal), terminal, like);
  if (format === 'json') terminal.out(formatJson(reports));
  else if (format === 'sarif') terminal.out(formatSarif(reports));
  else terminal.out(formatText(reports, painter(terminal), like));
  const warnings = countSeverity(reports, 'warning');
  if (warnings > maxWarnings)
    terminal.err(`convnet: ${count(warnings, 'warning')}, more than the ${maxWarnings} allowed\n`);
  return countSeverity(reports, 'error') > 0 || warnings > maxWarnings ? 1 : 0;
}
