import { expect, it } from 'vitest';
import { lsp, open } from './driver.js';

const blocks = 'block Inner(k) {\n conv k 1x1\n}\nblock Outer(k) {\n Inner(k); Inner(2)\n}\n';
const main = 'import Outer, Inner from "./blocks.convnet"\nnetwork N {\n input 8x8x3\n Outer(4)\n Inner(4)\n}\n';
const files = { 'blocks.convnet': blocks };

/** The item at the cursor, who uses it, and what it uses; each with how often. */
async function hierarchy(marked: string, others: Record<string, string> = {}) {
  const { document, textDocument, position } = await open(marked, others);
  const provider = lsp.CallHierarchyProvider;
  const [item] = (await provider?.prepareCallHierarchy(document, { textDocument, position })) ?? [];
  if (!item) return undefined;
  const incoming = (await provider?.incomingCalls({ item })) ?? [];
  const outgoing = (await provider?.outgoingCalls({ item })) ?? [];
  return {
    name: item.name,
    from: incoming.map(({ from, fromRanges }) => `${from.name} ${fromRanges.length}`),
    to: outgoing.map(({ to, fromRanges }) => `${to.name} ${fromRanges.length}`),
  };
}

it('goes from a block to those that use it, in all files, and to those it uses', async () => {
  expect(await hierarchy(main.replace('Outer(4)', '|Outer(4)'), files)).toEqual({
    name: 'Outer',
    from: ['N 1'],
    to: ['Inner 2'],
  });
  expect(await hierarchy(main.replace('Inner(4)', 'Inn|er(4)'), files)).toEqual({
    name: 'Inner',
    from: ['Outer 2', 'N 1'],
    to: [],
  });
});

it('begins at a network, too', async () => {
  expect(await hierarchy(main.replace('network N', 'network |N'), files)).toEqual({
    name: 'N',
    from: [],
    to: ['Outer 1', 'Inner 1'],
  });
  expect(await hierarchy(main.replace('8x8x3', '8x8|x3'), files)).toBeUndefined();
});
