import { expect, it } from 'vitest';
import type { CodeLens } from 'vscode-languageserver-types';
import {
  type ClientOptions,
  COMMIT_NOTIFICATION,
  COMMITTED_TEXT_REQUEST,
  COMPARE_COMMAND,
  type CommittedFile,
} from '../../../src/language/protocol.js';
import { type Client, connect } from './client.js';

const network = (filters: number): string => `network N {\n  input 8x8x3\n  conv ${filters} 1x1\n}\n`;

const lensesOf = async ({ connection }: Client, uri: string): Promise<string[]> => {
  const lenses = await connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  return lenses.map(({ command }) => command?.title ?? '');
};

/** A client whose files were committed as these texts. */
async function withCommit(texts: Record<string, string>, options: ClientOptions = {}): Promise<Client> {
  const client = await connect(options);
  client.connection.onRequest(
    COMMITTED_TEXT_REQUEST,
    ({ uri }: CommittedFile) => texts[uri.slice(uri.lastIndexOf('/') + 1)] ?? null,
  );
  return client;
}

it('offers only the commands that the client can run', async () => {
  const client = await connect({ commands: ['convnet.openPreview', 'convnet.export', 'convnet.showReferences'] });
  const uri = await client.write('n.convnet', `block B {\n  relu\n}\n${network(2)}`);
  expect(await lensesOf(client, uri)).toEqual([
    '8 parameters · 384 MACs · 1.3 KiB of activations',
    'Preview',
    'Export…',
    '0 references',
  ]);
  const plain = await connect();
  expect(await lensesOf(plain, await plain.write('n.convnet', network(2)))).toHaveLength(1);
});

it('counts the references of a block in all files', async () => {
  const client = await connect({ commands: ['convnet.showReferences'] });
  const uri = await client.write('b.convnet', 'block B {\n  relu\n}\n');
  await client.write('n.convnet', 'import B from "./b.convnet"\nnetwork N {\n  input 8x8x3\n  B; B\n}\n');
  expect(await lensesOf(client, uri)).toEqual(['used 2 times · 0 parameters · 0 MACs', '3 references']);
});

it('shows how a network differs from the last commit', async () => {
  const client = await withCommit({ 'n.convnet': network(2) });
  // 4 filters of 1·1·3 + 1; 8·8·3 multiplications each.
  const uri = await client.write('n.convnet', network(4));
  const total = '16 parameters · 768 MACs · 1.8 KiB of activations';
  expect(await lensesOf(client, uri)).toEqual([
    total,
    '+8 parameters · +384 MACs · +512 bytes of activations since the last commit',
  ]);
  await client.write('n.convnet', network(2));
  expect(await lensesOf(client, uri)).toHaveLength(1);
  await client.write('n.convnet', network(2).replace('N', 'M'));
  expect((await lensesOf(client, uri))[1]).toBe('new since the last commit');
});

it('leads from what changed to the comparison, layer by layer', async () => {
  const client = await withCommit({ 'n.convnet': network(2) }, { commands: [COMPARE_COMMAND] });
  const uri = await client.write('n.convnet', network(4));
  const lenses = await client.connection.sendRequest<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
  expect(lenses[1]?.command).toMatchObject({ command: COMPARE_COMMAND, arguments: [uri, 'HEAD'] });
});

it('compares with the blocks that the commit has', async () => {
  const user = 'import B from "./b.convnet"\nnetwork N {\n  input 8x8x3\n  B\n}\n';
  const client = await withCommit({ 'n.convnet': user, 'b.convnet': 'block B {\n  conv 1 1x1\n}\n' });
  await client.write('b.convnet', 'block B {\n  conv 3 1x1\n}\n');
  const uri = await client.write('n.convnet', user);
  expect((await lensesOf(client, uri))[1]).toContain('+8 parameters');
});

it('does not wait for git, and compares when it has answered', async () => {
  const client = await connect();
  let answer: (text: string) => void = () => {};
  client.connection.onRequest(COMMITTED_TEXT_REQUEST, () => new Promise<string>((resolve) => (answer = resolve)));
  let refreshes = 0;
  client.connection.onRequest('workspace/codeLens/refresh', () => {
    refreshes++;
    return null;
  });
  const uri = await client.write('n.convnet', network(4));
  expect(await lensesOf(client, uri)).toHaveLength(1);
  expect(await lensesOf(client, uri)).toHaveLength(1);
  expect(refreshes).toBe(0);
  answer(network(2));
  await expect.poll(() => refreshes).toBe(1);
  expect((await lensesOf(client, uri))[1]).toContain('+8 parameters');
});

it('compares anew after a commit', async () => {
  const texts: Record<string, string> = { 'n.convnet': network(2) };
  const client = await withCommit(texts);
  const uri = await client.write('n.convnet', network(4));
  expect(await lensesOf(client, uri)).toHaveLength(2);
  texts['n.convnet'] = network(4);
  expect(await lensesOf(client, uri)).toHaveLength(2);
  await client.connection.sendNotification(COMMIT_NOTIFICATION);
  expect(await lensesOf(client, uri)).toHaveLength(1);
});
