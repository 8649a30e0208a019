import type { Format } from './format.js';

export interface FormatEntry {
  readonly title: string;
  /** Names of the files that it reads. */
  readonly reads?: RegExp;
  /** What it writes: the ending of the first file, how an editor colours it, and what can be asked for beside it. */
  readonly writes?: { readonly extension: string; readonly language?: string; readonly with?: readonly string[] };
  /** Loaded when it is used, so that the others cost no time. */
  readonly load: () => Promise<Format>;
}

/** Every format, by the name that the command line knows it by; one line each. */
export const formats: Readonly<Record<string, FormatEntry>> = {
  onnx: {
    title: 'ONNX',
    reads: /\.onnx$/i,
    writes: { extension: '.onnx', with: ['external'] },
    load: async () => (await import('./onnx/index.js')).onnx,
  },
  caffe: {
    title: 'Caffe',
    reads: /\.(prototxt|caffemodel|pt)$/i,
    writes: { extension: '.prototxt', language: 'prototxt' },
    load: async () => (await import('./caffe/index.js')).caffe,
  },
  pytorch: {
    title: 'PyTorch',
    writes: { extension: '.py', language: 'python', with: ['training'] },
    load: async () => (await import('./code/pytorch/index.js')).pytorch,
  },
  keras: {
    title: 'Keras',
    reads: /\.(keras|h5|hdf5|json)$/i,
    writes: { extension: '.py', language: 'python' },
    load: async () => (await import('./keras/index.js')).keras,
  },
  tfjs: {
    title: 'TensorFlow.js',
    writes: { extension: '.json', language: 'json' },
    load: async () => (await import('./keras/tfjs.js')).tfjs,
  },
  torch7: {
    title: 'Torch7',
    writes: { extension: '.lua', language: 'lua' },
    load: async () => (await import('./code/torch7.js')).torch7,
  },
  lasagne: {
    title: 'Lasagne',
    writes: { extension: '.py', language: 'python' },
    load: async () => (await import('./code/lasagne.js')).lasagne,
  },
};

/** The format that reads a file of this name. */
export const formatOf = (fileName: string): FormatEntry | undefined =>
  Object.values(formats).find(({ reads }) => reads?.test(fileName));
