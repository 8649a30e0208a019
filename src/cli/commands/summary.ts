import { Option } from 'commander';
import { isForeign } from '../../formats/import-files.js';
import { type ConventionName, conventionNames } from '../../network/counting.js';
import { reportOf } from '../check-files.js';
import { formatText } from '../check-text.js';
import { createFileChecker } from '../checker.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { countSeverity, pathOf } from '../diagnostic.js';
import { readSource } from '../files.js';
import { importNetwork } from '../import-network.js';
import { summariseNetworks } from '../network-summary.js';
import { painter } from '../style.js';
import { formatMarkdownSummary, formatTextSummary } from '../summary-table.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

interface SummaryOptions {
  readonly format: 'text' | 'json' | 'markdown';
  readonly count: ConventionName;
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', "a file with networks, another tool's network, or - for standard input")
    .addOption(
      new Option('--format <format>', 'how the table is printed').choices(['text', 'json', 'markdown']).default('text'),
    )
    .addOption(
      new Option('--count <convention>', 'whose way of counting the work is followed')
        .choices(conventionNames)
        .default('macs'),
    )
    .addHelpText(
      'after',
      `\nMACs are multiply–accumulates without bias; one is two FLOPs. Exit status: 1 where the file has errors; what they\nleave unknown is "?", or null in JSON.\n${examples(
        ['A table', 'convnet summary lenet.convnet'],
        ['A table for a readme', 'convnet summary vgg16.convnet --format markdown'],
        ['What thop would print for it', 'convnet summary resnet50.convnet --count thop'],
        ['The parameters, for a script', "convnet summary vgg16.convnet --format json | jq '.networks[0].params'"],
      )}`,
    )
    .action(async (file: string, options: SummaryOptions) => exit(await summary(file, options, terminal)));

async function readText(file: string, terminal: Terminal) {
  const source = await readSource(file, terminal);
  return { source, checked: await createFileChecker().check(source.uri, source.text) };
}

async function summary(file: string, { format, count }: SummaryOptions, terminal: Terminal): Promise<ExitStatus> {
  const { source, checked } = isForeign(file)
    ? await importNetwork(file, [], undefined, terminal)
    : await readText(file, terminal);
  const { networks } = checked;
  const fileOf = (uri: string) => (uri === source.uri ? source.name : pathOf(uri, terminal.cwd));
  const report = reportOf(source, checked, terminal.cwd);
  const failed = countSeverity([report], 'error') > 0;
  if (networks.length === 0 && !failed)
    throw new UsageError(`${source.name} has no network; write network Name { input 32x32x3 … }`);

  if (format === 'json')
    terminal.out(`${JSON.stringify({ networks: summariseNetworks(checked, fileOf, count) }, null, 2)}\n`);
  else if (format === 'markdown') terminal.out(formatMarkdownSummary(networks, count));
  else terminal.out(formatTextSummary(networks, count, painter(terminal)));
  if (!failed) return 0;
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  terminal.err(`\n${formatText([{ ...report, diagnostics: errors }], (_, text) => text)}`);
  return 1;
}
