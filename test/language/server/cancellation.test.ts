import { expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { CodeAction } from 'vscode-languageserver-types';
import { NETWORKS_NOTIFICATION, type NetworksMessage } from '../../../src/language/protocol.js';
import { connect } from './client.js';

/** Short to read, long to check: 40,000 layers. */
const large = (filters: number) =>
  `network N {\n  input 64x64x3\n  repeat 20000 {\n    conv ${filters} 3x3 pad 1\n    relu\n  }\n}\n`;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it('the check of a large network is given up when a newer text comes', { timeout: 120_000 }, async () => {
  const { connection } = await connect();
  const checked: number[] = [];
  connection.onNotification(NETWORKS_NOTIFICATION, ({ version }: NetworksMessage) => checked.push(version));
  const uri = 'file:///workspace/large.convnet';
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, version: 1, languageId: 'convnet', text: large(4) },
  });
  // Each comes while the one before is being checked, had it not been given up.
  for (let version = 2; version <= 6; version++) {
    await pause(20);
    const contentChanges = [{ text: version < 6 ? large(version + 3) : 'network N {\n  input 8x8x3\n  relu\n}\n' }];
    await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
  }
  await expect.poll(() => checked.at(-1), { timeout: 60_000 }).toBe(6);
  expect(checked).toEqual([6]);
});

it('a request that is cancelled stops between two trials', async () => {
  const { connection, write } = await connect();
  // Every line has a fix, and each fix is tried on the whole file.
  const lines = Array.from({ length: 150 }, (_, i) => `  conv 4 3x3 stried ${1 + (i % 2)}`).join('\n');
  const uri = await write('n.convnet', `network N {\n  input 64x64x3\n${lines}\n}\n`);
  const range = { start: { line: 0, character: 0 }, end: { line: 200, character: 0 } };
  const source = new CancellationTokenSource();
  const asked = connection.sendRequest<CodeAction[]>(
    'textDocument/codeAction',
    { textDocument: { uri }, range, context: { diagnostics: [], only: ['quickfix'] } },
    source.token,
  );
  await pause(20);
  source.cancel();
  await expect(asked).rejects.toMatchObject({ code: -32800 });
});
