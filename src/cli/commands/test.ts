import { Option } from 'commander';
import { EngineError, measureCodes, Trainer, weightsFromTensors } from '../../engine/index.js';
import { PicturesError } from '../../formats/pictures/source.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { besides, openDataset, roomForPictures } from '../dataset.js';
import { isThere, pathBeside } from '../files.js';
import { CANCELLED, memoryOption, openNetwork, showProgress } from '../open-network.js';
import type { Terminal } from '../terminal.js';
import { formatCodes, formatTest } from '../training-report.js';
import { UsageError } from '../usage-error.js';
import { readTensors } from '../weights.js';

interface TestOptions {
  readonly network?: string;
  readonly codes?: boolean;
  readonly memory: number;
  readonly format: 'text' | 'json';
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', 'a file with a network that has a training block and a weights file')
    .option('--network <name>', 'which network of the file (default: the first)')
    .option('--codes', 'measure how the layers of single numbers say what they see')
    .addOption(memoryOption())
    .addOption(new Option('--format <format>', 'how the result is printed').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `\nCounts on the test pictures of the dataset, which are never trained on. Exit status: 1 where the network has errors, 2 for\nwrong usage.\n${examples(
        ['How good is it, and what does it confuse?', 'convnet test digits.convnet'],
        ['Do single units stand for things, or patterns of many?', 'convnet test digits.convnet --codes'],
      )}`,
    )
    .action(async (file: string, options: TestOptions) => exit(await test(file, options, terminal)));

async function test(file: string, options: TestOptions, terminal: Terminal): Promise<ExitStatus> {
  const opened = await openNetwork(file, options.network, terminal);
  if (!opened) return 1;
  const { source, network: analysed, input } = opened;
  const { network, checked } = analysed;
  const { training, weightsFile } = network;
  if (!training) throw new UsageError(`${network.name} names no dataset: put training { dataset digits } into it`);
  const path = weightsFile === undefined ? undefined : pathBeside(source.name, weightsFile);
  if (path === undefined || !(await isThere(path, terminal)))
    throw new UsageError(
      `${network.name} has no weights to test${path === undefined ? '' : `: there is no file ${path}`}; convnet train makes them`,
    );
  const weights = weightsFromTensors(checked, await readTensors(path, terminal));
  const signal = terminal.interruption();
  try {
    const room = roomForPictures(options.memory);
    const data = await openDataset(training.dataset, input.size, source.name, room, terminal, signal);
    const trainer = new Trainer(checked, data, training, {
      memoryLimit: besides(room, options.memory),
      weights: (layer) => weights[layer],
    });
    const { report, codes } = options.codes
      ? await measureCodes(checked, trainer, signal)
      : { report: await trainer.test(data.test, signal), codes: undefined };
    const { classes } = data.test;
    terminal.out(
      options.format === 'json'
        ? `${JSON.stringify({ network: network.name, dataset: training.dataset, weights: path, classes, ...report, codes }, null, 2)}\n`
        : `${formatTest(network.name, training.dataset, classes, report)}${codes ? formatCodes(codes) : ''}`,
    );
    return 0;
  } catch (error) {
    showProgress(terminal, '');
    if (signal.aborted) return CANCELLED;
    if (error instanceof EngineError || error instanceof PicturesError) throw new UsageError(error.message);
    throw error;
  }
}
