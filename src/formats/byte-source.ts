/** The bytes of a file that need not be in memory. */
export interface ByteSource {
  readonly size: number;
  /** So many of them from an offset on, or as many as there are. */
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
