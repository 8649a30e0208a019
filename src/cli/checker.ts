import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { NodeFileSystem } from 'langium/node';
import type { ByteSource } from '../formats/byte-source.js';
import { readTensorTable, SafetensorsError } from '../formats/safetensors.js';
import type { CheckOptions } from '../language/findings/options.js';
import { type Checker, createChecker } from '../language/index.js';
import type { WeightsFile } from '../network/weights-file.js';

/** A checker that reads imports and weights files from the disk. */
export const createFileChecker = (options: CheckOptions = {}): Checker =>
  createChecker(NodeFileSystem.fileSystemProvider(), options, readWeightsTable);

async function readWeightsTable(uri: string): Promise<WeightsFile> {
  try {
    await using file = await openSource(uri);
    return { state: 'read', tensors: await readTensorTable(file) };
  } catch (error) {
    if (error instanceof SafetensorsError) return { state: 'unreadable', reason: error.message };
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'missing' };
    if (code === 'EISDIR') return { state: 'unreadable', reason: 'it is a folder' };
    return { state: 'unreadable', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function openSource(uri: string): Promise<ByteSource & AsyncDisposable> {
  const file = await open(fileURLToPath(uri));
  return {
    size: (await file.stat()).size,
    async read(from, length) {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
