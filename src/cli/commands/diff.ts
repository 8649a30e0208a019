import { Option } from 'commander';
import { compareFiles, differs } from '../../language/report/comparison.js';
import { formatMarkdownDiff, formatTextDiff } from '../../language/report/comparison-table.js';
import { reportOf } from '../check-files.js';
import { formatText } from '../check-text.js';
import { createFileChecker } from '../checker.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { countSeverity, pathOf } from '../diagnostic.js';
import { formatJsonDiff } from '../diff-json.js';
import { isThere, readSource } from '../files.js';
import { isRevision, lastCommitOf, readRevision } from '../revision.js';
import { painter } from '../style.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

interface DiffOptions {
  readonly format: 'text' | 'json' | 'markdown';
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<before>', 'a file, or a file in a commit: HEAD~2:models/lenet.convnet')
    .argument('[after]', 'the same; without it, the first is compared with how it was in the last commit')
    .addOption(
      new Option('--format <format>', 'how the table is printed').choices(['text', 'json', 'markdown']).default('text'),
    )
    .addHelpText(
      'after',
      `\nLayers are matched by what they are and where they stand. Exit status: 0 without difference, 1 with one, 2 where a file\ncannot be compared.\n${examples(
        ['What did I change since the last commit?', 'convnet diff lenet.convnet'],
        ['What does one network have that the other has not?', 'convnet diff resnet18.convnet resnet34.convnet'],
        ['For a pull request', 'convnet diff main:./lenet.convnet lenet.convnet --format markdown'],
      )}`,
    )
    .action(async (before: string, after: string | undefined, options: DiffOptions) =>
      exit(await diff(before, after, options, terminal)),
    );

async function diff(
  first: string,
  second: string | undefined,
  { format }: DiffOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const [before, after] = await Promise.all([
    read(second === undefined ? lastCommitOf(first) : first, terminal),
    read(second ?? first, terminal),
  ]);
  const networks = compareFiles(before.checked, after.checked);
  if (networks.length === 0) throw new UsageError(`neither ${before.name} nor ${after.name} has a network`);
  if (format === 'json') terminal.out(formatJsonDiff(networks, before.fileOf, after.fileOf));
  else if (format === 'markdown') terminal.out(formatMarkdownDiff(networks));
  else terminal.out(formatTextDiff(networks, painter(terminal)));
  for (const { report } of [before, after]) {
    const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
    if (countSeverity([report], 'error') > 0)
      terminal.err(`\n${formatText([{ ...report, diagnostics: errors }], (_, text) => text)}`);
  }
  return networks.some(differs) ? 1 : 0;
}

async function read(argument: string, terminal: Terminal) {
  const isInCommit = isRevision(argument) && !(await isThere(argument, terminal));
  const { source, checker } = isInCommit
    ? await readRevision(argument, terminal.cwd)
    : { source: await readSource(argument, terminal), checker: createFileChecker() };
  const checked = await checker.check(source.uri, source.text);
  const fileOf = (uri: string) => (uri === source.uri ? source.name : pathOf(uri, terminal.cwd));
  return { name: source.name, checked, fileOf, report: reportOf(source, checked, terminal.cwd) };
}
