import { describe, expect, it } from 'vitest';
import { type CompletionItem, CompletionItemKind } from 'vscode-languageserver-types';
import { check } from '../check.js';
import { readSnippet } from '../typing/editor.js';
import { lsp, open } from './driver.js';

const patternsAt = async (marked: string): Promise<readonly CompletionItem[]> => {
  const { document, textDocument, position } = await open(marked);
  const list = await lsp.CompletionProvider?.getCompletion(document, { textDocument, position });
  return (list?.items ?? []).filter(({ kind }) => kind === CompletionItemKind.Snippet);
};

/** The text with a pattern in it as it comes, nothing filled in. */
const withPattern = (marked: string, item: CompletionItem): string =>
  marked.replace('|', readSnippet(item.textEdit?.newText ?? '').text);

const places: Readonly<Record<string, string>> = {
  'a small input': 'network N {\n  input 32x32x16\n  |\n}',
  'an odd input': 'network N {\n  input 33x47x3\n  |\n}',
  'a framework': 'network N like pytorch {\n  input 224x224x3\n  |\n}',
  'a block': 'block B {\n  relu\n  |\n}\nnetwork N {\n  input 64x64x32\n  B\n}',
};

describe.each(Object.entries(places))('a pattern after %s', (where, marked) => {
  it('is a network without an error as it is', async () => {
    const items = await patternsAt(marked);
    expect(items.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['residual', 'inception', 'stem', 'separable', 'unet', 'bottleneck', 'head']),
    );
    for (const item of items) {
      // Halving an odd size does not fit, whatever the pattern; the checker says so.
      if (where === 'an odd input' && /maxpool 2x2/.test(item.textEdit?.newText ?? '')) continue;
      const { findings } = await check(withPattern(marked, item));
      expect([item.label, findings.filter(({ severity }) => severity === 'error')]).toEqual([item.label, []]);
    }
  });
});

it('patterns add to as many channels as there are', async () => {
  const marked = 'network N {\n  input 8x8x24\n  |\n}';
  const residual = (await patternsAt(marked)).find(({ label }) => label === 'residual');
  expect(residual?.textEdit?.newText).toMatch(/conv \$\{1:24\} 3x3/);
  expect(residual?.documentation).toMatchObject({ value: expect.stringContaining('conv 24 3x3') });
});

it('a step of a U-Net goes into another, each with a name of its own', async () => {
  const outer = 'network N {\n  input 64x64x8\n  |\n}';
  const unet = (items: readonly CompletionItem[]) => items.find(({ label }) => label === 'unet') as CompletionItem;
  const once = withPattern(outer, unet(await patternsAt(outer))).replace('stride 2\n\n', 'stride 2\n|\n');
  const twice = withPattern(once, unet(await patternsAt(once)));
  expect(twice).toContain('skip2: relu');
  const { networks, findings } = await check(twice);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(networks[0]?.checked.facts.at(-1)?.output).toMatchObject({ height: 64, width: 64, channels: 16 });
});

it('outside of everything whole declarations are offered', async () => {
  for (const item of await patternsAt('|')) {
    const { findings } = await check(withPattern('|', item));
    expect([item.label, findings.filter(({ severity }) => severity === 'error')]).toEqual([item.label, []]);
  }
});
