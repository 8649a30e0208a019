import { expect, it } from 'vitest';
import {
  COMMITTED_REQUEST,
  COMMITTED_TEXT_REQUEST,
  COMPARE_REQUEST,
  type CommittedFile,
  type Comparison,
  type NetworkReport,
} from '../../../src/language/protocol.js';
import { connect } from './client.js';

const user = 'import B from "./b.convnet"\nnetwork N {\n  input 8x8x3\n  B\n}\n';
const block = (filters: number) => `block B {\n  conv ${filters} 1x1\n}\n`;

/** A client with a history: what its files were, by commit and name. */
async function withHistory(history: Record<string, Record<string, string>>) {
  const client = await connect();
  client.connection.onRequest(
    COMMITTED_TEXT_REQUEST,
    ({ uri, revision }: CommittedFile) => history[revision]?.[uri.slice(uri.lastIndexOf('/') + 1)] ?? null,
  );
  const compare = (comparison: Comparison) => client.connection.sendRequest<string | null>(COMPARE_REQUEST, comparison);
  return { ...client, compare };
}

it('tells what changed since a commit, with the blocks that the commit has', async () => {
  const { write, compare } = await withHistory({
    HEAD: { 'n.convnet': user, 'b.convnet': block(2) },
    'HEAD~1': { 'n.convnet': user, 'b.convnet': block(4) },
  });
  await write('b.convnet', block(4));
  const uri = await write('n.convnet', user);
  // 3·4 + 4 parameters instead of 3·2 + 2.
  const markdown = await compare({ uri, with: { revision: 'HEAD' } });
  expect(markdown).toContain('| ~ | B1/conv1 | conv | filters 2 → 4 |');
  expect(markdown).toContain('- Parameters: 8 → 16 (+8)');
  expect(await compare({ uri, with: { revision: 'HEAD~1' } })).toContain('No difference.');
  expect(await compare({ uri, with: { revision: 'HEAD~2' } })).toBeNull();
});

it('compares two files', async () => {
  const { write, compare } = await withHistory({});
  const [first, second] = [
    await write('first.convnet', 'network N {\n  input 8x8x3\n  relu\n}\n'),
    await write('second.convnet', 'network N {\n  input 8x8x3\n  tanh\n}\n'),
  ];
  const markdown = await compare({ uri: second, with: { uri: first } });
  expect(markdown).toMatch(/^\| − \| relu1 /m);
  expect(markdown).toMatch(/^\| \+ \| tanh1 /m);
  expect(await compare({ uri: first, with: { uri: 'file:///workspace/none.convnet' } })).toBeNull();
});

it('hands out the networks of the last commit', async () => {
  const { write, connection } = await withHistory({ HEAD: { 'n.convnet': user, 'b.convnet': block(2) } });
  await write('b.convnet', block(4));
  const uri = await write('n.convnet', user);
  const committed = (of: string) => connection.sendRequest<readonly NetworkReport[] | null>(COMMITTED_REQUEST, of);
  expect((await committed(uri))?.map(({ totals }) => totals.params)).toEqual([8]);
  expect(await committed('file:///workspace/new.convnet')).toBeNull();
});
