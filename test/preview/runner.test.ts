import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createFileChecker } from '../../src/cli/checker.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { topScores } from '../../src/preview/top-scores.js';
import { PictureStore } from '../../src/preview/worker/picture-store.js';
import { Runner } from '../../src/preview/worker/runner.js';
import { WeightsStore } from '../../src/preview/worker/weights-store.js';
import type { WorkerReport } from '../../src/preview/worker-protocol.js';
import { root } from '../host/repository.js';

const path = join(root, 'examples/digits.convnet');
const text = readFileSync(path, 'utf8');
const bytes = new Uint8Array(readFileSync(join(root, 'examples/digits.safetensors')));

async function checked(text: string) {
  const { networks } = await createFileChecker().check(pathToFileURL(path).href, text);
  const [network] = networks;
  if (!network) throw new Error('no network');
  return network.checked;
}

/** A run on a sample picture with random weights. */
const requestOf = ({ network, facts }: Pick<CheckedNetwork, 'network' | 'facts'>, sample: string) => ({
  type: 'run' as const,
  run: 1,
  subject: '',
  network,
  facts,
  picture: { type: 'sample' as const, id: sample },
  weights: null,
  memoryLimit: 2 ** 30,
  wanted: {},
});

/** What the example makes of a drawn digit: its runner, and the last layer's output. */
async function seen(digit: number) {
  const { network, facts } = await checked(text);
  const [pictures, weights] = [new PictureStore(), new WeightsStore()];
  const answer = await weights.read({ bytes, from: 'file' });
  if ('problem' in answer) throw new Error(answer.problem);
  const reports: WorkerReport[] = [];
  const ended = new Promise<Runner>((resolve) => {
    const runner: Runner = new Runner(
      (report) => {
        reports.push(report);
        if (report.type === 'done' || report.type === 'failed') resolve(runner);
      },
      (request) => pictures.inputFor(request),
      (request) => weights.givenFor(request),
    );
    runner.start({ ...requestOf({ network, facts }, `digit-${digit}`), weights: answer.id });
  });
  const runner = await ended;
  expect(reports.at(-1)).toMatchObject({ type: 'done' });
  const last = reports.findLast((report) => report.type === 'layer');
  return { runner, layer: last?.layer ?? '', version: last?.output.version ?? -1 };
}

const strongest = ({ activations }: Runner, version: number) =>
  topScores(activations.values(version, 'all') ?? new Float32Array(), 1)[0];

it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])('a drawn %i is what the weights of the example take it for', async (digit) => {
  const { runner, version } = await seen(digit);
  const first = strongest(runner, version);
  expect(first?.index).toBe(digit);
  expect(first?.value).toBeGreaterThan(0.5);
});

it('keeps what a layer makes of another picture until the next one', async () => {
  const { runner, layer, version } = await seen(0);
  const other = async (id: string) =>
    (await runner.other({ layer, version, picture: { type: 'sample', id } }, {}))?.version ?? -1;
  const seven = await other('digit-7');
  expect(strongest(runner, seven)?.index).toBe(7);
  const three = await other('digit-3');
  expect(runner.activations.values(seven, 'all')).toBeNull();
  expect(strongest(runner, three)?.index).toBe(3);
  expect(strongest(runner, version)?.index).toBe(0);
});

it('tells numbers apart that lie one after the other in the same array', async () => {
  const versions: number[] = [];
  const values: (Float32Array | null)[] = [];
  let ended = () => {};
  const pictures = new PictureStore();
  const runner = new Runner(
    (report) => {
      if (report.type === 'layer' && report.layer === 'a') versions.push(report.output.version);
      if (report.type === 'done') ended();
    },
    (request) => pictures.inputFor(request),
    () => [],
  );
  const { network, facts } = await checked('network N { input 32x32x1\n a: conv 2 3x3 }');
  for (const [run, digit] of [3, 5, 7, 3].entries()) {
    await new Promise<void>((resolve) => {
      ended = resolve;
      runner.start({ ...requestOf({ network, facts }, `digit-${digit}`), run });
    });
    values.push(runner.activations.values(versions.at(-1) ?? 0, 'all'));
  }
  expect(new Set(versions).size).toBe(4);
  expect(values[3]).toEqual(values[0]);
  expect(values[2]).not.toEqual(values[0]);
  // Only what is shown now can be asked for.
  expect(versions.map((version) => runner.activations.volume(version) !== null)).toEqual([false, false, false, true]);
});

it('sends what is on the screen with the outputs that are new', async () => {
  let layers: Extract<WorkerReport, { type: 'layer' }>[] = [];
  let ended = () => {};
  const pictures = new PictureStore();
  const runner = new Runner(
    (report) => {
      if (report.type === 'layer') layers.push(report);
      if (report.type === 'done') ended();
    },
    (request) => pictures.inputFor(request),
    () => [],
  );
  const maps = {
    question: 'maps',
    about: { channels: [0, 1], contrast: 'layer', scheme: 'dark', longest: 32 },
  } as const;
  const values = { question: 'values', about: { channel: 'all' } } as const;
  const run = async (text: string) => {
    const { network, facts } = await checked(text);
    layers = [];
    await new Promise<void>((resolve) => {
      ended = resolve;
      runner.start({ ...requestOf({ network, facts }, 'digit-3'), wanted: { a: [maps], b: [values] } });
    });
    return layers.map(({ layer, ahead }) => [layer, ...ahead.map(({ wanted }) => wanted.question)]);
  };
  expect(await run('network N { input 32x32x1\n a: conv 2 3x3\n b: fc 4 }')).toEqual([
    ['input1'],
    ['a', 'maps'],
    ['b', 'values'],
  ]);
  const [, a, b] = layers;
  expect(a?.ahead[0]?.answer).toEqual(runner.activations.maps(a?.output.version ?? 0, maps.about));
  expect(b?.ahead[0]?.answer).toEqual(runner.activations.values(b?.output.version ?? 0, 'all'));
  // The first layer is as it was.
  expect(await run('network N { input 32x32x1\n a: conv 2 3x3\n b: fc 5 }')).toEqual([
    ['input1'],
    ['a'],
    ['b', 'values'],
  ]);
});

it('a layer that the file does not fit is left to its random weights, its neighbours are not', async () => {
  const weights = new WeightsStore();
  const answer = await weights.read({ bytes, from: 'file' });
  const { network, facts } = await checked(text.replace('conv 16 5x5', 'conv 8 5x5'));
  const id = 'id' in answer ? answer.id : '';
  const given = weights.givenFor({ network, facts, weights: id });
  const names = network.layers.filter((_, index) => given[index]).map(({ name }) => name);
  // fc1 reads what conv2 makes.
  expect(names).toEqual(['conv1', 'fc2', 'fc3']);
  expect(weights.givenFor({ network, facts, weights: null })).toEqual([]);
});

it('a file that is none says why, and leaves the one before', async () => {
  const weights = new WeightsStore();
  const before = await weights.read({ bytes, from: 'file' });
  expect(await weights.read({ bytes: bytes.subarray(0, 1000), from: 'file' })).toEqual({
    problem: expect.stringContaining('cut short'),
  });
  expect(await weights.read({ bytes: bytes.slice(), from: 'file' })).toEqual(before);
});

it('gives back what layers took that are gone', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let ended = () => {};
  const runner = new Runner(
    (report) => report.type === 'done' && ended(),
    (request) => new PictureStore().inputFor(request),
    () => [],
  );
  const held = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  let first: number | undefined;
  for (let edit = 0; edit < 6; edit++) {
    // 2 MB a layer, each time under other names.
    const layers = ['a', 'b', 'c', 'd'].map((name) => `${name}${edit}: conv 8 1x1`).join('\n');
    const { network, facts } = await checked(`network N { input 256x256x8\n ${layers} }`);
    const done = new Promise<void>((resolve) => {
      ended = resolve;
    });
    runner.start({ ...requestOf({ network, facts }, 'scene'), run: edit, subject: `${edit}` });
    await done;
    first ??= held();
  }
  // Buffers go a turn or two after what held them. The five edits after the first would hold 40 MB.
  await expect.poll(() => held() - (first ?? 0), { timeout: 10_000 }).toBeLessThan(4e6);
});
