import { basename, dirname, join } from 'node:path';
import { type Picture, samples } from '../engine/index.js';
import type { LayerAttributes } from '../network/catalogue.js';
import { readBytes } from './files.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

export interface NamedPicture {
  /** The file, or the id of a built-in sample. */
  readonly name: string;
  readonly picture: Picture;
}

/** A picture larger than this is no photograph; decoding it would take gigabytes. */
const MOST_PIXELS = 100_000_000;

/**
 * The picture to run on: the one asked for, else the network's sample (a file beside the network, or built in), else the
 * first that is built in.
 */
export async function choosePicture(
  asked: string | undefined,
  networkFile: string,
  { size, sample }: LayerAttributes<'input'>,
  terminal: Terminal,
): Promise<NamedPicture> {
  const name = asked ?? sample ?? samples[0]?.id ?? '';
  const builtIn = samples.find(({ id }) => id === name);
  if (builtIn) return { name, picture: builtIn.draw(size.width, size.height) };
  const isBesideNetwork = asked === undefined && networkFile !== '<stdin>';
  const path = isBesideNetwork ? join(dirname(networkFile), name) : name;
  const bytes = await readBytes(path, terminal).catch((error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\nA PNG or JPEG file is needed, or a built-in picture: ${builtInNames()}`);
  });
  return { name: path, picture: await decodePicture(bytes, path) };
}

const builtInNames = (): string => samples.map(({ id }) => id).join(', ');

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG_SIGNATURE = [0xff, 0xd8, 0xff];
const startsWith = (bytes: Uint8Array, signature: readonly number[]) =>
  signature.every((byte, index) => bytes[index] === byte);

export async function decodePicture(bytes: Uint8Array, path: string): Promise<Picture> {
  try {
    if (startsWith(bytes, PNG_SIGNATURE)) return await decodePng(bytes);
    if (startsWith(bytes, JPEG_SIGNATURE)) return await decodeJpeg(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${basename(path)} is damaged and cannot be shown: ${reason}`);
  }
  throw new UsageError(
    `${path} is neither PNG nor JPEG; convert it, or take a built-in picture: --image ${samples[0]?.id} (${builtInNames()})`,
  );
}

async function decodePng(bytes: Uint8Array): Promise<Picture> {
  const { PNG } = await import('pngjs');
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // The header says how large the picture is: 8 bytes of signature, 8 of chunk header, then width and height.
  if (buffer.length >= 24) refuseHuge(buffer.readUInt32BE(16), buffer.readUInt32BE(20));
  const { width, height, data } = PNG.sync.read(buffer);
  return { width, height, data: new Uint8ClampedArray(data) };
}

async function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  const { decode } = await import('jpeg-js');
  const { width, height, data } = decode(bytes, {
    useTArray: true,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: 2048,
  });
  return { width, height, data: new Uint8ClampedArray(data) };
}

function refuseHuge(width: number, height: number): void {
  if (width * height > MOST_PIXELS)
    throw new RangeError(`${width}×${height} pixels are more than ${MOST_PIXELS.toLocaleString('en-US')}`);
}
