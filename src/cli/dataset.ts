import { open, readdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { builtInDatasets, resizePicture, type SplitDataset, withTest } from '../engine/index.js';
import { openPictures } from '../formats/pictures/open.js';
import { type FilePart, type PictureFiles, PicturesError, type Reading } from '../formats/pictures/source.js';
import { formatBytes } from '../network/arithmetic.js';
import type { Shape } from '../network/shape.js';
import { isBuiltInDataset } from '../network/training.js';
import { pathBeside, readBytes, unreadable } from './files.js';
import { MEBIBYTE, showProgress } from './open-network.js';
import { decodePicture } from './picture.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** What is left for pictures to be kept in, in bytes. */
type Room = Reading['room'];

/** Where training may take so many MiB: half, for the network takes some. */
export const roomForPictures = (memory: number): Room => ({ left: (memory * MEBIBYTE) / 2 });

/** The bytes that the network may take beside the pictures that are kept: its half, and what they leave of theirs. */
export const besides = (room: Room, memory: number): number => (memory * MEBIBYTE) / 2 + room.left;

/**
 * The pictures that a `training` block names: drawn at the size of the network's input, or read from a file or folder beside the
 * network. Of those as many are kept in memory as there is room for, which they take; what does not fit is read again whenever it is
 * needed.
 */
export async function openDataset(
  name: string,
  shape: Shape,
  networkFile: string,
  room: Room,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<SplitDataset> {
  if (isBuiltInDataset(name)) return builtInDatasets[name](shape);
  try {
    return withTest(
      await openPictures(pathBeside(networkFile, name), {
        files: filesOf(terminal),
        room,
        shape,
        ...(signal && { signal }),
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
    const entries = await readdir(target, { withFileTypes: true }).catch((error: unknown) => {
      throw unreadable(path, error);
    });
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
    try {
      return await readPart(resolve(terminal.cwd, path), part);
    } catch (error) {
      throw unreadable(path, error);
    }
  },
});

async function readPart(path: string, { from, length }: FilePart): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await file.read(bytes, 0, length, from);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
