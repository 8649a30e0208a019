import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NodeFileSystem } from 'langium/node';
import { createChecker } from '../../src/language/index.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { root } from '../../test/host/repository.js';

/** The first network of an example, or the one of this name. */
export async function loadExample(file: string, name?: string): Promise<CheckedNetwork> {
  const path = join(root, 'examples', `${file}.convnet`);
  const checker = createChecker(NodeFileSystem.fileSystemProvider());
  const { networks } = await checker.check(pathToFileURL(path).href, readFileSync(path, 'utf8'));
  const found = name === undefined ? networks[0] : networks.find(({ network }) => network.name === name);
  if (!found) throw new Error(`${path} has no network ${name ?? ''}`);
  return found.checked;
}
