import { Option } from 'commander';
import { EngineError, type EpochReport, type StepProgress, Trainer, weightsFromTensors } from '../../engine/index.js';
import { PicturesError } from '../../formats/pictures/source.js';
import { writeSafetensors } from '../../formats/safetensors.js';
import type { TrainingSettings } from '../../network/training.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { besides, openDataset, roomForPictures } from '../dataset.js';
import { isThere, pathBeside, writeAtomically } from '../files.js';
import {
  CANCELLED,
  memoryOption,
  type OpenedNetwork,
  openNetwork,
  parseNumber,
  showProgress,
} from '../open-network.js';
import { painter } from '../style.js';
import type { Terminal } from '../terminal.js';
import { formatEpoch, formatStep, trainingReport } from '../training-report.js';
import { UsageError } from '../usage-error.js';
import { readTensors } from '../weights.js';

interface TrainOptions {
  readonly network?: string;
  readonly epochs?: number;
  readonly resume?: boolean;
  readonly fresh?: boolean;
  readonly memory: number;
  readonly format: 'text' | 'json';
}

/** Steps between two lines of JSON. */
const STEPS_A_LINE = 50;

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', 'a file with a network that has a training block')
    .option('--network <name>', 'which network of the file (default: the first)')
    .option('--epochs <n>', 'how often every picture is seen, in place of what the file says', parseNumber)
    .option('--resume', 'go on where the last training stopped')
    .option('--fresh', 'begin with random weights, whether there is a weights file or not')
    .addOption(memoryOption())
    .addOption(
      new Option('--format <format>', 'how progress is told; json gives a line an event')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addHelpText(
      'after',
      `\nWrites, beside the network: the best weights into the file that the network names (weights "x.safetensors"), the last ones\nwith all that is needed to go on into x.last.safetensors, and the curves and the confusion matrix into x.report.md and\nx.report.svg. Ctrl-C keeps what was learned. Exit status: 1 where the network has errors or training diverges, 2 for wrong\nusage, 130 when it is stopped.\n${examples(
        ['Train, or train on with what the weights file holds', 'convnet train digits.convnet'],
        ['From scratch, longer', 'convnet train digits.convnet --fresh --epochs 20'],
        ['Go on after Ctrl-C', 'convnet train digits.convnet --resume'],
      )}`,
    )
    .action(async (file: string, options: TrainOptions) => exit(await train(file, options, terminal)));

async function train(file: string, options: TrainOptions, terminal: Terminal): Promise<ExitStatus> {
  // A file of other weights is no obstacle to new ones.
  const opened = await openNetwork(
    file,
    options.network,
    terminal,
    options.fresh ? ['weights-differ', 'weights-unreadable'] : [],
  );
  if (!opened) return 1;
  const { network } = opened.network;
  const { training } = network;
  if (!training)
    throw new UsageError(
      `${network.name} does not say how it learns: put a block such as training { dataset digits } into it`,
    );
  if (options.resume && options.fresh) throw new UsageError('--resume and --fresh exclude each other');
  const settings = options.epochs === undefined ? training : { ...training, epochs: options.epochs };
  try {
    return await trainWith(opened, settings, options, terminal);
  } catch (error) {
    showProgress(terminal, '');
    if (error instanceof EngineError || error instanceof PicturesError) {
      terminal.err(`convnet: ${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

async function trainWith(
  { source, network: { network, checked }, input }: OpenedNetwork,
  settings: TrainingSettings,
  { resume = false, fresh = false, format, memory }: TrainOptions,
  terminal: Terminal,
): Promise<ExitStatus> {
  const paths = pathsOf(source.name, network.weightsFile ?? `${network.name}.safetensors`);
  const room = roomForPictures(memory);
  const data = await openDataset(settings.dataset, input.size, source.name, room, terminal);
  if (resume && !(await isThere(paths.last, terminal)))
    throw new UsageError(`there is nothing to go on with: no file ${paths.last}`);
  const checkpoint = resume ? await readTensors(paths.last, terminal) : undefined;
  const stored =
    !fresh && !resume && (await isThere(paths.best, terminal)) ? await readTensors(paths.best, terminal) : undefined;
  const weights = stored && weightsFromTensors(checked, stored);
  const trainer = new Trainer(checked, data, settings, {
    memoryLimit: besides(room, memory),
    ...(checkpoint && { checkpoint }),
    ...(weights && { weights: (layer) => weights[layer] }),
  });
  const paint = painter(terminal);
  const tell = (text: string, event: object) => terminal.out(format === 'json' ? `${JSON.stringify(event)}\n` : text);
  const begins = checkpoint
    ? `, going on after step ${trainer.learner.steps}`
    : stored
      ? `, beginning with ${paths.best}`
      : '';
  tell(
    `${paint('bold', `${network.name} learns ${settings.dataset}`)}: ${data.train.count} pictures, ${data.test.count} to test, ${trainer.steps} steps${begins}\n`,
    {
      event: 'start',
      network: network.name,
      dataset: settings.dataset,
      pictures: data.train.count,
      steps: trainer.steps,
      settings,
    },
  );

  const save = async (path: string, tensors: ReturnType<Trainer['checkpoint']>) =>
    writeAtomically(path, writeSafetensors(tensors), terminal);
  const signal = terminal.interruption();
  const onStep = (progress: StepProgress) => {
    showProgress(terminal, formatStep(progress, terminal.columns));
    if (format === 'json' && progress.step % STEPS_A_LINE === 0)
      terminal.out(`${JSON.stringify({ event: 'step', ...progress })}\n`);
  };
  let best = Math.max(0, ...trainer.history.map(({ testAccuracy }) => testAccuracy));
  const onEpoch = async (report: EpochReport) => {
    await save(paths.last, trainer.checkpoint());
    const isBest = report.testAccuracy >= best;
    if (isBest) await save(paths.best, trainer.weights());
    best = Math.max(best, report.testAccuracy);
    showProgress(terminal, '');
    tell(`${formatEpoch(report, settings.epochs, isBest)}\n`, { event: 'epoch', ...report, isBest });
  };
  try {
    await trainer.findFilters({
      signal,
      onLayer: (layer) => showProgress(terminal, `looking for the filters of ${layer} in the pictures`),
    });
    if (stored) best = (await trainer.test(data.test, signal)).accuracy;
    await trainer.run({ onStep, onEpoch, signal });
  } catch (error) {
    showProgress(terminal, '');
    if (!signal.aborted) {
      // Numbers out of hand, or a picture that cannot be read: what was learned until then stays.
      if (trainer.learner.steps > 0) await save(paths.last, trainer.checkpoint());
      throw error;
    }
    const step = trainer.learner.steps;
    if (step === 0) {
      tell('Stopped before the first step; nothing is written\n', { event: 'stopped', step, checkpoint: null });
      return CANCELLED;
    }
    await save(paths.last, trainer.checkpoint());
    tell(`Stopped at step ${step}; --resume goes on from ${paths.last}\n`, {
      event: 'stopped',
      step,
      checkpoint: paths.last,
    });
    return CANCELLED;
  }
  const test = await trainer.test(data.test, signal);
  const report = trainingReport(network.name, settings, data.test.classes, trainer.history, test, paths.svg);
  await writeAtomically(paths.markdown, report.markdown, terminal);
  await writeAtomically(paths.svg, report.svg, terminal);
  tell(
    `Wrote ${paths.best}, ${paths.last}, ${paths.markdown} and ${paths.svg}\n${
      network.weightsFile === undefined
        ? `To use the weights, write weights "${network.name}.safetensors" into the network.\n`
        : ''
    }`,
    {
      event: 'done',
      accuracy: test.accuracy,
      loss: test.loss,
      weights: paths.best,
      last: paths.last,
      report: paths.markdown,
    },
  );
  return 0;
}

/** Where training writes: all beside the network, named after its weights. */
function pathsOf(networkFile: string, weightsFile: string) {
  const best = pathBeside(networkFile, weightsFile);
  const stem = best.replace(/\.safetensors$/, '');
  return { best, last: `${stem}.last.safetensors`, markdown: `${stem}.report.md`, svg: `${stem}.report.svg` };
}
