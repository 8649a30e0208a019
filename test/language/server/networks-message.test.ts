import { expect, it } from 'vitest';
import { connect } from './client.js';

const expectationsIn = async (text: string) => {
  const { write, networks } = await connect();
  const uri = await write('n.convnet', text);
  return networks(uri)?.networks.map(({ expectations }) => expectations) ?? [];
};

it('tells of every expect whether it holds, and what is there', async () => {
  const text =
    'network N {\n  input 8x8x3\n  c: conv 4 3x3 expect 6x6x4\n  fc 10 expect params 1000\n  expect macs < 5G\n}\n';
  const [found] = await expectationsIn(text);
  expect(found).toMatchObject([
    { text: 'expect 6x6x4', layer: 'c', holds: true, found: '6x6x4', message: null },
    // 6·6·4·10 + 10
    { text: 'expect params 1000', layer: 'fc1', holds: false, found: '1450' },
    // 3·3·3·4·36 + 6·6·4·10
    { text: 'expect macs < 5G', layer: null, holds: true, found: '5328' },
  ]);
  expect(found?.[1]?.message).toContain('1450');
  expect(found?.[0]?.range).toMatchObject({ startLine: 2, startCharacter: 16, endCharacter: 28 });
});

it('tells of an expect in a block once, failing where one use fails, and nothing where sizes are unknown', async () => {
  const block = 'block B(k) {\n  conv k 3x3 expect 6x6x4\n}\n';
  const [found] = await expectationsIn(`${block}network N {\n  input 8x8x3\n  B(4)\n  B(4)\n}\n`);
  expect(found).toMatchObject([{ layer: null, holds: false, found: '4x4x4' }]);
  const [unknown] = await expectationsIn('network N {\n  input 8x8x3\n  convv 4 3x3\n  relu expect 6x6x4\n}\n');
  expect(unknown).toMatchObject([{ holds: null, found: null, message: null }]);
});
