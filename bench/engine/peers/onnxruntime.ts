import { toNCHW } from '../../../src/engine/index.js';
import type { Contest, Ready } from '../contest.js';
import { onnxFile } from './onnx.js';

/** What is used of onnxruntime-web and onnxruntime-node: their interface is the same. */
export interface OnnxRuntime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<Session>;
  };
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, { readonly data: Float32Array }>>>;
  release(): Promise<void>;
}

/** One thread; its graph optimisations as it comes. */
export async function prepareOnnx(ort: OnnxRuntime, contest: Contest, options: object): Promise<Ready> {
  const session = await ort.InferenceSession.create(onnxFile(contest), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    ...options,
  });
  const { height, width, channels } = contest.input;
  const data = toNCHW(contest.input);
  const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]];
  return {
    async run() {
      const results = await session.run({ [input]: new ort.Tensor('float32', data, [1, channels, height, width]) });
      return results[output]?.data ?? new Float32Array(0);
    },
    dispose: () => void session.release(),
  };
}
