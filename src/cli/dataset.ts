import { open, readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { builtInDatasets, resizePicture, type SplitDataset, withTest } from '../engine/index.js';
import { openPictures } from '../formats/pictures/open.js';
import { type PictureFiles, PicturesError } from '../formats/pictures/source.js';
import { formatBytes } from '../network/arithmetic.js';
import type { Shape } from '../network/shape.js';
import { isBuiltInDataset } from '../network/training.js';
import { pathBeside, readBytes } from './files.js';
import { MEBIBYTE, showProgress } from './open-network.js';
import { decodePicture } from './picture.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** Bytes of pictures that are kept, where training may take so many MiB: half, for the network takes some. */
export const roomForPictures = (memory: number): number => (memory * MEBIBYTE) / 2;

/**
 * The pictures that a `training` block names: drawn at the size of the network's input, or read from a file or folder beside the
 * network. Of those at most `room` bytes are kept in memory; what does not fit is read again whenever it is needed.
 */
export async function openDataset(
  name: string,
  shape: Shape,
  networkFile: string,
  room: number,
  terminal: Terminal,
): Promise<SplitDataset> {
  if (isBuiltInDataset(name)) return builtInDatasets[name](shape);
  try {
    return withTest(
      await openPictures(pathBeside(networkFile, name), {
        files: filesOf(terminal),
        room: { left: room },
        shape,
        decode: async (bytes, file, size, to) => to.set(resizePicture(await decodePicture(bytes, file), size).data),
        onProgress: (done, of) =>
          showProgress(terminal, done < of ? `reading ${name}: ${formatBytes(done)} of ${formatBytes(of)}` : ''),
      }),
    );
  } catch (error) {
    if (error instanceof PicturesError) throw new UsageError(error.message);
    throw error;
  }
}

const filesOf = (terminal: Terminal): PictureFiles => ({
  async look(path) {
    const target = resolve(terminal.cwd, path);
    const status = await stat(target).catch(() => null);
    if (!status) return null;
    if (!status.isDirectory()) return { type: 'file', size: status.size };
    const entries = await readdir(target, { withFileTypes: true });
    return {
      type: 'folder',
      entries: await Promise.all(
        entries.map(async (entry) => ({
          name: entry.name,
          isFolder:
            entry.isDirectory() ||
            (entry.isSymbolicLink() &&
              ((await stat(resolve(target, entry.name)).catch(() => null))?.isDirectory() ?? false)),
        })),
      ),
    };
  },
  async read(path, part) {
    if (!part) return readBytes(path, terminal);
    const file = await open(resolve(terminal.cwd, path));
    try {
      const bytes = new Uint8Array(part.length);
      const { bytesRead } = await file.read(bytes, 0, part.length, part.from);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
});
