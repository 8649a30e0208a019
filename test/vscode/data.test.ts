import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { DataFiles } from '../../src/extension/preview/data-files.js';

/** What the page that trains is told of the files beside a network. */
describe('The pictures that a network learns from', () => {
  const folder = () => {
    const [first] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(first);
    return vscode.Uri.joinPath(first.uri, 'learned');
  };
  const network = () => vscode.Uri.joinPath(folder(), 'n.convnet');

  before(async () => {
    const write = (name: string, bytes: readonly number[]) =>
      vscode.workspace.fs.writeFile(vscode.Uri.joinPath(folder(), name), Uint8Array.from(bytes));
    await write('photos/dark/1.png', [1, 2, 3]);
    await write('photos/light/2.png', [4, 5, 6, 7]);
  });

  after(() => vscode.workspace.fs.delete(folder(), { recursive: true }));

  it('are looked for and read beside it, whole and in parts', async () => {
    const files = new DataFiles(undefined);
    assert.deepEqual(await files.answer(network(), { type: 'look', path: 'photos' }), {
      type: 'found',
      found: {
        type: 'folder',
        entries: [
          { name: 'dark', isFolder: true },
          { name: 'light', isFolder: true },
        ],
      },
    });
    const path = 'photos/light/2.png';
    assert.deepEqual(await files.answer(network(), { type: 'look', path }), {
      type: 'found',
      found: { type: 'file', size: 4 },
    });
    assert.deepEqual(await files.answer(network(), { type: 'look', path: 'nowhere' }), { type: 'found', found: null });
    const read = async (part: { from: number; length: number } | null) => {
      const answer = await files.answer(network(), { type: 'read', path, part });
      assert.equal(answer.type, 'bytes');
      // A page gets no bytes of a Buffer.
      assert.equal(answer.bytes.constructor, Uint8Array);
      return [...answer.bytes];
    };
    assert.deepEqual(await read(null), [4, 5, 6, 7]);
    assert.deepEqual(await read({ from: 1, length: 2 }), [5, 6]);
    assert.deepEqual(await read({ from: 3, length: 9 }), [7]);
  });

  it('are read in parts by whoever can', async () => {
    const asked: unknown[] = [];
    const files = new DataFiles(async (file, from, length) => {
      asked.push([file.path.endsWith('/photos/light/2.png'), from, length]);
      return Uint8Array.of(9);
    });
    const answer = await files.answer(network(), {
      type: 'read',
      path: 'photos/light/2.png',
      part: { from: 2, length: 1 },
    });
    assert.deepEqual(answer, { type: 'bytes', bytes: Uint8Array.of(9) });
    assert.deepEqual(asked, [[true, 2, 1]]);
  });

  it('are never read outside the workspace', async () => {
    const files = new DataFiles(() => assert.fail('it was read'));
    for (const path of ['../../../../etc/passwd', '../..', '../../elsewhere/x'])
      for (const ask of [
        { type: 'look', path },
        { type: 'read', path, part: null },
        { type: 'read', path, part: { from: 0, length: 1 } },
      ] as const)
        assert.deepEqual(await files.answer(network(), ask), {
          type: 'problem',
          problem: `${path} lies outside the workspace`,
        });
  });

  it('that cannot be read are told by name', async () => {
    const answer = await new DataFiles(undefined).answer(network(), {
      type: 'read',
      path: 'photos/gone.png',
      part: null,
    });
    assert.equal(answer.type, 'problem');
    assert.match(answer.problem, /^photos\/gone\.png cannot be read: /);
  });
});
