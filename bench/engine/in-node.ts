import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Peers } from './contenders.js';
import { peersFolder } from './peers/install.js';
import { type Race, race } from './race.js';

/** A process of its own for each race: what one network leaves in memory does not slow the next. */

const require = createRequire(join(peersFolder, 'bench.js'));

const peers: Peers = {
  async tensorflow() {
    // It looks for browsers and says that a native package would be faster.
    console.warn = () => {};
    console.info = () => {};
    const tf = require('@tensorflow/tfjs');
    const wasm = require('@tensorflow/tfjs-backend-wasm');
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    wasm.setWasmPaths(`${join(peersFolder, '@tensorflow/tfjs-backend-wasm/dist')}/`);
    return tf;
  },
  async onnxWeb() {
    const ort = await import(pathToFileURL(join(peersFolder, 'onnxruntime-web/dist/ort.node.min.mjs')).href);
    ort.env.wasm.numThreads = 1;
    return ort;
  },
  onnxNode: async () => require('onnxruntime-node'),
  convnetjs: async () => require('convnetjs/build/convnet.js'),
};

process.once('message', async (message) => {
  process.send?.(await race(message as Race, peers), () => process.exit());
});
