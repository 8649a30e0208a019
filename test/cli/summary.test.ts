import { describe, expect, it } from 'vitest';
import { convnet } from './driver.js';

const summarise = async (file: string) =>
  JSON.parse((await convnet(['summary', file, '--format', 'json'])).out).networks;

describe('convnet summary', () => {
  it.each([
    ['lenet', 62_006, 651_720],
    ['alexnet', 60_965_224, 724_406_816],
    ['vgg16', 138_357_544, 15_470_264_320],
  ])('counts what is published of %s', async (name, params, macs) => {
    expect(await summarise(`examples/${name}.convnet`)).toMatchObject([{ params, macs, buffers: 0 }]);
  });

  it.each(['lenet', 'alexnet', 'vgg16', 'cs-convolution-arithmetic'])('prints %s as a table', async (name) => {
    const { status, out } = await convnet(['summary', `examples/${name}.convnet`]);
    expect(status).toBe(0);
    await expect(out).toMatchFileSnapshot(`baselines/summary/${name}.txt`);
  });

  it('prints Markdown', async () => {
    const { out } = await convnet(['summary', 'examples/lenet.convnet', '--format', 'markdown']);
    await expect(out).toMatchFileSnapshot('baselines/summary/lenet.markdown.txt');
  });

  it('prints the contract as JSON, the input first', async () => {
    const [{ layers }] = await summarise('examples/lenet.convnet');
    expect(layers.slice(0, 2)).toEqual([
      {
        name: 'input1',
        kind: 'input',
        file: 'examples/lenet.convnet',
        line: 4,
        input: [32, 32, 3],
        output: [32, 32, 3],
        params: 0,
        macs: 0,
        receptiveField: { height: 1, width: 1, strideY: 1, strideX: 1, startY: 0, startX: 0 },
      },
      {
        name: 'conv1',
        kind: 'conv',
        file: 'examples/lenet.convnet',
        line: 5,
        input: [32, 32, 3],
        output: [28, 28, 6],
        params: 456,
        macs: 352_800,
        receptiveField: { height: 5, width: 5, strideY: 1, strideX: 1, startY: 0, startX: 0 },
      },
    ]);
  });

  it('lists every input of a layer that merges', async () => {
    const input = 'network N {\n  input 8x8x4\n  concat {\n    branch { conv 2 1x1 }\n    branch { }\n  }\n}\n';
    const { out } = await convnet(['summary', '-', '--format', 'json'], { input });
    const { kind, input: inputs, output } = JSON.parse(out).networks[0].layers[2];
    expect({ kind, inputs, output }).toEqual({
      kind: 'concat',
      inputs: [
        [8, 8, 2],
        [8, 8, 4],
      ],
      output: [8, 8, 6],
    });
  });

  it('prints what is known of a network with errors, and the errors', async () => {
    const args = ['summary', '-', '--format', 'json'];
    const input = 'network N {\n  input 32x32x3\n  conv 6 5x5\n  maxpol 2x2\n  fc 10\n}\n';
    const { status, out, err } = await convnet(args, { input });
    const [{ params, layers }] = JSON.parse(out).networks;
    expect(params).toBeNull();
    expect(layers[1]).toMatchObject({ name: 'conv1', params: 456, output: [28, 28, 6] });
    expect(layers[2]).toMatchObject({ name: 'fc1', params: null, input: null, output: null, receptiveField: null });
    expect(err).toContain('<stdin>:4:3: error unknown-layer');
    expect(status).toBe(1);
    await expect((await convnet(['summary', '-'], { input })).out).toMatchFileSnapshot('baselines/summary/broken.txt');
  });

  it('says that there is no network', async () => {
    const { status, err } = await convnet(['summary', '-'], { input: '// nothing yet\n' });
    expect(err).toContain('<stdin> has no network');
    expect(status).toBe(2);
  });
});
