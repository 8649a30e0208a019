/** The bytes of a file that need not be in memory. */
export interface ByteSource {
  readonly size: number;
  /** Those from an offset on, exactly so many; rejects where the file has fewer. */
  readonly read: (from: number, length: number) => Promise<Uint8Array>;
  /** All of them, where they are in memory. */
  readonly bytes?: Uint8Array;
}

export const memorySource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: async (from, length) => bytes.subarray(from, from + length),
  bytes,
});

/** So many bytes of another source from an offset on. */
export const partOf = (source: ByteSource, first: number, size: number): ByteSource => ({
  size,
  read: (from, length) => source.read(first + from, length),
  ...(source.bytes && { bytes: source.bytes.subarray(first, first + size) }),
});
