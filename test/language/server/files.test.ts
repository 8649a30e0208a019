import { expect, it } from 'vitest';
import type { CompletionList, DocumentLink } from 'vscode-languageserver-types';
import { FILE_EXISTS_REQUEST, FIND_FILES_REQUEST, READ_FILE_REQUEST } from '../../../src/language/protocol.js';
import { ClientFiles } from '../../../src/language/server/files.js';
import { connect } from './client.js';

const folder = 'file:///workspace';
const files: Record<string, string> = {
  [`${folder}/blocks.convnet`]: 'block Stem {\n  conv 64 7x7 stride 2 pad 3\n}\n',
  [`${folder}/cat.png`]: '',
  [`${folder}/n.safetensors`]: '',
};

/** A client whose files the server can only ask for; some cannot be read. */
const open = () =>
  connect(
    {},
    {
      folder,
      files: (connection) => new ClientFiles(connection),
      prepare: (connection) => {
        connection.onRequest(READ_FILE_REQUEST, (uri: string) => files[uri] ?? null);
        connection.onRequest(FIND_FILES_REQUEST, () => [`${folder}/blocks.convnet`, `${folder}/locked.convnet`]);
        connection.onRequest(FILE_EXISTS_REQUEST, (uri: string) => uri in files);
      },
    },
  );

it('a server without files knows the blocks of the workspace', async () => {
  const { connection, write } = await open();
  const uri = await write('n.convnet', 'network N {\n  input 8x8x3\n  \n}\n');
  const { items } = await connection.sendRequest<CompletionList>('textDocument/completion', {
    textDocument: { uri },
    position: { line: 2, character: 2 },
  });
  expect(items.find(({ label }) => label === 'Stem')?.additionalTextEdits?.[0]?.newText).toContain(
    'import Stem from "./blocks.convnet"',
  );
});

it('a server without files links to those that the editor has', async () => {
  const { connection, write } = await open();
  const text =
    'network N {\n  input 8x8x3 sample "cat.png"\n  relu\n  weights "n.safetensors"\n  labels "gone.txt"\n}\n';
  const links = await connection.sendRequest<DocumentLink[]>('textDocument/documentLink', {
    textDocument: { uri: await write('n.convnet', text) },
  });
  expect(links.map(({ target }) => target)).toEqual([`${folder}/cat.png`, `${folder}/n.safetensors`]);
});
