import { afterEach, expect, it, vi } from 'vitest';
import type { CompletionList, Hover } from 'vscode-languageserver-types';
import { ConvNetFolding } from '../../../src/language/features/folding.js';
import { ConvNetHover } from '../../../src/language/features/hover.js';
import { connect } from './client.js';

afterEach(() => vi.restoreAllMocks());

const text = 'network N {\n  input 8x8x3\n  conv 4 3x3\n}\n';

/** A client that writes down what its user is shown, and what goes to the output. */
async function listening() {
  const client = await connect();
  const shown: string[] = [];
  client.connection.onNotification('window/showMessage', ({ message }) => shown.push(message));
  const hover = (uri: string) =>
    client.connection.sendRequest<Hover | null>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 2, character: 4 },
    });
  return { ...client, shown, hover };
}

it('a feature that throws answers nothing, is told of once, and harms no other', async () => {
  vi.spyOn(ConvNetHover.prototype, 'getHoverContent').mockRejectedValue(new Error('boom'));
  vi.spyOn(ConvNetFolding.prototype, 'getFoldingRanges').mockImplementation(() => {
    throw new Error('at once');
  });
  const { connection, write, shown, hover } = await listening();
  const uri = await write('n.convnet', text);
  expect(await hover(uri)).toBeNull();
  expect(await hover(uri)).toBeNull();
  expect(await connection.sendRequest('textDocument/foldingRange', { textDocument: { uri } })).toBeNull();
  expect(shown).toEqual([
    'ConvNet: Hover failed; all else goes on. See the output.',
    'ConvNet: Folding range failed; all else goes on. See the output.',
  ]);
  const { items } = await connection.sendRequest<CompletionList>('textDocument/completion', {
    textDocument: { uri },
    position: { line: 2, character: 2 },
  });
  expect(items.length).toBeGreaterThan(10);
});

it('a feature that does not come to an end is given up', async () => {
  vi.spyOn(ConvNetHover.prototype, 'getHoverContent').mockReturnValue(new Promise(() => {}));
  const { write, shown, hover } = await listening();
  const uri = await write('n.convnet', text);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const answer = hover(uri);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toBeNull();
  } finally {
    vi.useRealTimers();
  }
  expect(shown).toEqual(['ConvNet: Hover took too long; all else goes on. See the output.']);
});
