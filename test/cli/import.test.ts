import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { net } from '../../src/formats/caffe/schema.js';
import { writeNpz } from '../../src/formats/npz.js';
import { encode } from '../../src/formats/protobuf/wire.js';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.js';
import { convnet, folderWith } from './driver.js';

const deploy = `name: "Small"
input: "data" input_dim: 1 input_dim: 1 input_dim: 4 input_dim: 4
layer { name: "stem" type: "Convolution" bottom: "data" top: "stem" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "stem_relu" type: "ReLU" bottom: "stem" top: "stem" }
layer { name: "perm" type: "Permute" bottom: "stem" top: "perm" permute_param { order: 0 order: 2 } }
layer { name: "score" type: "InnerProduct" bottom: "perm" top: "score" inner_product_param { num_output: 3 bias_term: false } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" include { phase: TRAIN } }
layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
`;

const exact = deploy.replace(/layer \{ name: "perm".*\n/, '').replace('bottom: "perm"', 'bottom: "stem"');

describe('convnet import', () => {
  it('prints the network and says what is left out', async () => {
    const cwd = folderWith({ 'deploy.prototxt': deploy });
    const { status, out, err } = await convnet(['import', 'deploy.prototxt'], { cwd });
    expect(out).toBe(`// Imported from deploy.prototxt

network Small like caffe {
  input 4x4x1
  stem: conv 2 3x3; relu
  // not translated: perm (Permute) { permute_param { order: 0 order: 2 } }: there is no such layer in the language
  score: fc 3 bias false
  softmax
}
`);
    expect(err).toBe('left out  perm (Permute): there is no such layer in the language\n4 of 5 layers exact\n');
    expect(status).toBe(1);
  });

  it('takes weights by the names of the layers, from safetensors and npz', async () => {
    const noise = (count: number) => Float32Array.from({ length: count }, (_, i) => i / 7);
    const tensors = new Map([
      ['stem.weight', { shape: [2, 1, 3, 3], values: noise(18) }],
      ['stem.bias', { shape: [2], values: noise(2) }],
      ['score.weight', { shape: [3, 8], values: noise(24) }],
    ]);
    const slashed = new Map([...tensors].map(([name, tensor]) => [name.replace('.', '/'), tensor]));
    const files = { 'w.safetensors': writeSafetensors(tensors), 'w.npz': writeNpz(slashed) };
    for (const [name, bytes] of Object.entries(files)) {
      const cwd = folderWith({ 'deploy.prototxt': exact, [name]: bytes });
      const { status } = await convnet(['import', 'deploy.prototxt', '--weights', name, '-o', 'net.convnet'], { cwd });
      expect(status).toBe(0);
      expect(readSafetensors(readFileSync(join(cwd, 'net.safetensors')))).toEqual(tensors);
    }
    const short = new Map([['stem.weight', { shape: [2], values: noise(2) }]]);
    const cwd = folderWith({ 'deploy.prototxt': exact, 'w.npz': writeNpz(short) });
    const { status, err } = await convnet(['import', 'deploy.prototxt', '--weights', 'w.npz'], { cwd });
    expect(err).toContain(
      'stem.weight is [2] and must be [2, 1, 3, 3]; stem.bias is not in it; score.weight is not in it',
    );
    expect(status).toBe(2);
  });

  it('writes the text, and the weights beside it', async () => {
    const weight = { data: Float32Array.from({ length: 18 }, (_, i) => i), shape: { dim: [2, 1, 3, 3] } };
    const model = encode({ layer: [{ name: 'stem', type: 'Convolution', blobs: [weight] }] }, net);
    const cwd = folderWith({ 'deploy.prototxt': exact, 'net.caffemodel': model });
    const args = ['import', 'deploy.prototxt', '--weights', 'net.caffemodel', '-o', 'small.convnet'];
    const { status, out } = await convnet(args, { cwd });
    expect(out).toBe('small.convnet and small.safetensors written\n');
    expect(status).toBe(0);
    expect(readFileSync(join(cwd, 'small.convnet'), 'utf8')).toContain('weights "small.safetensors"');
    const tensors = readSafetensors(readFileSync(join(cwd, 'small.safetensors')));
    expect([...tensors.keys()]).toEqual(['stem.weight']);
    expect([...(tensors.get('stem.weight')?.values ?? [])].slice(0, 3)).toEqual([0, 1, 2]);
  });

  it.each([
    [
      'letter.txt',
      'Dear',
      'letter.txt cannot be imported: it is of no format that can be read; there are ONNX, Caffe, Keras',
    ],
    ['broken.prototxt', 'layer {', 'broken.prototxt:1:8: the file ends in the middle of a message'],
    ['empty.prototxt', '', 'empty.prototxt: it has no input'],
    ['cut.caffemodel', '\x0a\x7f', 'cut.caffemodel: name says it has 127 bytes, but there are 0 left'],
  ])('refuses %s', async (name, content, message) => {
    const { status, err } = await convnet(['import', name], { cwd: folderWith({ [name]: content }) });
    expect(err).toContain(message);
    expect(status).toBe(2);
  });
});

it('convnet summary counts foreign files', async () => {
  const { out } = await convnet(['summary', 'deploy.prototxt', '--format', 'json'], {
    cwd: folderWith({ 'deploy.prototxt': exact }),
  });
  expect(JSON.parse(out).networks[0]).toMatchObject({ name: 'Small', params: 20 + 24, macs: 72 + 24 });
});
