import { describe, expect, it } from 'vitest';
import { check, findings, network } from './check.js';
import { lsp, open } from './features/driver.js';

const body = (lines: string) => network(`  input 28x28x1\n  training {\n${lines}\n  }\n  fc 10`);

const settingsOf = async (lines: string) => (await check(body(lines))).networks[0]?.network.training;

describe('a training block', () => {
  it('says how the network learns; the rest is usual', async () => {
    expect(await findings(body('dataset digits'))).toEqual([]);
    expect(await settingsOf('dataset digits')).toEqual({
      dataset: 'digits',
      loss: 'crossentropy',
      optimiser: { kind: 'adam', momentum: 0.9, nesterov: false, beta2: 0.999, epsilon: 1e-8 },
      rate: 0.001,
      decay: 0,
      schedule: { kind: 'constant', every: 1, factor: 1, warmup: 0 },
      batch: 32,
      epochs: 5,
      seed: 1,
      augment: { shift: 0, rotate: 0, scale: 0, flip: false, noise: 0 },
    });
  });

  it('reads every line, on lines of their own or behind each other', async () => {
    const lines =
      'dataset "mnist"; loss hinge; optimiser nesterov; rate 0.05; momentum 0.8; decay 5e-4\n' +
      'schedule step every 3 factor 0.5 warmup 1; batch 64; epochs 20; seed 7\n' +
      'augment shift 2 rotate 10 scale 0.1 flip noise 0.02';
    expect(await findings(body(lines))).toEqual([]);
    expect(await settingsOf(lines)).toEqual({
      dataset: 'mnist',
      loss: 'hinge',
      optimiser: { kind: 'sgd', momentum: 0.8, nesterov: true, beta2: 0.999, epsilon: 1e-8 },
      rate: 0.05,
      decay: 5e-4,
      schedule: { kind: 'step', every: 3, factor: 0.5, warmup: 1 },
      batch: 64,
      epochs: 20,
      seed: 7,
      augment: { shift: 2, rotate: 10, scale: 0.1, flip: true, noise: 0.02 },
    });
  });

  it('takes constants and momentum from the optimiser’s kind', async () => {
    const text = `const speed = 0.02\n${body('dataset digits; optimiser sgd; rate speed')}`;
    const training = (await check(text)).networks[0]?.network.training;
    expect(training?.rate).toBe(0.02);
    expect(training?.optimiser.momentum).toBe(0);
  });

  it('leaves the layers around it as they are', async () => {
    const { network: found, checked } = (await check(body('dataset digits'))).networks[0] ?? {};
    expect(found?.layers.map(({ name, inputs }) => [name, inputs])).toEqual([
      ['input1', []],
      ['fc1', [0]],
    ]);
    expect(checked?.totals.params).toBe(7850);
  });

  it.each([
    ['datset digits', 3, 'unknown-attribute', 'training has no attribute datset; did you mean dataset?'],
    [
      'dataset digts',
      4,
      'invalid-value',
      'dataset must be digits or shapes, or a file or folder in double quotes, not digts; did you mean digits?',
    ],
    ['dataset digits\nloss crossentropi', 5, 'invalid-value', 'did you mean crossentropy?'],
    ['dataset digits\nrate 0', 5, 'invalid-value', 'rate must be a positive number'],
    ['dataset digits\nrate', 5, 'missing-value', 'rate needs a value: a positive number'],
    ['dataset digits\nepochs 2.5', 5, 'invalid-value', 'epochs must be a positive whole number'],
    ['dataset digits\naugment turn 3', 5, 'unknown-attribute', 'augment has no attribute turn'],
    ['dataset digits\nbatch 8\nbatch 16', 6, 'repeated-value', 'batch'],
    ['rate 0.1', 3, 'missing-value', 'training needs a dataset to learn from'],
    ['dataset digits\nrepeat 2 { rate 1 }', 5, 'misplaced', 'A training block says how the network learns'],
  ])('%j is told once', async (lines, line, code, message) => {
    const found = await findings(body(lines));
    expect(found.map((finding) => [finding.code])).toEqual([[code]]);
    expect(found[0]?.message).toContain(message);
    expect(Math.abs((found[0]?.line ?? 0) - line)).toBeLessThanOrEqual(1);
  });

  it('holds its lines: outside of it they have no meaning', async () => {
    expect(await findings(network('  input 28x28x1\n  rate 0.1\n  fc 10'))).toMatchObject([
      { code: 'misplaced', line: 3, message: 'rate belongs into the training block of a network: training { rate … }' },
    ]);
  });

  it('tells of stray lines once for all of them, and not where their container is in question', async () => {
    const lines = 'dataset digits\nrate 0.01\nepochs 3';
    const told = async (text: string) => (await findings(network(text))).map(({ line, code }) => `${line} ${code}`);
    expect(await told(`input 28x28x1\n${lines}\nfc 10`)).toEqual(['3 misplaced']);
    expect(await told(`input 28x28x1\nbranch {\n${lines}\n}\nfc 10`)).toEqual(['3 misplaced']);
    expect(await told(`input 28x28x1\nconv 8 3x3 {\n${lines}\n}\nfc 10`)).toEqual(['3 misplaced']);
    expect(await told(`input 28x28x1\nlearning {\n${lines}\n}\nfc 10`)).toEqual(['3 unknown-layer']);
  });

  it('is an error in a block, twice, and where the scores are not as many as the classes', async () => {
    const inBlock = `block B() {\n  training { dataset digits }\n  relu\n}\n${network('  input 4x4x1\n  B')}`;
    expect((await findings(inBlock)).map(({ code }) => code)).toContain('misplaced');
    const twice = network('  input 28x28x1\n  training { dataset digits }\n  training { dataset digits }\n  fc 10');
    expect((await findings(twice)).map(({ code, line }) => [code, line])).toEqual([['repeated-value', 4]]);
    const twelve = network('  input 28x28x1\n  training { dataset digits }\n  fc 12');
    expect(await findings(twelve)).toMatchObject([
      { code: 'classes-differ', line: 3, message: 'digits has 10 classes, but fc1 gives 12 scores a picture' },
    ]);
  });
});

describe('completion in a training block', () => {
  const labels = async (line: string) => {
    const { document, textDocument, position } = await open(body(line));
    const list = await lsp.CompletionProvider?.getCompletion(document, { textDocument, position });
    return (list?.items ?? []).map(({ label }) => label);
  };

  it('offers the lines that are not there yet', async () => {
    const offered = await labels('dataset digits\n|');
    expect(offered).toContain('rate');
    expect(offered).toContain('augment');
    expect(offered).not.toContain('dataset');
    expect(offered).not.toContain('conv');
  });

  it('offers the values of each', async () => {
    expect(await labels('dataset |')).toEqual(expect.arrayContaining(['digits', 'shapes']));
    expect(await labels('optimiser |')).toEqual(expect.arrayContaining(['sgd', 'adam']));
    expect(await labels('augment shift 2 |')).toEqual(expect.arrayContaining(['rotate', 'flip']));
  });
});
