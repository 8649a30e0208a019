import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NodeFileSystem } from 'langium/node';
import { expect, it, onTestFinished } from 'vitest';
import { CHECK_REQUEST, type NetworksMessage } from '../../../src/language/protocol.js';
import { connect } from './client.js';

const network = (size: number) => `network N {\n  input 8x8x3\n  conv 4 3x3 expect ${size}x${size}x4\n}\n`;

/** A folder with a file that nobody has opened, and a file beside the folder. */
async function workspace() {
  const outside = mkdtempSync(join(tmpdir(), 'convnet-'));
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }));
  const folder = mkdtempSync(join(outside, 'workspace-'));
  writeFileSync(join(folder, 'closed.convnet'), network(6));
  writeFileSync(join(outside, 'outside.convnet'), network(6));
  const address = (path: string) => pathToFileURL(path).href;
  const { connection, write } = await connect(
    {},
    { folder: address(folder), files: () => NodeFileSystem.fileSystemProvider() },
  );
  const check = (uri: string) => connection.sendRequest<NetworksMessage | null>(CHECK_REQUEST, uri);
  return {
    check,
    write,
    inside: (name: string) => address(join(folder, name)),
    outside: address(join(outside, 'outside.convnet')),
  };
}

const holds = (message: NetworksMessage | null) =>
  message?.networks.flatMap(({ expectations }) => expectations.map((expectation) => expectation.holds));

it('checks a file that is not open', async () => {
  const { check, inside } = await workspace();
  expect(holds(await check(inside('closed.convnet')))).toEqual([true]);
});

it('checks an open file as it is in the editor', async () => {
  const { check, write } = await workspace();
  const uri = await write('open.convnet', network(6));
  expect(holds(await check(uri))).toEqual([true]);
  await write('open.convnet', network(5));
  expect(holds(await check(uri))).toEqual([false]);
});

it('reads nothing outside the folder, and says so when there is no such file', async () => {
  const { check, inside, outside } = await workspace();
  expect(await check(outside)).toBeNull();
  expect(await check(inside('missing.convnet'))).toBeNull();
});
