import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toNCHW } from '../../../src/engine/tensor.js';
import { ImportError, type NamedBytes } from '../../../src/formats/format.js';
import { companionsOfKeras } from '../../../src/formats/keras/open.js';
import { readKeras } from '../../../src/formats/keras/read.js';
import { tfjs } from '../../../src/formats/keras/tfjs.js';
import { readNpz } from '../../../src/formats/npz.js';
import { permute } from '../../../src/formats/permute.js';
import { writeZip } from '../../../src/formats/zip.js';
import { relativeError } from '../../engine/build.js';
import { exampleNetworks, runOurs, testInput, testWeights } from '../networks.js';
import { runImported } from '../oracles.js';

/** Made by make.py beside them, with Keras itself: what it computed is in tiny.io.npz. */
const fixture = (name: string): NamedBytes => ({
  name,
  bytes: readFileSync(new URL(`../../fixtures/keras/${name}`, import.meta.url)),
});

const json = (value: unknown, name = 'model.json'): NamedBytes => ({
  name,
  bytes: new TextEncoder().encode(JSON.stringify(value)),
});

describe('a model that Keras saved computes what it computed there', () => {
  test.each([
    ['.keras', ['tiny.keras']],
    ['.h5', ['tiny.h5']],
    ['JSON with its weights', ['tiny.json', 'tiny.weights.h5']],
  ])('%s', async (_, names) => {
    const imported = await readKeras(names.map(fixture));
    expect(imported.report.filter(({ fidelity }) => fidelity !== 'exact')).toEqual([]);
    const io = await readNpz(fixture('tiny.io.npz').bytes);
    const picture = permute(io.get('x')?.values ?? new Float32Array(), [12, 12, 3], [2, 0, 1]);
    const found = toNCHW(await runImported(imported, picture));
    expect(relativeError(found, io.get('y')?.values ?? [])).toBeLessThan(1e-5);
  });

  test('a Sequential one reads from its first layer to its last', async () => {
    const { network, weights } = await readKeras([fixture('seq.h5')]);
    expect(network.layers.map(({ kind, inputs }) => [kind, ...inputs])).toEqual([
      ['input'],
      ['conv', 0],
      ['leakyrelu', 1],
      ['globalavgpool', 2],
      ['fc', 3],
    ]);
    expect([...weights.keys()]).toEqual(['c.weight', 'c.bias', 'd.weight', 'd.bias']);
  });
});

describe("TensorFlow.js's models of the examples read back and compute the same", async () => {
  const examples = (await exampleNetworks()).filter(({ title }) => /^(lenet|digits|shapes|squeeze|mobile)/.test(title));
  test.each(examples)('$title', { timeout: 60_000 }, async ({ checked }) => {
    const weights = testWeights(checked);
    const written = (await tfjs.write?.({ checked, weights, fileName: 'model' }, {}))?.files ?? [];
    const files = written.map(({ name, content }) => ({
      name,
      bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    }));
    expect(companionsOfKeras(files[0] as NamedBytes)).toEqual(['model.bin']);
    const imported = await readKeras(files);
    const picture = testInput(checked);
    const ours = (await runOurs(checked, picture, weights)).at(-1)?.activation;
    if (!ours) throw new Error('our engine did not run');
    expect(relativeError(toNCHW(await runImported(imported, toNCHW(picture))), toNCHW(ours))).toBeLessThan(1e-4);
  });
});

const input = { class_name: 'InputLayer', name: 'i', config: { batch_shape: [null, 8, 8, 3] }, inbound_nodes: [] };
const node = (class_name: string, name: string, from: readonly string[], config: object = {}) => ({
  class_name,
  name,
  config,
  inbound_nodes: [from.map((source) => [source, 0, 0, {}])],
});
const functional = (...layers: readonly object[]) =>
  json({ class_name: 'Functional', config: { name: 'net', layers } });

test('what the language has no words for is left out, and told', async () => {
  const { report } = await readKeras([
    functional(
      input,
      node('Conv2D', 'c', ['i'], { filters: 2, kernel_size: 3 }),
      node('Lambda', 'l', ['c']),
      node('ReLU', 'r', ['l']),
    ),
  ]);
  expect(report).toMatchObject([
    { fidelity: 'exact' },
    { fidelity: 'exact' },
    {
      name: 'l',
      kind: 'Lambda',
      fidelity: 'unsupported',
      why: 'there is no such layer in the language',
      matters: true,
    },
    { fidelity: 'exact' },
  ]);
});

test.each([
  [
    'a circle',
    functional(input, node('Add', 'a', ['i', 'b']), node('ReLU', 'b', ['a'])),
    'the layers a, b read one another',
  ],
  ['a layer that is not there', functional(input, node('ReLU', 'a', ['x'])), 'layer a reads x, which is not there'],
  [
    'a size that is not fixed',
    functional({ ...input, config: { batch_shape: [null, null, null, 3] } }),
    'layer i: its pictures are of no fixed size, or none: [null, null, 3]',
  ],
  ['code', json({ class_name: 'MyModel', config: {} }), 'a MyModel is code; read are Sequential and Functional models'],
  ['no model', json({ a: 1 }), 'it is no Keras model: it has no class_name'],
  ['no JSON', { name: 'model.json', bytes: new TextEncoder().encode('{') }, 'model.json: it is no JSON'],
  ['no HDF5', { name: 'model.h5', bytes: new Uint8Array(200) }, 'model.h5: this is no HDF5 file, or it is damaged'],
  ['no zip', { name: 'model.keras', bytes: new Uint8Array(200) }, 'model.keras: it is cut short, or no zip'],
  ['weights alone', fixture('tiny.weights.h5'), 'it holds weights, but no model'],
  [
    'a zip of something else',
    { name: 'm.keras', bytes: writeZip([{ name: 'a', bytes: new Uint8Array(1) }]) },
    'it has no config.json',
  ],
  [
    'weights in another folder',
    json({
      modelTopology: { class_name: 'Sequential', config: { layers: [] } },
      weightsManifest: [{ paths: ['../x.bin'] }],
    }),
    'only files beside the model are read',
  ],
])('%s is refused', async (_, file, message) => {
  const reading = async () => {
    companionsOfKeras(file);
    return readKeras([file]);
  };
  await expect(reading()).rejects.toThrow(ImportError);
  await expect(reading()).rejects.toThrow(message);
});

test('damaged files are read or refused with a reason', { timeout: 300_000 }, async () => {
  const runs = Number(process.env.CONVNET_FUZZ_RUNS ?? 200);
  let refused = 0;
  for (let seed = 0; seed < runs; seed++) {
    const { name, bytes } = fixture(['tiny.keras', 'tiny.h5', 'tiny.json', 'seq.h5'][seed % 4] as string);
    const damaged = Uint8Array.from(bytes);
    for (let change = 0; change < 1 + (seed % 5); change++)
      damaged[(seed * 7919 + change * 104_729) % damaged.length] = (seed * 31 + change * 17) % 256;
    const cut = seed % 3 === 0 ? damaged.slice(0, (seed * 6151) % damaged.length) : damaged;
    try {
      await readKeras([{ name, bytes: cut }]);
    } catch (error) {
      if (!(error instanceof ImportError)) throw new Error(`${name}, seed ${seed}`, { cause: error });
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(runs / 10);
});
