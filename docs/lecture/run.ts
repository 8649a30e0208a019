// `npm run lecture`: trains the networks of the lecture that say how they learn, each as its file says, and writes what they come
// to into the lecture's page: some minutes.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpuUsage } from 'node:process';
import { createFileChecker } from '../../src/cli/checker.js';
import { builtInDatasets, type CodeReport, measureCodes, Trainer } from '../../src/engine/index.js';
import { type Column, markdownTable } from '../../src/language/report/table.js';
import { grouped } from '../../src/network/arithmetic.js';
import { isBuiltInDataset } from '../../src/network/training.js';

// npm runs scripts in the repository's root.
const FOLDER = 'examples/lecture';
const PAGE = `${FOLDER}/README.md`;

interface Trained {
  readonly idea: string;
  readonly network: string;
  readonly dataset: string;
  readonly epochs: number;
  readonly learned: number;
  readonly accuracy: number;
  readonly seconds: number;
  readonly codes: readonly CodeReport[];
}

async function trainAll(): Promise<readonly Trained[]> {
  const all: Trained[] = [];
  for (const file of readdirSync(FOLDER)
    .filter((name) => name.endsWith('.convnet'))
    .toSorted()) {
    const text = readFileSync(`${FOLDER}/${file}`, 'utf8');
    const { networks } = await createFileChecker().check(`file:///${file}`, text);
    for (const { network, checked } of networks) {
      const [input] = network.layers;
      const { training } = network;
      if (!training || input?.kind !== 'input' || !input.attributes || !isBuiltInDataset(training.dataset)) continue;
      const before = cpuUsage();
      const trainer = new Trainer(checked, builtInDatasets[training.dataset](input.attributes.size), training);
      const accuracy = (await trainer.run()).at(-1)?.testAccuracy ?? 0;
      const { user, system } = cpuUsage(before);
      const { codes } = await measureCodes(checked, trainer);
      const { params, frozenParams } = checked.totals;
      all.push({
        idea: `${Number.parseInt(file, 10)}`,
        network: network.name,
        dataset: training.dataset,
        epochs: training.epochs,
        learned: (params ?? 0) - (frozenParams ?? 0),
        accuracy,
        seconds: (user + system) / 1e6,
        codes,
      });
      console.log(`${file} ${network.name}: ${percent(accuracy)}, ${((user + system) / 1e6).toFixed(1)} s`);
    }
  }
  return all;
}

const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

const accuracies = (all: readonly Trained[]): readonly string[] =>
  markdownTable(
    [
      left('idea'),
      left('network'),
      left('learns'),
      right('epochs'),
      right('learned parameters'),
      right('test'),
      right('seconds'),
    ],
    all.map(({ idea, network, dataset, epochs, learned, accuracy, seconds }) => [
      idea,
      network,
      dataset,
      String(epochs),
      grouped(learned),
      percent(accuracy),
      String(Math.ceil(seconds)),
    ]),
  );

const codes = (all: readonly Trained[]): readonly string[] =>
  markdownTable(
    [
      left('layer'),
      right('units'),
      right('effective rank'),
      right('units that answer to a picture'),
      right('classes a unit answers to'),
    ],
    (all.find(({ network }) => network === 'Representations')?.codes ?? []).map((code) => [
      `\`${code.layer}\``,
      String(code.units),
      code.effectiveRank.toFixed(1),
      code.unitsAPicture.toFixed(1),
      code.classesAUnit.toFixed(1),
    ]),
  );

/** What stands between a part's marks is written anew. */
function replacePart(page: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${lines.join('\n')}\n\n${page.slice(to)}`;
}

const all = await trainAll();
const page = replacePart(readFileSync(PAGE, 'utf8'), 'accuracies', accuracies(all));
writeFileSync(PAGE, replacePart(page, 'codes', codes(all)));
