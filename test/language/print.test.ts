import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printNetwork } from '../../src/language/print/index.js';
import { checkNetwork } from '../../src/network/check.js';
import type { Network } from '../../src/network/network.js';
import { build, type Line } from '../network/build.js';
import { check } from './check.js';
import { samples } from './corpus.js';

/** What makes two networks the same, but for the names of layers. */
const essence = ({ framework, layers, weightsFile, labelsFile }: Network) => ({
  framework,
  weightsFile,
  labelsFile,
  layers: layers.map(({ kind, inputs, attributes }) => ({ kind, inputs, attributes })),
});

/** Prints a network, reads what was printed, and expects the same network and no error that it had not. */
async function roundTrip(network: Network): Promise<string> {
  const text = printNetwork(network);
  const { networks, findings } = await check(text);
  const wrong = findings.filter(({ code }) =>
    ['syntax', 'unknown-name', 'unknown-layer', 'unknown-attribute', 'duplicate-name'].includes(code),
  );
  expect(wrong.map(({ message }) => `${message}\n${text}`)).toEqual([]);
  expect(essence(networks[0]?.network as Network)).toEqual(essence(network));
  return text;
}

describe('what is printed reads as the same network', () => {
  test.each(samples)('$name', async ({ text, uri }) => {
    const { networks } = await check(text, uri);
    for (const { network } of networks) if (checkNetwork(network).totals.params !== null) await roundTrip(network);
  });

  const pick = fc.nat(1000);
  test('random networks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(pick, pick, pick), { minLength: 1, maxLength: 40 }), async (choices) => {
        const names = ['input'];
        const lines = choices.map(([kind, first, second], i): Line => {
          const name = `n${i}`;
          const above = [...names];
          const at = (choice: number) => above[Math.max(0, above.length - 1 - (choice % 6))] as string;
          names.push(name);
          // Mostly the layer above, as in real networks.
          const from = [first % 3 === 0 ? at(second) : at(0)];
          const repeating: Line[] = [
            ['conv', { filters: 8 * (1 + (second % 2)), kernel: 3, stride: 1 + (first % 2), pad: 1 }, { name, from }],
            ['relu', {}, { name, from }],
            ['batchnorm', {}, { name, from }],
            ['maxpool', { kernel: 2, fit: 'ceil', pad: second % 2 }, { name, from }],
            ['dropout', { rate: 0.1 * (second % 4) }, { name, from }],
            ['crop', { amount: { mode: 'explicit', top: 0, right: second % 3, bottom: 1, left: 0 } }, { name, from }],
            ['slice', { start: second % 3, count: 1 }, { name, from }],
            ['lrn', { size: 3, region: second % 2 ? 'within' : 'across' }, { name, from }],
          ];
          const merge: Line = [first % 2 ? 'add' : 'concat', {}, { name, from: [at(first), at(second)] }];
          return kind % 3 === 0 ? merge : (repeating[kind % repeating.length] as Line);
        });
        await roundTrip(build(lines, { like: 'pytorch' }));
      }),
      { numRuns: Number(process.env.CONVNET_PRINT_RUNS ?? 150) },
    );
  });
});

test('names that say something stay', async () => {
  const text = await roundTrip(
    build([
      ['conv', { filters: 8, kernel: 3 }, { name: 'stem' }],
      ['relu', {}, { name: 'stem_relu' }],
      ['conv', { filters: 8, kernel: 3, pad: 1 }, { name: 'Conv_3' }],
      ['add', {}, { name: 'sum', from: ['Conv_3', 'stem_relu'] }],
      ['fc', { units: 10 }, { name: 'classifier' }],
    ]),
  );
  expect(text).toBe(`network Net {
  input 32x32x3
  stem: conv 8 3x3; relu
  add {
    branch { conv 8 3x3 pad 1 }
    branch {}
  }
  classifier: fc 10
}
`);
});

test('residual networks become blocks, with a shortcut where the size changes', async () => {
  const source = new URL('../../examples/resnet50.convnet', import.meta.url);
  const { networks } = await check(readFileSync(source, 'utf8'), source.href);
  expect(printNetwork(networks[0]?.network as Network)).toBe(`block Bottleneck(width, stride = 1, project = false) {
  add {
    branch {
      conv width 1x1 bias false; batchnorm; relu
      conv width 3x3 stride stride pad 1 bias false; batchnorm; relu
      conv (4 * width) 1x1 bias false; batchnorm
    }
    branch { if project { conv (4 * width) 1x1 stride stride bias false; batchnorm } }
  }
  relu
}

network ResNet50 like pytorch {
  input 224x224x3 mean (0.485, 0.456, 0.406) std (0.229, 0.224, 0.225)
  conv 64 7x7 stride 2 pad 3 bias false; batchnorm; relu
  maxpool 3x3 stride 2 pad 1
  Bottleneck(64, project = true)
  repeat 2 { Bottleneck(64) }
  Bottleneck(128, stride = 2, project = true)
  repeat 3 { Bottleneck(128) }
  Bottleneck(256, stride = 2, project = true)
  repeat 5 { Bottleneck(256) }
  Bottleneck(512, stride = 2, project = true)
  repeat 2 { Bottleneck(512) }
  globalavgpool
  fc 1000
  softmax
}
`);
});

test('comments stand where they belong', () => {
  const network = build(['relu', 'relu']);
  const comments = new Map([
    [2, ['Softmax2 could not be read']],
    [3, ['and this is the end']],
  ]);
  expect(printNetwork(network, { heading: ['From a file'], comments })).toBe(`// From a file

network Net {
  input 32x32x3
  relu
  // Softmax2 could not be read
  relu
  // and this is the end
}
`);
});
