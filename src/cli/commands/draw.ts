import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { drawNetwork } from '../../drawing/scene.js';
import { networkSvg } from '../../drawing/svg.js';
import { networkTikz } from '../../drawing/tikz.js';
import { reportOf } from '../check-files.js';
import { formatText } from '../check-text.js';
import { createFileChecker } from '../checker.js';
import { chooseNetwork } from '../choose-network.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { countSeverity } from '../diagnostic.js';
import { readSource } from '../files.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

const formats = { svg: networkSvg, tikz: networkTikz } as const;

interface DrawOptions {
  readonly format: keyof typeof formats;
  readonly network?: string;
  readonly fold?: boolean;
  readonly out?: string;
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', 'a file with a network, or - for standard input')
    .addOption(new Option('--format <format>', 'what is written').choices(Object.keys(formats)).default('svg'))
    .option('--network <name>', 'which network of the file; by default the first')
    .option('--fold', 'blocks and repeats as one card each')
    .option('--out <file>', 'where to write it; by default to standard output')
    .addHelpText(
      'after',
      `\nExit status: 1 where the file has errors; sizes that they leave unknown are said to be.\n${examples(
        ['A picture for a page', 'convnet draw unet.convnet --out unet.svg'],
        ['A figure for a paper', 'convnet draw resnet50.convnet --fold --format tikz --out resnet50.tex'],
      )}`,
    )
    .action(async (file: string, options: DrawOptions) => exit(await draw(file, options, terminal)));

async function draw(file: string, options: DrawOptions, terminal: Terminal): Promise<ExitStatus> {
  const source = await readSource(file, terminal);
  const checked = await createFileChecker().check(source.uri, source.text);
  const report = reportOf(source, checked, terminal.cwd);
  const failed = countSeverity([report], 'error') > 0;
  if (checked.networks.length > 0 || !failed) {
    const { checked: network } = chooseNetwork(checked.networks, options.network, source.name);
    const drawing = formats[options.format](
      network,
      drawNetwork(network, () => options.fold === true),
    );
    if (options.out === undefined) terminal.out(drawing);
    else await write(options.out, drawing, terminal);
  }
  if (!failed) return 0;
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  terminal.err(`\n${formatText([{ ...report, diagnostics: errors }], (_, text) => text)}`);
  return 1;
}

async function write(path: string, text: string, terminal: Terminal): Promise<void> {
  try {
    await writeFile(resolve(terminal.cwd, path), text);
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
