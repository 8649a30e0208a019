import { expect, it } from 'vitest';
import type { InlayHint } from 'vscode-languageserver-types';
import { type Client, connect } from './client.js';

const range = { start: { line: 0, character: 0 }, end: { line: 100, character: 0 } };

/** The sizes behind the lines, by line, with what is told of those that changed. */
async function sizes({ connection }: Client, uri: string): Promise<Record<number, string>> {
  const hints = await connection.sendRequest<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range });
  return Object.fromEntries(
    hints.map(({ label, position, tooltip }) => [
      position.line,
      [String(label).trim(), ...(tooltip ? [tooltip] : [])].join(' | '),
    ]),
  );
}

const network = (conv: string, before = '') => `network N {\n  input 8x8x3\n${before}  ${conv}\n  relu\n  fc 10\n}\n`;
const save = ({ connection }: Client, uri: string) =>
  connection.sendNotification('textDocument/didSave', { textDocument: { uri } });

it('marks the sizes that an edit changed, until the next save', async () => {
  const client = await connect();
  expect(client.result.capabilities.textDocumentSync).toMatchObject({ save: true });
  const uri = await client.write('n.convnet', network('conv 4 3x3'));
  expect(await sizes(client, uri)).toEqual({ 2: '6×6×4', 3: '6×6×4', 4: '1×1×10' });
  await client.write('n.convnet', network('conv 4 3x3 pad 1'));
  const marked = { 2: '8×8×4 ● | 6×6×4 at the last save', 3: '8×8×4 ● | 6×6×4 at the last save', 4: '1×1×10' };
  expect(await sizes(client, uri)).toEqual(marked);
  // A line that is put in moves the others; it has no size to compare with.
  await client.write('n.convnet', network('conv 4 3x3 pad 1', '  tanh\n'));
  expect(await sizes(client, uri)).toEqual({
    2: '8×8×3',
    3: '8×8×4 ● | 6×6×4 at the last save',
    4: '8×8×4 ● | 6×6×4 at the last save',
    5: '1×1×10',
  });
  let isAskedAgain = false;
  client.connection.onRequest('workspace/inlayHint/refresh', () => {
    isAskedAgain = true;
    return null;
  });
  await save(client, uri);
  await expect.poll(() => isAskedAgain).toBe(true);
  expect(await sizes(client, uri)).toEqual({ 2: '8×8×3', 3: '8×8×4', 4: '8×8×4', 5: '1×1×10' });
});

it('marks what a block of another file changed, until that is saved', async () => {
  const client = await connect();
  const blocks = await client.write('b.convnet', 'block B {\n  conv 4 3x3\n}\n');
  const uri = await client.write('n.convnet', 'import B from "./b.convnet"\nnetwork N {\n  input 8x8x3\n  B\n}\n');
  expect(await sizes(client, uri)).toEqual({ 3: '6×6×4' });
  await client.write('b.convnet', 'block B {\n  conv 5 3x3\n}\n');
  expect(await sizes(client, uri)).toEqual({ 3: '6×6×5 ● | 6×6×4 at the last save' });
  await save(client, blocks);
  await expect.poll(() => sizes(client, uri)).toEqual({ 3: '6×6×5' });
});

it('marks nothing where marks are switched off', async () => {
  const client = await connect();
  const uri = await client.write('n.convnet', network('conv 4 3x3'));
  await sizes(client, uri);
  await client.write('n.convnet', network('conv 4 3x3 pad 1'));
  expect((await sizes(client, uri))[2]).toContain('●');
  const settings = { convnet: { inlayHints: { changes: false } } };
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
  expect(await sizes(client, uri)).toEqual({ 2: '8×8×4', 3: '8×8×4', 4: '1×1×10' });
});
