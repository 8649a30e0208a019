import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors.js';
import { convnet, folderWith } from './driver.js';

const text = `network Tiny {
  weights "tiny.safetensors"
  input 2x2x1
  score: fc 2
}
`;

/** Two classes that look at one number each: the first sees nothing and has a bias of 3, the second a bias of 5. */
const weights = (shape: readonly number[] = [2, 4]) =>
  writeSafetensors(
    new Map([
      ['score.weight', { shape, values: new Float32Array(shape.reduce((a, b) => a * b, 1)) }],
      ['score.bias', { shape: [2], values: Float32Array.of(3, 5) }],
    ]),
  );

describe('a weights file', () => {
  it('gives the network that names it its weights', async () => {
    const cwd = folderWith({ 'tiny.convnet': text, 'tiny.safetensors': weights() });
    const { out, status } = await convnet(['run', 'tiny.convnet', '--format', 'json'], { cwd });
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      weightsFile: 'tiny.safetensors',
      scores: [
        { index: 1, score: 5 },
        { index: 0, score: 3 },
      ],
    });
    const forPeople = await convnet(['run', 'tiny.convnet'], { cwd });
    expect(forPeople.out).toContain('The 10 weights are those of tiny.safetensors.');
  });

  it('is looked for beside the network', async () => {
    const cwd = folderWith({ 'tiny.convnet': text, 'tiny.safetensors': weights() });
    const { out } = await convnet(['run', `${cwd}/tiny.convnet`, '--format', 'json']);
    expect(JSON.parse(out).scores[0].score).toBe(5);
  });

  it('that is not there yet leaves the weights random, and is told as information', async () => {
    const cwd = folderWith({ 'tiny.convnet': text });
    const { out, status } = await convnet(['run', 'tiny.convnet'], { cwd });
    expect(status).toBe(0);
    expect(out).toContain('The 10 weights are random (seed 1)');
    const checked = await convnet(['check', 'tiny.convnet', '--format', 'json'], { cwd });
    expect(checked.status).toBe(0);
    expect(JSON.parse(checked.out)).toMatchObject([
      { code: 'weights-missing', severity: 'information', line: 2, column: 11 },
    ]);
  });

  it('with other shapes is an error of the line that names it, and stops a run', async () => {
    const cwd = folderWith({ 'tiny.convnet': text, 'tiny.safetensors': weights([2, 9]) });
    const { out, status } = await convnet(['check', 'tiny.convnet', '--format', 'json'], { cwd });
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      {
        code: 'weights-differ',
        line: 2,
        message: 'tiny.safetensors has other weights than this network: score.weight is 2×9 in it and must be 2×4',
      },
    ]);
    const ran = await convnet(['run', 'tiny.convnet'], { cwd });
    expect(ran.status).toBe(1);
    expect(ran.err).toContain('score.weight is 2×9 in it and must be 2×4');
  });

  it.each([
    ['cut short in its header', weights().subarray(0, 30), 'its header is not complete'],
    ['cut short in its numbers', weights().subarray(0, -1), 'score.bias: it ends at byte 40 of the data'],
    ['of another kind', new TextEncoder().encode('PNG, perhaps, or a text'), 'This is no safetensors file'],
    ['of no bytes', new Uint8Array(), 'it has no header'],
  ])('%s is refused', async (_, bytes, reason) => {
    const cwd = folderWith({ 'tiny.convnet': text, 'tiny.safetensors': bytes });
    const { out, status } = await convnet(['check', 'tiny.convnet', '--format', 'json'], { cwd });
    expect(status).toBe(1);
    const [found, ...others] = JSON.parse(out);
    expect(others).toEqual([]);
    expect(found.code).toBe('weights-unreadable');
    expect(found.message).toContain(reason);
  });
});
