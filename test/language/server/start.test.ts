import { expect, it } from 'vitest';
import type { PublishDiagnosticsParams, SelectionRange } from 'vscode-languageserver';
import { READ_WEIGHTS_REQUEST, WEIGHTS_CHANGED_NOTIFICATION } from '../../../src/language/protocol.js';
import type { WeightsFile } from '../../../src/network/weights-file.js';
import { connect } from './client.js';

it('says what it can do', async () => {
  const { result } = await connect();
  expect(result.capabilities).toMatchObject({
    selectionRangeProvider: true,
    callHierarchyProvider: {},
    codeActionProvider: { codeActionKinds: ['quickfix', 'refactor', 'source.fixAll.convnet'] },
  });
});

it('expands a selection from a value outwards', async () => {
  const { connection, write } = await connect();
  const text = 'network N {\n  input 8x8x3\n  c: conv 4 3x3 stride 2\n  relu\n}\n';
  const uri = await write('n.convnet', text);
  const position = { line: 2, character: '  c: conv 4 3x3 stride '.length };
  const [found] = await connection.sendRequest<SelectionRange[]>('textDocument/selectionRange', {
    textDocument: { uri },
    positions: [position],
  });
  const lines = text.split('\n');
  const texts: string[] = [];
  for (let at = found; at; at = at.parent) {
    const { start, end } = at.range;
    const inside = lines.slice(start.line, end.line + 1);
    inside.push((inside.pop() ?? '').slice(0, end.character));
    texts.push(inside.join('\n').slice(start.character));
  }
  expect(texts).toEqual([
    '2',
    'stride 2',
    'conv 4 3x3 stride 2',
    'c: conv 4 3x3 stride 2',
    'input 8x8x3\n  c: conv 4 3x3 stride 2\n  relu',
    '{\n  input 8x8x3\n  c: conv 4 3x3 stride 2\n  relu\n}',
    text.trimEnd(),
    text,
  ]);
});

it('has hints and lenses asked for again when a related file changes, and only then', async () => {
  const { connection, write } = await connect();
  const asked: string[] = [];
  for (const what of ['inlayHint', 'codeLens'])
    connection.onRequest(`workspace/${what}/refresh`, () => {
      asked.push(what);
      return null;
    });
  await write('blocks.convnet', 'block B {\n  conv 4 3x3\n}\n');
  await write('main.convnet', 'import B from "./blocks.convnet"\nnetwork N {\n  input 8x8x3\n  B\n}\n');
  await write('other.convnet', 'network N {\n  input 8x8x3\n  relu\n}\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  asked.length = 0;
  await write('other.convnet', 'network N {\n  input 8x8x3\n  tanh\n}\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked).toEqual([]);
  await write('blocks.convnet', 'block B {\n  conv 4 5x5\n}\n');
  await expect.poll(() => asked).toEqual(['inlayHint', 'codeLens']);
  await write('main.convnet', 'import B from "./blocks.convnet"\nnetwork N {\n  input 9x9x3\n  B\n}\n');
  await expect.poll(() => asked.length).toBe(4);
});

it('checks a network again when its weights file changes, by the table that the client reads', async () => {
  const { connection, write } = await connect();
  let table: WeightsFile = { state: 'missing' };
  connection.onRequest(READ_WEIGHTS_REQUEST, (uri: string) =>
    uri === 'file:///workspace/n.safetensors' ? table : { state: 'missing' },
  );
  const told: string[][] = [];
  connection.onNotification('textDocument/publishDiagnostics', ({ diagnostics }: PublishDiagnosticsParams) => {
    told.push(diagnostics.map(({ code }) => String(code)));
  });
  await write('n.convnet', 'network N {\n  weights "n.safetensors"\n  input 8x8x3\n  fc 2\n}\n');
  await expect.poll(() => told.at(-1)).toEqual(['weights-missing']);
  const changed = async (next: WeightsFile) => {
    table = next;
    await connection.sendNotification(WEIGHTS_CHANGED_NOTIFICATION, ['file:///workspace/n.safetensors']);
  };
  await changed({
    state: 'read',
    tensors: [
      { name: 'fc1.weight', dtype: 'F32', shape: [3, 192] },
      { name: 'fc1.bias', dtype: 'F32', shape: [2] },
    ],
  });
  await expect.poll(() => told.at(-1)).toEqual(['weights-differ']);
  await changed({ state: 'unreadable', reason: 'it is cut short' });
  await expect.poll(() => told.at(-1)).toEqual(['weights-unreadable']);
});
