import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createDefaultCoreModule, createDefaultSharedCoreModule, EmptyFileSystem, inject, URI } from 'langium';
import { ConvNetGeneratedModule, ConvNetGeneratedSharedModule } from '../src/language/generated/module.js';
import { createChecker } from '../src/language/index.js';
import { elaborateNetwork } from '../src/language/meaning/elaborate.js';
import { checkNetwork } from '../src/network/check.js';
import { root } from '../test/host/repository.js';
import { flatNetwork, resNet152 } from './networks.js';

/** How long the language takes, beside what Langium alone needs for the same text and the targets of the product. */

const RUNS = 15;
const uri = 'file:///bench.convnet';
const checker = createChecker();

/** Milliseconds: as they pass, and those of them (and of helping threads) that the processor spends on it. */
interface Time {
  readonly wall: number;
  readonly processor: number;
}

interface Row {
  readonly what: string;
  readonly time: Time;
  /** A process of its own, whose processor time is not measured. */
  readonly apart?: true;
  readonly note?: string;
  readonly target?: string;
}

export async function run(): Promise<void> {
  const rows: Row[] = [...(await measureResNet()), ...(await measureFlatFiles()), ...(await measureCommand())];
  const texts = rows.map(({ what, time, apart, note = '', target = '' }) => [
    what,
    `${time.wall.toFixed(1)} ms`,
    apart ? '' : `${time.processor.toFixed(1)} ms`,
    note,
    target,
  ]);
  // On a busy machine the second tells more of the program, the first more of the machine.
  const header = ['', 'median', 'processor', '', 'target'];
  const widths = header.map((title, column) => Math.max(title.length, ...texts.map((row) => row[column]?.length ?? 0)));
  for (const row of [header, ...texts])
    console.log(
      row
        .map((cell, i) => (i === 1 || i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  '),
    );
}

// — What is measured —

async function measureResNet(): Promise<Row[]> {
  const text = resNet152;
  const checked = await checker.check(uri, text);
  const layers = checked.networks[0]?.network.layers.length ?? 0;
  if (checked.findings.some(({ severity }) => severity === 'error')) throw new Error('ResNet-152 has errors');
  const [whole, edit, passes] = await medians([
    () => checker.check(uri, text),
    alternately(text, text.replace('fc 1000', 'fc 1001')),
    await elaborationOf(text),
  ]);
  return [
    { what: `ResNet-152 (${layers} layers in blocks): text to diagnostics`, time: whole, target: '< 40 ms' },
    { what: 'ResNet-152: an edit of one line to diagnostics', time: edit, target: '< 40 ms' },
    { what: 'ResNet-152: elaboration and shape pass alone', time: passes, target: '< 5 ms' },
  ];
}

async function measureFlatFiles(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const layers of [1_000, 3_000, 10_000, 30_000]) {
    const text = flatNetwork(layers);
    const [ours, langium, passes] = await medians(
      [() => checker.check(uri, text), () => buildWithLangium(text), await elaborationOf(text)],
      layers > 10_000 ? 5 : RUNS,
    );
    const count = layers.toLocaleString('en');
    rows.push(
      {
        what: `Flat file of ${count} layers: text to diagnostics`,
        time: ours,
        note: `${((ours.wall / layers) * 1000).toFixed(1)} µs a layer, ${(ours.wall / langium.wall).toFixed(2)} × Langium alone`,
        target: '≤ 1.5 × Langium alone',
      },
      { what: `  Langium alone: parse and build`, time: langium },
      {
        what: `  elaboration and shape pass alone`,
        time: passes,
        ...(layers === 10_000 && { target: '< 50 ms' }),
      },
    );
  }
  return rows;
}

async function measureCommand(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'convnet-bench-'));
  try {
    const example = readFileSync(join(root, 'examples', 'vgg16.convnet'), 'utf8');
    const files = Array.from({ length: 100 }, (_, i) => join(folder, `network${i}.convnet`));
    for (const file of files) writeFileSync(file, example);
    const node =
      (...parameters: string[]) =>
      () =>
        execFileSync(execPath, parameters);
    const convnet = (...parameters: string[]) => node(join(root, 'dist', 'cli', 'main.cjs'), ...parameters);
    const [check, version, nothing] = await medians(
      [convnet('check', ...files), convnet('--version'), node('--eval', '0')],
      5,
    );
    const apart = true;
    return [
      { what: 'convnet check on 100 files (VGG-16)', time: check, apart, target: '< 2,000 ms' },
      {
        what: 'convnet --version',
        time: version,
        apart,
        note: `${(version.wall / nothing.wall).toFixed(2)} × Node alone`,
        target: '< 100 ms',
      },
      { what: '  Node alone', time: nothing, apart },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Elaboration and shape pass of a text that has been parsed. */
async function elaborationOf(text: string): Promise<() => unknown> {
  const { model } = await checker.check(uri, text);
  const [node] = model.networks;
  if (!node) throw new Error('The text has no network');
  const blocks = new Map(model.blocks.map((block) => [block.name, block]));
  const imports = {
    declaration: (_: unknown, name: string) => {
      const block = blocks.get(name);
      return block && { model, node: block };
    },
  };
  return () => checkNetwork(elaborateNetwork(model, node, imports).network);
}

/** Langium's own lexer, parser, scopes and links for the same grammar. */
const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), ConvNetGeneratedSharedModule);
const services = inject(createDefaultCoreModule({ shared }), ConvNetGeneratedModule);
shared.ServiceRegistry.register(services);

async function buildWithLangium(text: string): Promise<void> {
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse(uri));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document]);
  if (document.parseResult.parserErrors.length > 0) throw new Error('Langium alone does not read the text');
  shared.workspace.LangiumDocuments.deleteDocument(document.uri);
}

// — Clocks —

/** The median times of several programs, run in turn so that all meet the same conditions. */
async function medians<const P extends readonly (() => unknown)[]>(
  programs: P,
  runs = RUNS,
): Promise<{ [K in keyof P]: Time }> {
  const times = programs.map((): Time[] => []);
  const warmUps = Math.ceil(runs / 3);
  for (let i = -warmUps; i < runs; i++)
    for (const [which, program] of programs.entries()) {
      const wall = performance.now();
      const processor = processorTime();
      await program();
      if (i >= 0) times[which]?.push({ wall: performance.now() - wall, processor: processorTime() - processor });
    }
  return times.map((list) => ({
    wall: medianOf(list.map((time) => time.wall)),
    processor: medianOf(list.map((time) => time.processor)),
  })) as { [K in keyof P]: Time };
}

/** Of this process, not of those that it starts. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function alternately(first: string, second: string): () => unknown {
  let turn = 0;
  return () => checker.check(uri, turn++ % 2 === 0 ? first : second);
}

const medianOf = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
