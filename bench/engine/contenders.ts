import { createPredictor } from '../../src/engine/index.js';
import type { Contest, Ready } from './contest.js';
import { type ConvNetJS, prepareConvNetJS } from './peers/convnetjs.js';
import { type OnnxRuntime, prepareOnnx } from './peers/onnxruntime.js';
import { prepareTfjs, type TensorFlow } from './peers/tfjs.js';

/** The peers' modules, loaded on first use in whatever way the host loads modules. */
export interface Peers {
  /** TensorFlow.js with the wasm backend registered, on one thread. */
  readonly tensorflow: () => Promise<TensorFlow>;
  readonly onnxWeb: () => Promise<OnnxRuntime>;
  /** Native; null in browsers. */
  readonly onnxNode: (() => Promise<OnnxRuntime>) | null;
  readonly convnetjs: () => Promise<ConvNetJS>;
}

export const OURS = 'ours';
export const TFJS_WASM = 'tfjs wasm';
export const ONNX_WEB = 'onnxruntime-web';
export const ONNX_NODE = 'onnxruntime-node';

/** The peer in plain JavaScript takes seconds for what is larger than this many multiply–accumulates. */
const LARGEST_IN_JAVASCRIPT = 1e9;

/** Who takes part, and how each makes itself ready. */
export function contenders(peers: Peers, macs: number): Map<string, (contest: Contest) => Promise<Ready>> {
  const all = new Map<string, (contest: Contest) => Promise<Ready>>([
    [OURS, prepareOurs],
    [TFJS_WASM, async (contest) => prepareTfjs(await peers.tensorflow(), 'wasm', contest)],
    [ONNX_WEB, async (contest) => prepareOnnx(await peers.onnxWeb(), contest, { executionProviders: ['wasm'] })],
  ]);
  const { onnxNode } = peers;
  if (onnxNode) all.set(ONNX_NODE, async (contest) => prepareOnnx(await onnxNode(), contest, {}));
  if (macs <= LARGEST_IN_JAVASCRIPT)
    all.set('tfjs cpu', async (contest) => prepareTfjs(await peers.tensorflow(), 'cpu', contest));
  if (macs <= LARGEST_IN_JAVASCRIPT / 100)
    all.set('convnetjs', async (contest) => prepareConvNetJS(await peers.convnetjs(), contest));
  return all;
}

async function prepareOurs({ network, facts, weights, input }: Contest): Promise<Ready> {
  const predictor = createPredictor({ network, facts }, { weights });
  return {
    run: async () => (await predictor.predict(input)).data,
    dispose: predictor.dispose,
  };
}
