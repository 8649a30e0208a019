import { EmptyFileSystemProvider, type URI } from 'langium';
import { describe, expect, test } from 'vitest';
import { createChecker } from '../../src/language/index.js';
import { printShape } from '../../src/network/shape.js';
import { check, errors, network } from './check.js';

/** The names of the layers of the first network. */
const namesOf = async (text: string): Promise<readonly string[]> =>
  (await check(text)).networks[0]?.network.layers.map(({ name }) => name) ?? [];

/** `relu1 < conv1`: every layer with those that it reads. */
async function wiringOf(text: string): Promise<readonly string[]> {
  const layers = (await check(text)).networks[0]?.network.layers ?? [];
  return layers.map(({ name, inputs }) =>
    inputs.length === 0 ? name : `${name} < ${inputs.map((input) => layers[input]?.name ?? '?').join(', ')}`,
  );
}

/** `8x8x3` of every layer of the first network, by name. */
async function sizes(text: string): Promise<Readonly<Record<string, string | undefined>>> {
  const first = (await check(text)).networks[0];
  return Object.fromEntries(
    first?.network.layers.map(({ name }, i) => {
      const output = first.checked.facts[i]?.output;
      return [name, output ? printShape(output) : undefined];
    }) ?? [],
  );
}

/** What `fc` makes of an expression. */
async function unitsOf(expression: string, before = ''): Promise<number | undefined> {
  const layer = (await check(`${before}\n${network(`input 1x1x1\nfc (${expression})`)}`)).networks[0]?.network
    .layers[1];
  return layer?.kind === 'fc' ? layer.attributes?.units : undefined;
}

describe('names', () => {
  test('are counted per kind', async () => {
    expect(await namesOf(network('input 8x8x3\nconv 4 3x3\nrelu\nconv 4 3x3\nrelu'))).toEqual([
      'input1',
      'conv1',
      'relu1',
      'conv2',
      'relu2',
    ]);
  });

  test('that are given are never given again', async () => {
    expect(await namesOf(network('input 8x8x3\nrelu\nrelu2: conv 4 3x3\nrelu\nrelu'))).toEqual([
      'input1',
      'relu1',
      'relu2',
      'relu3',
      'relu4',
    ]);
  });

  test('stand in their block, their branch and their iteration', async () => {
    const text = `block Inner() { relu; a: relu }
block Outer(k) { conv k 1x1; Inner(); Inner() }
${network('input 8x8x3\nOuter(4)\nmine: Outer(5)\nrepeat 2 { relu; repeat 1 { tanh } }\nrepeat 1 { relu }')}`;
    expect(await namesOf(text)).toEqual([
      'input1',
      'Outer1/conv1',
      'Outer1/Inner1/relu1',
      'Outer1/Inner1/a',
      'Outer1/Inner2/relu1',
      'Outer1/Inner2/a',
      'mine/conv1',
      'mine/Inner1/relu1',
      'mine/Inner1/a',
      'mine/Inner2/relu1',
      'mine/Inner2/a',
      '[1]/relu1',
      '[1]/[1]/tanh1',
      '[2]/relu1',
      '[2]/[1]/tanh1',
      '[3]/relu1',
    ]);
  });

  test('are unique', async () => {
    const names = await namesOf(
      network('input 8x8x3\nrepeat 3 { a: relu; repeat 2 { add { branch { relu } branch { a2: relu } } } }'),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('of a branch and a repeat are seen below, and mean the last of that name', async () => {
    const text = network(`input 8x8x3
add { branch { a: relu } branch { } }
repeat 2 { b: tanh }
concat from a, b`);
    expect(await errors(text)).toEqual([]);
    expect((await wiringOf(text)).at(-1)).toBe('concat1 < a, [2]/b');
  });
});

describe('wiring', () => {
  test('goes from top to bottom unless from says otherwise', async () => {
    const text = network('input 8x8x3\na: relu\nb: tanh from a\nadd from a, previous\nsigmoid');
    expect(await wiringOf(text)).toEqual(['input1', 'a < input1', 'b < a', 'add1 < a, b', 'sigmoid1 < add1']);
  });

  test('branches begin where the merge does, an empty one is the identity', async () => {
    const text = network('input 8x8x3\nrelu\nconcat { branch { tanh; tanh } branch { } branch { sigmoid } }\nrelu');
    expect(await wiringOf(text)).toEqual([
      'input1',
      'relu1 < input1',
      'tanh1 < relu1',
      'tanh2 < tanh1',
      'sigmoid1 < relu1',
      'concat1 < tanh2, relu1, sigmoid1',
      'relu2 < concat1',
    ]);
  });

  test('branches can be repeated and chosen', async () => {
    const text = network(
      'input 8x8x3\nconcat { repeat i in 1..3 { branch { conv i 1x1 } } if 1 > 2 { branch { relu } } }',
    );
    expect((await sizes(text)).concat1).toBe('8x8x6');
  });

  test('the name of a block means its output', async () => {
    const text = `block B() { relu; tanh }\n${network('input 8x8x3\nb: B()\nsigmoid\nadd from b, previous')}`;
    expect((await wiringOf(text)).at(-1)).toBe('add1 < b/tanh1, sigmoid1');
  });
});

describe('blocks', () => {
  const text = (call: string) =>
    `const c = 7\nblock B(filters, stride = 1, pad = c - 6) { conv filters 3x3 stride stride pad pad }\n${network(`input 9x9x3\n${call}`)}`;

  test.each([
    ['B(4)', '9x9x4'],
    ['B(4, 2)', '5x5x4'],
    ['B(4, pad = 0)', '7x7x4'],
    ['B(stride = 2, filters = 5)', '5x5x5'],
    ['B(pad = 0, filters = 2 * 3, stride = 3)', '3x3x6'],
  ])('%s', async (call, size) => {
    expect(await errors(text(call))).toEqual([]);
    expect((await sizes(text(call)))['B1/conv1']).toBe(size);
  });

  test('see nothing of their caller', async () => {
    const told = await errors(
      `block B() { conv k 1x1 }\nblock C(k) { B() }\n${network('input 8x8x3\na: relu\nrepeat k in 1..2 { C(k) }')}`,
    );
    expect(told).toMatchObject([{ line: 1, code: 'unknown-name' }]);
    expect(told[0]?.message).toContain('no constant or parameter called k');
    const wired = await errors(`block B() { relu from a }\n${network('input 8x8x3\na: relu\nB()')}`);
    expect(wired).toMatchObject([{ line: 1, code: 'unknown-name' }]);
  });

  test('a default does not see the other parameters', async () => {
    expect(await errors('block B(a, b = a) { conv a 1x1; conv b 1x1 }')).toMatchObject([{ code: 'unknown-name' }]);
  });

  test('that are never used are checked', async () => {
    expect(await errors('block B(k) { conv k 3x3 stride 0 }')).toMatchObject([{ line: 1, code: 'invalid-value' }]);
  });
});

describe('repeat and if', () => {
  test.each([
    ['repeat 3 { conv 2 1x1 }', 3],
    ['repeat i in 2..4 { conv i 1x1 }', 3],
    ['repeat i in 4..2 { conv i 1x1 }', 0],
    ['repeat 0 { conv 2 1x1 }', 0],
    ['repeat i in 1..3 { repeat i { conv i 1x1 } }', 6],
    ['if 1 < 2 { conv 2 1x1 } else { relu; relu }', 1],
    ['if 1 > 2 { relu } else if 2 > 1 { conv 2 1x1; conv 2 1x1 } else { relu }', 2],
    ['repeat i in 1..4 { if i % 2 == 0 && i != 4 { conv i 1x1 } }', 1],
  ])('%s', async (line, layers) => {
    expect(await errors(network(`input 8x8x3\n${line}`))).toEqual([]);
    expect(await namesOf(network(`input 8x8x3\n${line}`))).toHaveLength(layers + 1);
  });

  test.each([
    ['repeat 1.5 { relu }', 'a whole number, 0 or more, not 1.5'],
    ['repeat (0 - 1) { relu }', 'a whole number, 0 or more'],
    ['if 3 { relu }', 'the condition of if must be true or false, not 3'],
  ])('%s', async (line, message) => {
    const told = await errors(network(`input 8x8x3\n${line}`));
    expect(told).toMatchObject([{ line: 3, code: 'invalid-value' }]);
    expect(told[0]?.message).toContain(message);
  });
});

describe('expressions', () => {
  test.each([
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['7 / 2 * 2', 7],
    ['10 - 4 - 3', 3],
    ['17 % 5 + 1', 3],
    ['- 3 + 8', 5],
    ['5k', 5000],
    ['2M / 1k', 2000],
    ['1e2', 100],
    ['min(3, 8) + max(1, 2, 4)', 7],
    ['floor(7 / 2) + ceil(7 / 2)', 7],
    ['k * k', 16],
  ])('%s = %d', async (expression, value) => {
    expect(await unitsOf(expression, 'const k = half * 2\nconst half = 2')).toBe(value);
  });

  test('a fraction is no number of units', async () => {
    expect(await errors(network('input 1x1x1\nfc (7 / 2)'))).toMatchObject([{ code: 'invalid-value' }]);
  });

  test.each(['1 / 0', '1 % 0', '2 * true', '"a" + 1', 'min()', 'root(4)', '!3'])('%s is told', async (expression) => {
    expect(await errors(`const k = ${expression}`)).toHaveLength(1);
  });

  test('constants that need themselves are no loop', async () => {
    expect((await check(`const a = b\nconst b = a\n${network('input 1x1x1\nfc a')}`)).networks).toHaveLength(1);
  });
});

describe('frameworks', () => {
  test.each([
    ['', 'maxpool 2x2 stride 2', null],
    [' like pytorch', 'maxpool 3x3', '2x2x3'],
    [' like caffe', 'maxpool 3x3 stride 2', '4x4x3'],
    [' like pytorch', 'maxpool 3x3 stride 2', '3x3x3'],
    [' like caffe', 'maxpool 2x2', '7x7x3'],
    [' like onnx', 'avgpool 2x2', '7x7x3'],
  ])('network N%s { %s }', async (like, line, size) => {
    const text = network(`input 8x8x3\n${line}`, `network N${like}`);
    if (size !== null) expect((await sizes(text)).maxpool1 ?? (await sizes(text)).avgpool1).toBe(size);
    else expect(await errors(text)).toEqual([]);
  });
});

// — Imports —

/** A folder `/w` with these files. */
const folderOf = (texts: Readonly<Record<string, string>>) =>
  Object.assign(new EmptyFileSystemProvider(), {
    readFile: async (uri: URI) => {
      const name = uri.path.slice('/w/'.length);
      const text = texts[name];
      if (text !== undefined) return text;
      const isFolder = Object.keys(texts).some((file) => file.startsWith(`${name}/`));
      throw Object.assign(new Error(name), { code: isFolder ? 'EISDIR' : 'ENOENT' });
    },
  });

const checkAmong = async (files: Readonly<Record<string, string>>, text: string) => {
  const checked = await createChecker(folderOf(files)).check('file:///w/main.convnet', text);
  return {
    layers: checked.networks[0]?.network.layers.map(({ name }) => name),
    told: checked.findings
      .filter(({ severity }) => severity === 'error')
      .map(({ range, code, message }) => `${range.start.line + 1} ${code} ${message}`),
  };
};

describe('imports', () => {
  const blocks =
    'const wide = 8\nconst hidden = 3\nblock B(k = hidden) { conv k 1x1; Inner() }\nblock Inner() { relu }';

  test('bring blocks and constants, which see their own file', async () => {
    const { layers, told } = await checkAmong(
      { 'blocks.convnet': blocks },
      `import B, wide from "./blocks.convnet"\n${network('input 8x8x3\nB(wide)\nB()')}`,
    );
    expect(told).toEqual([]);
    expect(layers).toEqual(['input1', 'B1/conv1', 'B1/Inner1/relu1', 'B2/conv1', 'B2/Inner1/relu1']);
  });

  test('go through other files', async () => {
    const { told, layers } = await checkAmong(
      { 'a/x.convnet': 'import B from "../blocks.convnet"\nblock X() { B(2) }', 'blocks.convnet': blocks },
      `import X from "./a/x.convnet"\n${network('input 8x8x3\nX()')}`,
    );
    expect(told).toEqual([]);
    expect(layers?.at(-1)).toBe('X1/B1/Inner1/relu1');
  });

  test.each([
    ['import B from "./none.convnet"', '1 import-not-found There is no file ./none.convnet to import from'],
    ['import B from "./folder"', '1 import-not-found ./folder cannot be imported: it is a folder'],
    ['import Stage from "./blocks.convnet"', '1 unknown-name ./blocks.convnet has no block or constant called Stage'],
    [
      'import widt from "./blocks.convnet"',
      '1 unknown-name ./blocks.convnet has no block or constant called widt; did you mean wide?',
    ],
  ])('%s', async (statement, message) => {
    const files = { 'blocks.convnet': blocks, 'folder/x.convnet': '' };
    expect((await checkAmong(files, `${statement}\n${network('input 8x8x3\nrelu')}`)).told).toEqual([message]);
  });

  test('of each other are told', async () => {
    const files = { 'a.convnet': 'import B from "./main.convnet"\nblock A() { B() }' };
    const { told } = await checkAmong(
      files,
      `import A from "./a.convnet"\nblock B() { relu }\n${network('input 8x8x3\nA()')}`,
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('import-cycle');
  });

  test('of the file itself are told', async () => {
    const { told } = await checkAmong({}, `import A from "./main.convnet"\n${network('input 8x8x3\nrelu')}`);
    expect(told).toHaveLength(1);
  });

  test('a mistake in an imported block is told at the call', async () => {
    const { told } = await checkAmong(
      { 'blocks.convnet': 'block B() { conv 4 5x5 }' },
      `import B from "./blocks.convnet"\n${network('input 3x3x3\nB()')}`,
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^4 kernel-exceeds-input In B: 5×5 filter/);
  });
});

// — Bounds —

describe('expansion is bounded, and says so in no time', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `block B${i + 1}() { B${i}(); B${i}() }`).join('\n');
  const deep = Array.from({ length: 200 }, (_, i) => `block B${i + 1}() { B${i}() }`).join('\n');
  test.each([
    ['a huge repeat', network('input 8x8x3\nrepeat 1000000000 { relu }'), 'too-large'],
    ['repeats in repeats', network(`input 8x8x3\n${'repeat 1000 { '.repeat(8)}relu${' }'.repeat(8)}`), 'too-large'],
    ['repeats of nothing', network(`input 8x8x3\n${'repeat 40000 { '.repeat(8)}${' }'.repeat(8)}`), 'too-large'],
    ['a range beyond all numbers', network('input 8x8x3\nrepeat i in 1..1e300 { relu }'), 'too-large'],
    ['blocks that double', `block B0() { relu }\n${doubling}\n${network('input 8x8x3\nB60()')}`, 'too-large'],
    ['empty blocks that double', `block B0() { }\n${doubling}\n${network('input 8x8x3\nB60()')}`, 'too-large'],
    ['blocks in blocks', `block B0() { relu }\n${deep}\n${network('input 8x8x3\nB200()')}`, 'too-large'],
    ['a block in itself', `block B() { B() }\n${network('input 8x8x3\nB()')}`, 'recursive-block'],
    [
      'blocks in each other',
      `block A() { B(); B() }\nblock B() { A(); A() }\n${network('input 8x8x3\nA()')}`,
      'recursive-block',
    ],
  ])('%s', { timeout: 10_000 }, async (_, text, code) => {
    const told = await errors(text);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told.map((each) => each.code))).toEqual(new Set([code]));
  });
});
