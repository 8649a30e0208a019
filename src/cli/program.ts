import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { type Configure, type ExitStatus, examples } from './command.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

interface CommandEntry {
  readonly summary: string;
  /** Loaded when the command is used, so that the others cost no time. */
  readonly load: () => Promise<{ readonly configure: Configure }>;
}

const commands: Readonly<Record<string, CommandEntry>> = {
  check: { summary: 'Find the mistakes in networks', load: () => import('./commands/check.js') },
  summary: {
    summary: 'Print the sizes, parameters, MACs and receptive fields of every layer',
    load: () => import('./commands/summary.js'),
  },
  draw: { summary: 'Draw a network as a picture: SVG or TikZ', load: () => import('./commands/draw.js') },
  diff: {
    summary: 'Say what changed between two networks, or since the last commit',
    load: () => import('./commands/diff.js'),
  },
  fmt: { summary: 'Lay out the text of networks', load: () => import('./commands/fmt.js') },
  import: {
    summary: "Write another tool's network in the language",
    load: () => import('./commands/import.js'),
  },
  export: {
    summary: "Write a network as another tool's code or file",
    load: () => import('./commands/export.js'),
  },
  run: {
    summary: 'Run a network on a picture: class scores and activation maps',
    load: () => import('./commands/run.js'),
  },
  train: {
    summary: 'Train a network as its training block says',
    load: () => import('./commands/train.js'),
  },
  test: { summary: 'Count what a trained network gets right', load: () => import('./commands/test.js') },
};

const help = examples(
  ['What is wrong in these files?', 'convnet check lenet.convnet vgg16.convnet'],
  ['How large is the network?', 'convnet summary lenet.convnet'],
  ['What did I change since the last commit?', 'convnet diff lenet.convnet'],
  ['What does it see in a picture?', 'convnet run lenet.convnet --image cat.jpg'],
);

/** Runs the command that `args` ask for and returns the exit status. Throws only what is a bug. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  const program = new Command('convnet')
    .description('Check, measure and run convolutional networks written in the ConvNet language.')
    .version(version)
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', help);
  for (const [name, { summary }] of Object.entries(commands)) program.command(name).description(summary);
  program.hook('preSubcommand', async (_, command) => {
    const module = await commands[command.name()]?.load();
    module?.configure(command, terminal, (exit) => {
      status = exit;
    });
  });
  try {
    await program.parseAsync(helpLast(args), { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof UsageError)) throw error;
    terminal.err(`convnet: ${error.message}\n`);
    return 2;
  }
}

/** `convnet help check` means `convnet check --help`. */
const helpLast = (args: readonly string[]): string[] => (args[0] === 'help' ? [...args.slice(1), '--help'] : [...args]);
