import { mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { Option } from 'commander';
import { ExportError, type ExportedFile } from '../../formats/format.js';
import { formats } from '../../formats/index.js';
import type { AnalysedNetwork } from '../../language/index.js';
import { catalogue } from '../../network/catalogue.js';
import { reportOf } from '../check-files.js';
import { formatText } from '../check-text.js';
import { createFileChecker } from '../checker.js';
import { chooseNetwork, errorsThatStop } from '../choose-network.js';
import { type Configure, type ExitStatus, examples } from '../command.js';
import { readSource, type SourceFile } from '../files.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { readWeightsOf } from '../weights.js';

interface ExportOptions {
  readonly to: string;
  readonly output?: string;
  readonly with?: readonly string[];
  readonly network?: string;
}

const writers = Object.entries(formats).filter(([, { writes }]) => writes);
const extras = [...new Set(writers.flatMap(([, { writes }]) => writes?.with ?? []))];

export const configure: Configure = (command, terminal, exit) =>
  command
    .argument('<file>', 'a file with a network, or - for standard input')
    .addOption(
      new Option('--to <format>', 'whose code or file is written')
        .choices(writers.map(([name]) => name))
        .makeOptionMandatory(),
    )
    .option('-o, --output <path>', 'write there: a file, or a folder (default: print it)')
    .addOption(new Option('--with <extra...>', 'what else is written').choices(extras))
    .option('--network <name>', 'which network of the file (default: the first)')
    .addHelpText(
      'after',
      `\nWhat is written computes the same numbers, or is refused with every layer that stands against it. Weights that the\nnetwork names are written beside. Exit status: 1 where the network has errors or is refused, 2 for wrong usage.\n${examples(
        ['PyTorch code', 'convnet export resnet18.convnet --to pytorch'],
        [
          'With a script that trains it, on one GPU, several, or none',
          'convnet export resnet18.convnet --to pytorch -o model/ --with training',
        ],
      )}`,
    )
    .action(async (file: string, options: ExportOptions) => exit(await run(file, options, terminal)));

async function run(file: string, options: ExportOptions, terminal: Terminal): Promise<ExitStatus> {
  const entry = formats[options.to];
  const writer = await entry?.load();
  if (!entry?.writes || !writer?.write) throw new UsageError(`${options.to} cannot be written`);
  for (const extra of options.with ?? [])
    if (!entry.writes.with?.includes(extra)) throw new UsageError(`${entry.title} is not written with ${extra}`);
  const source = await readSource(file, terminal);
  const checked = await createFileChecker().check(source.uri, source.text);
  const network = chooseNetwork(checked.networks, options.network, source.name);
  const errors = errorsThatStop(checked, network);
  if (errors.length > 0) {
    const report = reportOf(source, { ...checked, findings: errors }, terminal.cwd);
    terminal.err(formatText([report], (_, text) => text));
    return 1;
  }
  const place = await placeOf(options.output, source.name, entry.writes.extension, terminal);
  const weights = await readWeightsOf(network.checked, source.name, terminal);
  try {
    const { files } = await writer.write(
      { checked: network.checked, fileName: place.stem, ...(weights && { weights }) },
      Object.fromEntries((options.with ?? []).map((extra) => [extra, true])),
    );
    await write(files, place, terminal);
    return 0;
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    terminal.err(refusalText(error, network, source, entry.title));
    return 1;
  }
}

/** Every layer that stands against the export, at its line. */
function refusalText(error: ExportError, { network }: AnalysedNetwork, source: SourceFile, title: string): string {
  const lines = error.refusals.map(({ layer, name, reason }) => {
    const at = network.layers[layer];
    const line = at?.source?.file === source.uri ? `:${at.source.startLine + 1}` : '';
    const kind = at ? catalogue[at.kind].title.toLowerCase() : '';
    return `${source.name}${line}: ${name}${kind ? ` (${kind})` : ''}: ${reason}\n`;
  });
  return `${lines.join('')}${network.name} is not written: ${title} would compute something else\n`;
}

/** Where files go, and what the first one is called. */
interface Place {
  /** Undefined where the text is printed. */
  readonly folder: string | undefined;
  readonly first: string;
  readonly stem: string;
}

async function placeOf(
  output: string | undefined,
  sourceName: string,
  extension: string,
  terminal: Terminal,
): Promise<Place> {
  const own = sourceName === '<stdin>' ? 'network' : basename(sourceName, extname(sourceName));
  if (output === undefined) return { folder: undefined, first: `${own}${extension}`, stem: own };
  const path = resolve(terminal.cwd, output);
  const isFolder = /[/\\]$/.test(output) || (await stat(path).catch(() => undefined))?.isDirectory();
  if (isFolder) return { folder: path, first: `${own}${extension}`, stem: own };
  return { folder: dirname(path), first: basename(path), stem: basename(path, extname(path)) };
}

async function write(
  files: readonly ExportedFile[],
  { folder, first, stem }: Place,
  terminal: Terminal,
): Promise<void> {
  const [main, ...others] = files;
  if (!main) return;
  if (folder === undefined) {
    if (others.length > 0 || typeof main.content !== 'string')
      throw new UsageError(
        `this makes ${files.length === 1 ? `a file that is no text, ${main.name}` : `${files.length} files: ${files.map(({ name }) => name).join(', ')}`}; say where to put them with -o`,
      );
    terminal.out(main.content);
    return;
  }
  try {
    await mkdir(folder, { recursive: true });
    for (const [i, { name, content }] of files.entries()) {
      const path = join(folder, i === 0 && main.name.startsWith(stem) ? first : name);
      await writeFile(path, content);
      terminal.err(`wrote ${path.startsWith(`${terminal.cwd}/`) ? path.slice(terminal.cwd.length + 1) : path}\n`);
    }
  } catch (error) {
    throw new UsageError(`${folder} cannot be written to: ${error instanceof Error ? error.message : String(error)}`);
  }
}
