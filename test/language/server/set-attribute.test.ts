import { expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { type AttributeEdit, SET_ATTRIBUTE_REQUEST, type SetAttribute } from '../../../src/language/protocol.js';
import { connect } from './client.js';

const text = `import B from "./b.convnet"
network N {
  input 8x8x3
  conv 4 3x3 stride 1
  B
}
`;

it.each([
  ['one that is written', 'conv1', 'stride', '2', 'conv 4 3x3 stride 2'],
  ['one without its name', 'conv1', 'kernel', '5x5', 'conv 4 5x5 stride 1'],
  ['one that is not written', 'conv1', 'pad', '1', 'conv 4 3x3 stride 1 pad 1'],
])('sets an attribute: %s', async (_, layer, attribute, value, line) => {
  const { write, connection } = await connect();
  await write('b.convnet', 'block B {\n  conv 2 1x1\n}\n');
  const uri = await write('n.convnet', text);
  const set = (what: SetAttribute) => connection.sendRequest<AttributeEdit | null>(SET_ATTRIBUTE_REQUEST, what);
  const found = await set({ uri, network: 'N', layer, attribute, value });
  const document = TextDocument.create(uri, 'convnet', found?.version ?? -1, text);
  expect(TextDocument.applyEdits(document, found ? [found.edit] : [])).toContain(`  ${line}\n`);
  // A layer of another file, and none at all.
  expect(await set({ uri, network: 'N', layer: 'B1/conv1', attribute, value })).toBeNull();
  expect(await set({ uri, network: 'N', layer: 'conv7', attribute, value })).toBeNull();
});
