import { describe, expect, it } from 'vitest';
import type { CompletionItem } from 'vscode-languageserver-types';
import { lsp, open } from './driver.js';

/** What is offered at the cursor, the first first. */
async function complete(
  marked: string,
  { others = {}, trigger }: { others?: Record<string, string>; trigger?: string } = {},
): Promise<CompletionItem[]> {
  const { document, textDocument, position } = await open(marked, others);
  const context = trigger === undefined ? {} : { context: { triggerKind: 2 as const, triggerCharacter: trigger } };
  const list = await lsp.CompletionProvider?.getCompletion(document, { textDocument, position, ...context });
  return (list?.items ?? []).sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
}

const labels = (items: readonly CompletionItem[]): string[] => items.map(({ label }) => label);

/** Each label with what stands beside it. */
const shown = (items: readonly CompletionItem[]): string[] =>
  items.map(({ label, labelDetails }) => label + (labelDetails?.detail ?? ''));

const inNetwork = (line: string, input = '32x32x3'): string => `network N {\n input ${input}\n ${line}\n relu\n}`;

describe('completion of statements', () => {
  it('offers declarations outside of everything', async () => {
    expect(labels(await complete('|'))).toEqual([
      'network',
      'block',
      'const',
      'import',
      'block residual',
      'network classifier',
    ]);
    expect(labels(await complete('ne|\nnetwork N {\n input 8x8x3\n}'))).toContain('network');
  });

  it('offers the input first, then layers, blocks with their signature, and keywords', async () => {
    expect(labels(await complete('network N {\n |\n}'))).toContain('input');
    const items = await complete(`block B(k, stride = 1) {\n relu\n}\n${inNetwork('|')}`);
    expect(shown(items)[0]).toBe('B (k, stride = 1)');
    expect(items[0]?.textEdit?.newText).toBe('B($' + '{1:k})');
    expect(labels(items)).toEqual(expect.arrayContaining(['conv', 'fc', 'repeat', 'if', 'expect', 'weights']));
    expect(labels(items)).not.toContain('input');
    expect(labels(items)).not.toContain('branch');
  });

  it('gives layers their places to fill in', async () => {
    const conv = (await complete(inNetwork('co|'))).find(({ label }) => label === 'conv');
    expect(conv?.textEdit?.newText).toBe('conv $' + '{1:16} $' + '{2:5x5}');
    expect(conv?.documentation).toMatchObject({ kind: 'markdown' });
  });

  it('offers the blocks of other files, with their import', async () => {
    const others = { 'blocks.convnet': 'block B(k) {\n relu\n}\nblock C {\n relu\n}' };
    const offered = async (text: string, name: string) =>
      (await complete(text, { others })).find(({ label }) => label === name)?.additionalTextEdits?.[0];
    expect((await offered(inNetwork('|'), 'B'))?.newText).toBe('import B from "./blocks.convnet"\n\n');
    expect(await offered(`import B from "./blocks.convnet"\n${inNetwork('|')}`, 'C')).toMatchObject({
      newText: ', C',
      range: { start: { line: 0, character: 8 } },
    });
  });

  it('keeps a block from calling itself, and settings out of blocks', async () => {
    const items = labels(await complete('block B(k) {\n |\n}'));
    expect(items).not.toContain('B');
    expect(items).not.toContain('weights');
  });

  it('does not open by itself where a line may end', async () => {
    expect(await complete(inNetwork('relu |'), { trigger: ' ' })).toEqual([]);
    expect(await complete(inNetwork('|'), { trigger: ' ' })).toEqual([]);
    expect(await complete(inNetwork('conv 4 3x3 stride |'), { trigger: ' ' })).not.toEqual([]);
  });

  it('is silent in comments', async () => {
    expect(await complete(inNetwork('relu // co|'))).toEqual([]);
    expect(await complete('/* ne|')).toEqual([]);
  });
});

describe('completion of values', () => {
  it('ranks the strides that fit first, each with the size it gives', async () => {
    const items = shown(await complete(inNetwork('conv 4 3x3 stride |', '7x7x3')));
    expect(items.slice(0, 3)).toEqual(['1 → 5×5×4', '2 → 3×3×4', '4 → 2×2×4']);
    expect(items).toContain('3 does not fit');
  });

  it('does so for padding and kernels, with what follows on the line', async () => {
    const pads = shown(await complete(inNetwork('conv 4 3x3 pad | stride 2', '8x8x3')));
    expect(pads[0]).toMatch(/→/);
    expect(pads).toContain('1 does not fit');
    expect(pads).toContain('same → 4×4×4');
    expect(shown(await complete(inNetwork('conv 4 |', '8x8x3'))).slice(0, 2)).toEqual(['1x1 → 8×8×4', '3x3 → 6×6×4']);
    expect(shown(await complete(inNetwork('conv 4 kernel |', '2x2x3')))).toContain('5x5 does not fit');
  });

  it('tries the values in every use of a block, with its parameters', async () => {
    const items = await complete(
      'block B(k) {\n maxpool kernel k stride |\n}\nnetwork N {\n input 8x8x3\n B(2)\n}\nnetwork M {\n input 7x7x3\n B(3)\n}',
    );
    expect(shown(items)[0]).toBe('1 → 7×7×3, 5×5×3');
  });

  it('follows the framework', async () => {
    const text = 'network N like pytorch {\n input 7x7x3\n conv 4 3x3 stride |\n}';
    const items = await complete(text);
    expect(shown(items).slice(0, 3)).toEqual(['1 → 5×5×4', '2 → 3×3×4', '4 → 2×2×4']);
    expect(shown(items)).toContain('3 → 2×2×4');
  });

  it('offers groups that divide first', async () => {
    expect(labels(await complete(inNetwork('conv 4 3x3 groups |', '8x8x6'))).slice(0, 2)).toEqual(['1', '2']);
    expect(shown(await complete(inNetwork('conv 4 3x3 groups |', '8x8x6')))).toContain('4 does not fit');
  });

  it('offers constants, parameters and loop variables', async () => {
    const text = 'const wide = 64\nblock B(k) {\n repeat i in 1..2 { conv | }\n}';
    expect(labels(await complete(text))).toEqual(expect.arrayContaining(['wide', 'k', 'i']));
    expect(labels(await complete('const a = 1\nconst b = |'))).toContain('a');
    expect(labels(await complete('const a = 1\nnetwork N {\n input 8x8x3\n repeat |\n}'))).toContain('a');
  });
});

describe('completion inside a line', () => {
  it('offers the attributes not written yet, with their defaults', async () => {
    const items = await complete(inNetwork('conv 4 3x3 stride 1 |'));
    expect(labels(items)).toEqual(expect.arrayContaining(['pad', 'groups', 'bias', 'from', 'expect']));
    expect(labels(items)).not.toContain('stride');
    expect(items.find(({ label }) => label === 'bias')?.labelDetails?.description).toBe('default true');
  });

  it('offers the layers above after from', async () => {
    const text = 'network N {\n input 8x8x3\n a: relu\n b: tanh\n c: sigmoid from |\n d: relu\n}';
    expect(labels(await complete(text))).toEqual(['a', 'b', 'previous']);
    expect(labels(await complete(text.replace('from |', 'from a, |')))).toEqual(['b', 'previous']);
  });

  it('offers frameworks after like, and like before', async () => {
    expect(labels(await complete('network N like |{\n}'))).toContain('pytorch');
    expect(labels(await complete('network N | {\n}'))).toEqual(['like']);
  });

  it('offers what an expect would find', async () => {
    expect(labels(await complete(inNetwork('conv 6 5x5 expect |')))).toContain('params 456');
    expect(labels(await complete('network N {\n input 8x8x3\n fc 10\n expect |\n}'))).toContain('output 1x1x10');
  });

  it('offers the parameters of a block', async () => {
    const items = labels(await complete(`block B(k, stride = 1) {\n relu\n}\n${inNetwork('B(4, |)')}`));
    expect(items).toEqual(expect.arrayContaining(['k =', 'stride =', 'min']));
  });

  it('offers files to import and what they declare', async () => {
    const others = { 'blocks.convnet': 'const n = 1\nblock B(k) {\n relu\n}' };
    expect(labels(await complete('import B from "|"', { others }))).toContain('./blocks.convnet');
    expect(labels(await complete('import | from "./blocks.convnet"', { others }))).toEqual(['n', 'B']);
  });

  it('works on lines that make no sense yet', async () => {
    for (const line of [
      'conv (|',
      'conv 4 3x3 pad (1, |',
      'a: |',
      'a: conv |',
      '= |',
      ') |',
      '} |',
      'B(|',
      '"|',
      '; |',
    ])
      await expect(complete(inNetwork(line))).resolves.toBeDefined();
  });
});
