import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CodeReport } from '../../src/engine/index.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { convnet, folderWith } from './driver.js';

const text = (training: string, last = 'fc 10') => `network Tiny {
  input 8x8x1
  weights "tiny.safetensors"
  training { dataset digits; rate 0.01; batch 100; ${training} }
  ${last}
  softmax
}
`;

const fail = (message: string): never => {
  throw new Error(message);
};

const tensorsOf = (cwd: string, name: string) => readSafetensors(readFileSync(join(cwd, name)));

describe('convnet train', () => {
  it('teaches a network, tells how it goes, and writes weights and a report', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 2') });
    const { status, out, err } = await convnet(['train', 'tiny.convnet'], { cwd });
    expect(err).toBe('');
    expect(status).toBe(0);
    expect(out).toContain('Tiny learns digits: 8000 pictures, 1000 to test, 160 steps\n');
    expect(out).toMatch(
      /epoch 2\/2 {2}loss \d\.\d+ {2}accuracy \d\d\.\d % {2}test loss 0\.\d+ {2}test accuracy \d\d\.\d % {2}\(best\)/,
    );
    expect([...tensorsOf(cwd, 'tiny.safetensors').keys()]).toEqual(['fc1.weight', 'fc1.bias']);
    expect(tensorsOf(cwd, 'tiny.last.safetensors').get('training.step')?.values[0]).toBe(160);
    const report = readFileSync(join(cwd, 'tiny.report.md'), 'utf8');
    expect(report).toContain('![Loss and accuracy](tiny.report.svg)');
    expect(report.match(/^\| \*\*\d\*\* \|/gm)).toHaveLength(10);
    expect(readFileSync(join(cwd, 'tiny.report.svg'), 'utf8').match(/<polyline/g)).toHaveLength(4);

    const tested = await convnet(['test', 'tiny.convnet', '--format', 'json'], { cwd });
    const { accuracy, confusion, count } = JSON.parse(tested.out);
    expect(accuracy).toBeGreaterThan(0.7);
    expect(count).toBe(1000);
    expect(confusion.flat().reduce((sum: number, n: number) => sum + n, 0)).toBe(1000);
    expect((await convnet(['test', 'tiny.convnet'], { cwd })).out).toMatch(
      /^Tiny on digits: \d\d\.\d % of 1000 test pictures/,
    );
  });

  it('gives the same weights for the same seed, stopped on the way or not', async () => {
    const whole = folderWith({ 'tiny.convnet': text('epochs 2; seed 5; augment shift 1') });
    await convnet(['train', 'tiny.convnet'], { cwd: whole });
    const inTwo = folderWith({ 'tiny.convnet': text('epochs 2; seed 5; augment shift 1') });
    await convnet(['train', 'tiny.convnet', '--epochs', '1'], { cwd: inTwo });
    const { out, status } = await convnet(['train', 'tiny.convnet', '--resume'], { cwd: inTwo });
    expect(status).toBe(0);
    expect(out).toContain('going on after step 80');
    expect(tensorsOf(inTwo, 'tiny.last.safetensors')).toEqual(tensorsOf(whole, 'tiny.last.safetensors'));
  });

  it('shows how far it is to who watches: loss, accuracy, images per second, time left', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    const { err } = await convnet(['train', 'tiny.convnet'], { cwd, interactive: true });
    expect(err).toMatch(/epoch 1\/1 .*\d+ % +loss \d\.\d+ +(accuracy )?\d+\.\d % +[\d,]+ images\/s +\d+ s left/);
  });

  it('goes on from the weights that the network names', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    await convnet(['train', 'tiny.convnet'], { cwd });
    const first = JSON.parse((await convnet(['test', 'tiny.convnet', '--format', 'json'], { cwd })).out).loss;
    const { out } = await convnet(['train', 'tiny.convnet'], { cwd });
    expect(out).toContain('80 steps, beginning with tiny.safetensors\n');
    const [, again] = /test loss (\d\.\d+)/.exec(out) ?? [];
    expect(Number(again)).toBeLessThan(first);
  });

  it('keeps what was learned when it is stopped', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 10000') });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 3000);
    const { status, out } = await convnet(['train', 'tiny.convnet'], { cwd, signal: stop.signal });
    expect(status).toBe(130);
    expect(out).toMatch(/Stopped at step \d+; --resume goes on from tiny\.last\.safetensors/);
    expect(statSync(join(cwd, 'tiny.last.safetensors')).size).toBeGreaterThan(1000);
  });

  it('leaves what was learned before when it is stopped before the first step', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    await convnet(['train', 'tiny.convnet'], { cwd });
    const before = readFileSync(join(cwd, 'tiny.last.safetensors'));
    const { status, out } = await convnet(['train', 'tiny.convnet', '--fresh'], { cwd, signal: AbortSignal.abort() });
    expect(status).toBe(130);
    expect(out).toContain('Stopped before the first step; nothing is written\n');
    expect(readFileSync(join(cwd, 'tiny.last.safetensors'))).toEqual(before);
  });

  it('tells its events as lines of JSON', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    const { out } = await convnet(['train', 'tiny.convnet', '--format', 'json'], { cwd });
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(['start', 'step', 'epoch', 'done']);
    expect(events[1]).toMatchObject({ epoch: 1, step: 50, steps: 80 });
    expect(events[2]).toMatchObject({ epoch: 1, isBest: true });
  });

  it('tells where training diverged, and leaves the weights of before', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1; optimiser sgd; decay 1e30') });
    const { status, err } = await convnet(['train', 'tiny.convnet'], { cwd });
    expect(status).toBe(1);
    expect(err).toMatch(/^convnet: Training diverged at step \d+: the weights of fc1 are no longer finite numbers/);
    expect(existsSync(join(cwd, 'tiny.safetensors'))).toBe(false);
    for (const { values } of tensorsOf(cwd, 'tiny.last.safetensors').values())
      expect(values.every(Number.isFinite)).toBe(true);
  });

  it('keeps the best weights of before when a rate is too large for them', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    await convnet(['train', 'tiny.convnet'], { cwd });
    const best = readFileSync(join(cwd, 'tiny.safetensors'));
    writeFileSync(join(cwd, 'tiny.convnet'), text('epochs 3; optimiser sgd').replace('rate 0.01', 'rate 1e38'));
    const { status, err } = await convnet(['train', 'tiny.convnet'], { cwd });
    expect(status).toBe(1);
    expect(err).toMatch(/Training diverged at step \d+: .+ A smaller rate usually helps/);
    expect(readFileSync(join(cwd, 'tiny.safetensors')).equals(best)).toBe(true);
    for (const { values } of tensorsOf(cwd, 'tiny.last.safetensors').values())
      expect(values.every(Number.isFinite)).toBe(true);
  });

  it('leaves the weights of before whole where new ones cannot be written', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    await convnet(['train', 'tiny.convnet'], { cwd });
    const files = ['tiny.safetensors', 'tiny.last.safetensors'];
    const before = files.map((name) => readFileSync(join(cwd, name)));
    // Weights are written beside their place first, and put there when they are whole.
    mkdirSync(join(cwd, 'tiny.last.safetensors.unfinished', 'x'), { recursive: true });
    const { status, err } = await convnet(['train', 'tiny.convnet', '--fresh'], { cwd });
    expect(status).toBe(2);
    expect(err).toContain('tiny.last.safetensors cannot be written: ');
    for (const [i, name] of files.entries())
      expect(readFileSync(join(cwd, name)).equals(before[i] as Buffer)).toBe(true);
  });

  it.each([
    [
      'a network that does not say how',
      'network N {\n input 8x8x1\n fc 10\n}\n',
      [],
      'N does not say how it learns: put a block',
    ],
    [
      'nothing to go on with',
      text('epochs 1'),
      ['--resume'],
      'there is nothing to go on with: no file tiny.last.safetensors',
    ],
    ['both beginnings', text('epochs 1'), ['--resume', '--fresh'], '--resume and --fresh exclude each other'],
    ['too little memory', text('epochs 1'), ['--memory', '0'], 'Training Tiny needs'],
  ])('refuses %s', async (_, network, options, message) => {
    const cwd = folderWith({ 'tiny.convnet': network });
    const { status, err } = await convnet(['train', 'tiny.convnet', ...options], { cwd });
    expect(status).toBeGreaterThan(0);
    expect(err).toContain(message);
  });

  it('begins anew over weights of another shape, if it is told to', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    await convnet(['train', 'tiny.convnet'], { cwd });
    writeFileSync(join(cwd, 'tiny.convnet'), text('epochs 1', 'fc 12; relu; fc 10'));
    const refused = await convnet(['train', 'tiny.convnet'], { cwd });
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('tiny.safetensors has other weights than this network');
    expect((await convnet(['train', 'tiny.convnet', '--fresh'], { cwd })).status).toBe(0);
    expect((await convnet(['check', 'tiny.convnet'], { cwd })).status).toBe(0);
  });
});

describe('convnet test', () => {
  it('measures how layers say what they see', async () => {
    const { out } = await convnet(['test', 'examples/digits.convnet', '--codes', '--format', 'json']);
    const codes: readonly CodeReport[] = JSON.parse(out).codes;
    const of = (name: string) => codes.find(({ layer }) => layer === name) ?? fail(`no ${name}`);
    expect(codes.map(({ layer, units }) => [layer, units])).toEqual([
      ['fc1', 120],
      ['relu3', 120],
      ['fc2', 84],
      ['relu4', 84],
      ['fc3', 10],
      ['softmax1', 10],
    ]);
    // The last layer has a neuron for each class; before it many answer to each picture.
    expect(of('softmax1').unitsAPicture).toBeCloseTo(1, 1);
    expect(of('softmax1').classesAUnit).toBe(1);
    expect(of('relu4').unitsAPicture).toBeGreaterThan(5);
    expect(of('relu4').effectiveRank).toBeGreaterThan(5);
    expect((await convnet(['test', 'examples/digits.convnet', '--codes'])).out).toMatch(
      /layer +units +effective rank +answer to a picture +classes a unit answers to\nfc1 +120 /,
    );
  });

  it('needs weights', async () => {
    const cwd = folderWith({ 'tiny.convnet': text('epochs 1') });
    const { status, err } = await convnet(['test', 'tiny.convnet'], { cwd });
    expect(status).toBe(2);
    expect(err).toContain('Tiny has no weights to test: there is no file tiny.safetensors; convnet train makes them');
  });

  it.each([
    ['digits', 0.98],
    ['shapes', 0.98],
  ])('the weights that ship for %s are right on their test', async (name, least) => {
    const { out } = await convnet(['test', `examples/${name}.convnet`, '--format', 'json']);
    expect(JSON.parse(out).accuracy).toBeGreaterThanOrEqual(least);
  });
});
