import type { Format } from './format.js';

export interface FormatEntry {
  readonly title: string;
  /** Names of the files that it reads. */
  readonly reads?: RegExp;
  /** Loaded when it is used, so that the others cost no time. */
  readonly load: () => Promise<Format>;
}

/** Every format, by the name that the command line knows it by; one line each. */
export const formats: Readonly<Record<string, FormatEntry>> = {
  caffe: {
    title: 'Caffe',
    reads: /\.(prototxt|caffemodel|pt)$/i,
    load: async () => (await import('./caffe/index.js')).caffe,
  },
};

/** The format that reads a file of this name. */
export const formatOf = (fileName: string): FormatEntry | undefined =>
  Object.values(formats).find(({ reads }) => reads?.test(fileName));
