import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PNG } from 'pngjs';
import type { Picture, Run } from '../engine/index.js';
import type { Layer } from '../network/network.js';
import { drawMaps } from './maps.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** Writes one PNG a layer into a folder; returns their paths, in the order of the layers. */
export async function writeMaps(
  layers: readonly Layer[],
  runs: Run,
  folder: string,
  terminal: Terminal,
): Promise<readonly (string | null)[]> {
  const digits = String(layers.length).length;
  try {
    await mkdir(resolve(terminal.cwd, folder), { recursive: true });
    const paths: (string | null)[] = [];
    for (const [index, { name, kind }] of layers.entries()) {
      const run = runs[index];
      if (!run) {
        paths.push(null);
        continue;
      }
      // `BasicBlock2/conv1` is no file name.
      const path = join(folder, `${String(index + 1).padStart(digits, '0')}-${name.replaceAll('/', '.')}.png`);
      await writeFile(resolve(terminal.cwd, path), encodePng(drawMaps(run.activation, kind === 'input')));
      paths.push(path);
    }
    return paths;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new UsageError(`the pictures cannot be written to ${folder}: ${error.message}`);
  }
}

function encodePng({ width, height, data }: Picture): Buffer {
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return PNG.sync.write(png);
}
