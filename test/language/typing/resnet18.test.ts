import { expect, it } from 'vitest';
import { check } from '../check.js';
import { connect } from '../server/client.js';
import { Editor, keysOf } from './editor.js';
import { MOST_PERCENT, resnet18 } from './resnet18.js';
import { write } from './typist.js';

it('is ResNet-18', async () => {
  const { networks, findings } = await check(resnet18);
  expect(findings).toEqual([]);
  // What torchvision publishes.
  expect(networks[0]?.checked.totals.params).toBe(11_689_512);
});

it('ResNet-18 takes at most 60 keys for each 100 characters, from an empty file', { timeout: 300_000 }, async () => {
  const editor = await Editor.open(await connect(), 'resnet18.convnet');
  await write(editor, resnet18);
  expect(editor.text).toBe(resnet18);
  const keys = keysOf(editor.strokes);
  const percent = (100 * keys) / resnet18.length;
  console.log(`${keys} keys for ${resnet18.length} characters: ${percent.toFixed(0)} %`);
  expect(percent).toBeLessThanOrEqual(MOST_PERCENT);
});
