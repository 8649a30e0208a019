import type { Peers } from './contenders.js';
import { type Race, type Result, race } from './race.js';

/** A Web Worker in a page that is served the peers' files under /peers/. */

declare const self: {
  importScripts(...urls: string[]): void;
  postMessage(message: readonly Result[]): void;
  onmessage: ((event: MessageEvent<Race>) => void) | null;
  readonly location: Location;
  // biome-ignore lint/suspicious/noExplicitAny: what the peers' scripts define
  readonly [global: string]: any;
};

const at = (path: string) => new URL(`/peers/${path}`, self.location.href).href;

const peers: Peers = {
  async tensorflow() {
    self.importScripts(
      at('@tensorflow/tfjs/dist/tf.min.js'),
      at('@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js'),
    );
    self.tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    self.tf.wasm.setWasmPaths(at('@tensorflow/tfjs-backend-wasm/dist/'));
    return self.tf;
  },
  async onnxWeb() {
    const ort = await import(at('onnxruntime-web/dist/ort.wasm.min.mjs'));
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = at('onnxruntime-web/dist/');
    return ort;
  },
  onnxNode: null,
  async convnetjs() {
    // It hangs itself on the window.
    Object.assign(self, { window: self });
    self.importScripts(at('convnetjs/build/convnet.js'));
    return self.convnetjs;
  },
};

self.onmessage = async ({ data }) => self.postMessage(await race(data, peers));
