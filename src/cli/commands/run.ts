import { Option } from 'commander';
import { describePlan, EngineError, pictureTensor, type Run, runNetwork, samples } from '../../engine/index.js';
import { requireMemory } from '../../engine/memory.js';
import type { AnalysedNetwork } from '../../language/index.js';
import { catalogue, type LayerAttributes } from '../../network/catalogue.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { pathBeside, readText, type SourceFile } from '../files.js';
import { CANCELLED, MEBIBYTE, memoryOption, openNetwork, parseNumber, showProgress } from '../open-network.js';
import { choosePicture } from '../picture.js';
import { formatPlanJson, formatPlanText } from '../plan-report.js';
import { formatRunJson, formatRunText, type RunReport, topScores } from '../run-report.js';
import { painter } from '../style.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { readWeights } from '../weights.js';
import { writeMaps } from '../write-maps.js';

interface RunCommandOptions {
  readonly image?: string;
  readonly out?: string;
  readonly seed: number;
  readonly network?: string;
  readonly memory: number;
  readonly plan?: boolean;
  readonly observe?: boolean;
  readonly format: 'text' | 'json';
}

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', 'a file with a network, or - for standard input')
    .option('--image <picture>', `a PNG or JPEG file, or a built-in one: ${samples.map(({ id }) => id).join(', ')}`)
    .option('--out <folder>', 'write a PNG of the activation maps of every layer there')
    .option('--network <name>', 'which network of the file (default: the first)')
    .option('--seed <n>', 'chooses the random weights', parseNumber, 1)
    .addOption(memoryOption())
    .option('--plan', 'print how the layers would be computed fast, and in how much memory; run nothing')
    .option('--observe', 'with --plan: as they are where every activation is kept')
    .addOption(new Option('--format <format>', 'how the scores are printed').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `\nWithout --image it runs on the sample that the network names, or on the first built-in picture. Exit status: 1 where\nthe network has errors, 2 for wrong usage or a picture that cannot be read.\n${examples(
        ['Class scores', 'convnet run lenet.convnet --image cat.jpg'],
        ['The activation maps of every layer, as pictures', 'convnet run lenet.convnet --image digit-7 --out maps'],
        ['Other random weights', 'convnet run lenet.convnet --seed 2'],
        ['How it would be computed with every activation kept', 'convnet run lenet.convnet --plan --observe'],
      )}`,
    )
    .action(async (file: string, options: RunCommandOptions) => exit(await run(file, options, terminal)));

async function run(file: string, options: RunCommandOptions, terminal: Terminal): Promise<ExitStatus> {
  const opened = await openNetwork(file, options.network, terminal);
  if (!opened) return 1;
  const { source, network, input } = opened;

  if (options.plan) {
    const plan = describePlan(network.checked, { mode: options.observe ? 'observe' : 'fast' });
    terminal.out(
      options.format === 'json'
        ? formatPlanJson(network.network, plan)
        : formatPlanText(network.network, plan, painter(terminal)),
    );
    return 0;
  }
  const signal = terminal.interruption();
  try {
    // Before anything is drawn, decoded or allocated.
    requireMemory(network.checked, 1, options.memory * MEBIBYTE);
    const result = await runOn(network, input, source, options, terminal, signal);
    terminal.out(options.format === 'json' ? formatRunJson(result) : formatRunText(result, painter(terminal)));
    return 0;
  } catch (error) {
    showProgress(terminal, '');
    if (signal.aborted) {
      terminal.err('convnet: cancelled\n');
      return CANCELLED;
    }
    if (error instanceof EngineError) throw new UsageError(error.message);
    throw error;
  }
}

async function runOn(
  { checked, network }: AnalysedNetwork,
  input: LayerAttributes<'input'>,
  source: SourceFile,
  { image, seed, out }: RunCommandOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<RunReport> {
  const { name, picture } = await choosePicture(image, source.name, input, terminal);
  const labels = network.labelsFile === undefined ? [] : await readLabels(source, network.labelsFile, terminal);
  const given = await readWeights(checked, source.name, terminal);
  const tensor = pictureTensor(picture, input);
  const started = performance.now();
  const runs: Run = await runNetwork(
    checked,
    { tensor, id: name },
    {
      seed,
      givenWeights: (layer) => given?.[layer],
      signal,
      onProgress: (layer, fraction) =>
        showProgress(terminal, `${Math.floor(fraction * 100)} % ${network.layers[layer]?.name ?? ''}`),
    },
  );
  const milliseconds = performance.now() - started;
  showProgress(terminal, '');
  const files = out === undefined ? [] : await writeMaps(network.layers, runs, out, terminal);
  const last = runs.at(-1);
  return {
    network: network.name,
    picture: name,
    seed,
    milliseconds,
    parameters: checked.totals.params ?? 0,
    weightsFile: given && network.weightsFile ? network.weightsFile : null,
    scores: last ? topScores(last.activation, labels) : null,
    layers: network.layers.map((layer, index) => ({
      name: layer.name,
      kind: catalogue[layer.kind].title,
      output: checked.facts[index]?.output ?? null,
      milliseconds: runs[index]?.milliseconds ?? null,
      file: files[index] ?? null,
    })),
  };
}

async function readLabels(source: SourceFile, labelsFile: string, terminal: Terminal): Promise<readonly string[]> {
  return (await readText(pathBeside(source.name, labelsFile), terminal)).trimEnd().split(/\r?\n/);
}
