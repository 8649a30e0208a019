import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toNCHW } from '../../src/engine/tensor.js';
import { readCaffe } from '../../src/formats/caffe/read.js';
import { net as caffeNet } from '../../src/formats/caffe/schema.js';
import type { Imported } from '../../src/formats/format.js';
import { readOnnx } from '../../src/formats/onnx/read.js';
import { encode, type Plain } from '../../src/formats/protobuf/wire.js';
import { checkNetwork } from '../../src/network/check.js';
import { relativeError } from '../engine/build.js';
import { testInput, testWeights } from './networks.js';
import { describeOracles, hasOracles, namedOracle, readOracleJson, runImported } from './oracles.js';
import { whyNot } from './python-process.js';
import { runtime } from './runtimes.js';

/**
 * Real networks whose weights are not there, with seeded ones: the files themselves in OpenCV and onnxruntime, beside what is
 * imported of them in our engine. The small ones are run every time; CONVNET_MEASURE=2e9 runs all up to so many MACs that were not
 * measured yet, and writes down how far apart they were, for docs/interop.md.
 */

/** How many MACs a network may have that is measured; undefined where none is. */
const mostMacs = process.env.CONVNET_MEASURE === undefined ? undefined : Number(process.env.CONVNET_MEASURE);
const record = new URL('errors.json', import.meta.url);
/** By file: the largest difference, of the largest number that came out; or why it was not run. */
const recorded: Record<string, number | string> = JSON.parse(readFileSync(record, 'utf8'));

/** Keeps what was measured, at once: what comes after may take long. */
function keep(name: string, result: number | string): void {
  if (mostMacs === undefined) return;
  recorded[name] = result;
  writeFileSync(record, `${JSON.stringify(recorded, null, 2)}\n`);
}

const SMALL_MACS = 150e6;
const SMALL_PARAMS = 10e6;
const folder = mkdtempSync(join(tmpdir(), 'convnet-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const python = '/usr/bin/python3';
const at = (name: string): string => join(folder, name);
const floats = (name: string): Float32Array => {
  const bytes = readFileSync(at(name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
};

/** Of gates a hundred layers deep seeded weights make chaos: our engine with Winograd's method and without differs by a tenth. */
const CHAOTIC = 'chaotic';

/** Whether a network is run now. */
function isRun(name: string, { network, report }: Imported): boolean {
  const { totals } = checkNetwork(network);
  const [macs, params] = [totals.macs ?? 0, totals.params ?? 0];
  if (report.some(({ matters }) => matters)) {
    keep(name, 'not run: a part is refused');
    return false;
  }
  if (mostMacs === undefined) return macs <= SMALL_MACS && params <= SMALL_PARAMS;
  if (typeof recorded[name] === 'number' || recorded[name] === CHAOTIC) return false;
  if (macs > mostMacs) keep(name, `not run: ${(macs / 1e9).toFixed(1)} billion MACs`);
  return macs <= mostMacs;
}

async function compare(name: string, imported: Imported, theirs: ArrayLike<number>, picture: ArrayLike<number>) {
  const error = relativeError(toNCHW(await runImported(imported, picture)), theirs);
  keep(name, Number(error.toExponential(0)));
  expect(error).toBeLessThan(1e-4);
}

/** A caffemodel for a prototxt: of each layer that learns, the blobs that Caffe keeps, from what was made of it. */
function caffemodelOf({ network, report }: Imported): Uint8Array {
  const checked = checkNetwork(network);
  const weights = testWeights(checked);
  const layer = report.flatMap(({ name, kind, why = '', layers }): Plain[] => {
    const blob = (index: number, weight: string): Plain => {
      const tensor = weights.get(`${network.layers[index]?.name}.${weight}`);
      return { data: tensor?.values, shape: { dim: tensor?.shape } };
    };
    const of = (kinds: readonly string[], names: readonly string[]) => {
      const index = layers.find((index) => kinds.includes(network.layers[index]?.kind ?? ''));
      if (index === undefined) return [];
      const own = names.filter((weight) => checked.facts[index]?.weights.some((spec) => spec.name === weight));
      return [{ name, type: kind, blobs: own.map((weight) => blob(index, weight)) }];
    };
    const one: Plain = { data: Float32Array.of(1), shape: { dim: [1] } };
    if (kind === 'BatchNorm')
      return of(['batchnorm'], ['running_mean', 'running_var']).map((layer) => ({
        ...layer,
        blobs: [...layer.blobs, one],
      }));
    if (kind === 'Scale') return of(['batchnorm'], why.includes('scale only') ? ['weight'] : ['weight', 'bias']);
    return of(['conv', 'depthwise', 'convtranspose', 'fc', 'prelu'], ['weight', 'bias']);
  });
  return encode({ layer }, caffeNet);
}

/** Probabilities are all 0 and 1: what is compared is what they are made of. */
function withoutSoftmax({ network, ...rest }: Imported): Imported {
  if (network.layers.at(-1)?.kind !== 'softmax') return { network, ...rest };
  const layers = network.layers.slice(0, -1);
  const structure = { ...network.structure, children: layers.map((_, index) => index) };
  return { ...rest, network: { ...network, layers, structure } };
}

const inOpenCv = `
import cv2, numpy as np, sys
prototxt, model, data, out, layer, *shape = sys.argv[1:]
net = cv2.dnn.readNetFromCaffe(prototxt, model)
net.setInput(np.fromfile(data, np.float32).reshape([int(n) for n in shape]))
net.forward(layer).astype(np.float32).tofile(out)
`;

describeOracles('prototxts with seeded weights compute in OpenCV what is imported of them', () => {
  const why = whyNot(python, 'cv2');
  if (why) console.warn(`skipped: ${why}`);
  const { files }: { files: readonly { readonly file: string }[] } = readOracleJson('prototxt/index.json');
  describe.skipIf(why !== null).each(files)('$file', ({ file }) => {
    const prototxt = namedOracle(`prototxt/${file}`);
    const bare = readCaffe([prototxt]);
    test.runIf(isRun(file, bare))('as OpenCV does', { timeout: 600_000 }, async () => {
      const model = { name: 'net.caffemodel', bytes: caffemodelOf(bare) };
      const imported = readCaffe([prototxt, model]);
      const picture = testInput(checkNetwork(imported.network));
      // OpenCV multiplies the third bottom of Axpy; SENet's own layer the second.
      const text = new TextDecoder().decode(prototxt.bytes);
      const bottom = '\\s*bottom: "[^"]*"';
      const axpy = new RegExp(`(type: "Axpy"${bottom})(${bottom})(${bottom})`, 'g');
      writeFileSync(at('net.prototxt'), text.replace(axpy, '$1$3$2'));
      writeFileSync(at(model.name), model.bytes);
      writeFileSync(at('in'), Float32Array.from(toNCHW(picture)));
      const last = imported.report.findLast(({ kind }) => !kind.toLowerCase().startsWith('softmax'));
      const shape = [1, picture.channels, picture.height, picture.width].map(String);
      const paths = ['net.prototxt', model.name, 'in', 'out'].map(at);
      try {
        execFileSync(python, ['-c', inOpenCv, ...paths, last?.name ?? '', ...shape], { stdio: 'pipe' });
      } catch (error) {
        const said = String((error as { stderr?: unknown }).stderr);
        // What its importer lacks; anything else is an error of this test.
        const lacks =
          /(?:type|layer)[^\n]*?["“]?(Axpy|Scale|Normalize|PriorBox|Permute|DetectionOutput|MemoryData)\b/.exec(said);
        if (!lacks) throw new Error(said.slice(-1500));
        const reason = `not run: OpenCV has no ${lacks[1]}`;
        keep(file, reason);
        expect(recorded[file]).toBe(reason);
        return;
      }
      await compare(file, withoutSoftmax(imported), floats('out'), toNCHW(picture));
    });
  });
});

const filling = `
import gzip, numpy as np, onnx, sys
data, out = sys.argv[1:]
model = onnx.load_model_from_string(gzip.open(data).read())
random = np.random.default_rng(1)
for tensor in model.graph.initializer:
    if not tensor.external_data: continue
    dims = list(tensor.dims)
    values = random.standard_normal(dims, dtype=np.float32)
    if len(dims) >= 2 and "layer_scale" not in tensor.name:
        inputs = dims[0] if "MatMul" in tensor.name else int(np.prod(dims[1:]))
        values *= np.sqrt(2 / inputs)
    elif tensor.name.endswith((".weight", "running_var")):
        values = 1 + 0.1 * np.clip(values, -3, 3)
    else:
        values *= 0.1
    del tensor.external_data[:]
    tensor.ClearField("data_location")
    tensor.raw_data = values.astype("<f4").tobytes()
onnx.save(model, out)
`;

const ort = hasOracles ? await runtime('onnxruntime-web', '1.30.0', 'dist/ort.node.min.mjs') : undefined;

describeOracles("torchvision's models with seeded weights compute in onnxruntime what is imported of them", () => {
  const why = ort ? whyNot(python, 'onnx') : 'onnxruntime cannot be fetched';
  if (why) console.warn(`skipped: ${why}`);
  const index: readonly { readonly onnx: readonly { readonly file: string }[] }[] =
    readOracleJson('torchvision/index.json');
  const files = index.flatMap(({ onnx }) => onnx);
  describe.skipIf(why !== null).each(files)('$file', ({ file }) => {
    test.runIf(isRun(file, readOnnx([namedOracle(`torchvision/${file}`)])))(
      'as onnxruntime does',
      { timeout: 600_000 },
      async () => {
        const path = new URL(`../../../shared/oracles/torchvision/${file}`, import.meta.url).pathname;
        execFileSync(python, ['-c', filling, path, at('net.onnx')]);
        const bytes = readFileSync(at('net.onnx'));
        const imported = readOnnx([{ name: 'net.onnx', bytes }]);
        const picture = testInput(checkNetwork(imported.network));
        const { channels, height, width } = picture;
        const input = new ort.Tensor('float32', Float32Array.from(toNCHW(picture)), [1, channels, height, width]);
        ort.env.wasm.numThreads = 1;
        const session = await ort.InferenceSession.create(bytes);
        const results = await session.run({ [session.inputNames[0]]: input });
        await compare(file, imported, results[session.outputNames[0]].data, toNCHW(picture));
        await session.release();
      },
    );
  });
});

describeOracles('docs/interop.md', () => {
  test.skipIf(mostMacs !== undefined)('tells of every network how far it was from what another tool computed', () => {
    const { files } = readOracleJson('prototxt/index.json');
    const index: readonly { readonly onnx: readonly { readonly file: string }[] }[] =
      readOracleJson('torchvision/index.json');
    const names = [
      ...files.map(({ file }: { file: string }) => file),
      ...index.flatMap(({ onnx }) => onnx.map(({ file }) => file)),
    ];
    expect(Object.keys(recorded).sort()).toEqual(names.sort());
    for (const [name, error] of Object.entries(recorded))
      if (typeof error === 'number') expect([name, error < 1e-4]).toEqual([name, true]);
  });
});
