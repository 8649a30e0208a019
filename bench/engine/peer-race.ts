import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../test/host/repository.js';
import { ONNX_NODE, ONNX_WEB, OURS, TFJS_WASM } from './contenders.js';
import { raceInBrowser } from './in-browser.js';
import { loadExample } from './networks.js';
import { installPeers, newerNode } from './peers/install.js';
import type { Race, Result } from './race.js';

/** Where a race runs. */
type Place = 'node' | 'newer node' | 'chromium';

/** By title: the example, and the seconds of its timed rounds. */
const networks = {
  'LeNet-5': { file: 'lenet', seconds: 3, goal: 2.5 },
  'MobileNet v1': { file: 'mobilenet-v1', seconds: 6, goal: 1.6 },
  AlexNet: { file: 'alexnet', seconds: 6, goal: 2 },
  'ResNet-50': { file: 'resnet50', seconds: 12, goal: 2 },
  'VGG-16': { file: 'vgg16', seconds: 20, goal: 4 },
} as const;

export interface RaceOptions {
  /** Examples; all if empty. */
  readonly only: readonly string[];
  readonly places: readonly Place[];
  /** A third of the rounds. */
  readonly quick: boolean;
}

/** Ours and its peers in turns, one table for each place. */
export async function raceWithPeers({ only, places, quick }: RaceOptions): Promise<void> {
  installPeers();
  const chosen = Object.entries(networks).filter(([, { file }]) => only.length === 0 || only.includes(file));
  for (const place of places)
    await inPlace(place, async (race) => {
      const rows: Record<string, Record<string, string>> = {};
      const problems: string[] = [];
      for (const [title, { file, seconds, goal }] of chosen) {
        const { network, facts, totals } = await loadExample(file);
        const results = await race({
          plain: { network, facts },
          macs: totals.macs ?? 0,
          seconds: quick ? seconds / 3 : seconds,
        });
        rows[title] = { ...rowOf(results), goal: `${goal}` };
        for (const { name, problem } of results)
          if (problem) problems.push(`${title}: ${name} does not run: ${problem}`);
      }
      console.log(`\n${await titleOf(place)}: forward pass, batch 1, one thread, ms`);
      console.table(rows);
      for (const line of problems) console.log(line);
    });
}

async function titleOf(place: Place): Promise<string> {
  if (place === 'chromium') return 'A worker in Chromium';
  return place === 'node' ? `Node ${process.version}` : 'Node 24';
}

type RunRace = (race: Race) => Promise<readonly Result[]>;

function inPlace(place: Place, races: (race: RunRace) => Promise<void>): Promise<void> {
  if (place === 'chromium') return raceInBrowser(races);
  return races((race) => raceInProcess(race, place === 'node' ? process.execPath : newerNode));
}

function raceInProcess(race: Race, execPath: string): Promise<readonly Result[]> {
  if (!existsSync(execPath)) throw new Error(`${execPath} is not there`);
  return new Promise((resolve, reject) => {
    const child = fork(join(root, 'build', 'bench', 'engine', 'in-node.js'), { execPath, serialization: 'advanced' });
    child.once('message', (results) => resolve(results as readonly Result[]));
    child.once('exit', (code) => reject(new Error(`The race ended early (${code})`)));
    child.send(race);
  });
}

/** Times, ratios, and how far our logits are from the peers'. */
function rowOf(results: readonly Result[]): Record<string, string> {
  const timeOf = (name: string): number => results.find((result) => result.name === name)?.milliseconds ?? Number.NaN;
  const ours = timeOf(OURS);
  const row: Record<string, string> = {};
  for (const { name, milliseconds } of results) row[name] = milliseconds === null ? '–' : format(milliseconds);
  row['better of wasm ÷ ours'] = ratio(best(timeOf(TFJS_WASM), timeOf(ONNX_WEB)), ours);
  if (!Number.isNaN(timeOf(ONNX_NODE))) row['native ÷ ours'] = ratio(timeOf(ONNX_NODE), ours);
  row['largest error'] = Math.max(...results.map(({ error }) => error ?? 0)).toExponential(0);
  row.rounds = `${results.find(({ name }) => name === OURS)?.rounds ?? 0}`;
  return row;
}

const best = (...times: readonly number[]): number => Math.min(...times.filter((time) => !Number.isNaN(time)));
const ratio = (theirs: number, ours: number): string => (theirs / ours).toFixed(2);
const format = (milliseconds: number): string =>
  milliseconds.toFixed(milliseconds < 1 ? 3 : milliseconds < 100 ? 1 : 0);
