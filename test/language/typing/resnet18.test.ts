import { expect, it } from 'vitest';
import { check } from '../check.js';
import { connect } from '../server/client.js';
import { Editor } from './editor.js';
import { write } from './typist.js';

/** Torchvision's ResNet-18, in one file. */
const resnet18 = `block BasicBlock(filters, stride = 1) {
  add {
    branch {
      conv filters 3x3 stride stride pad 1 bias false; batchnorm; relu
      conv filters 3x3 pad 1 bias false; batchnorm
    }
    branch {
      if stride != 1 { conv filters 1x1 stride stride bias false; batchnorm }
    }
  }
  relu
}

network ResNet18 like pytorch {
  input 224x224x3
  conv 64 7x7 stride 2 pad 3 bias false; batchnorm; relu
  maxpool 3x3 stride 2 pad 1
  BasicBlock(64); BasicBlock(64)
  BasicBlock(128, stride = 2); BasicBlock(128)
  BasicBlock(256, stride = 2); BasicBlock(256)
  BasicBlock(512, stride = 2); BasicBlock(512)
  globalavgpool
  fc 1000
  softmax
}`;

/** What somebody may press for each hundred characters. */
const MOST_PERCENT = 60;

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
  const percent = (100 * editor.pressed.length) / resnet18.length;
  console.log(`${editor.pressed.length} keys for ${resnet18.length} characters: ${percent.toFixed(0)} %`);
  expect(percent).toBeLessThanOrEqual(MOST_PERCENT);
});
