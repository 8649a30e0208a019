/** The part of jsfive that is used here: it has no types of its own. */
declare module 'jsfive' {
  export interface Group {
    readonly attrs: Readonly<Record<string, unknown>>;
    readonly keys: readonly string[];
    get(path: string): Group | Dataset | undefined;
  }
  export interface Dataset {
    readonly shape: readonly number[];
    readonly dtype: unknown;
    readonly value: ArrayLike<number>;
  }
  export const File: new (bytes: ArrayBuffer, name: string) => Group;
}
