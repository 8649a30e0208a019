/** Work that takes a while: how far it has come, between 0 and 1, and what stops it. */
export interface Work {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}
