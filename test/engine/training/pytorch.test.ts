import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtInDatasets } from '../../../src/engine/datasets/index.js';
import { pauseWith } from '../../../src/engine/pause.js';
import { fillBatch, shuffled } from '../../../src/engine/training/batches.js';
import { Learner } from '../../../src/engine/training/learner.js';
import { seededWeights } from '../../../src/engine/weights.js';
import { weightsToTensors } from '../../../src/engine/weights-file.js';
import { readSafetensors, writeSafetensors } from '../../../src/formats/safetensors.js';
import type { LayerAttributes } from '../../../src/network/catalogue.js';
import { check } from '../../network/build.js';

const PYTHON = '/usr/bin/python3';
const STEPS = 100;
const BATCH = 32;

/** The same LeNet in PyTorch: weights and batches out of a safetensors file, the losses before each step into another. */
const PROGRAM = `
import json, struct, sys
import torch
from torch import nn
raw = open(sys.argv[1], 'rb').read()
length = struct.unpack('<Q', raw[:8])[0]
tensors = {}
for name, entry in json.loads(raw[8:8 + length]).items():
    begin, end = entry['data_offsets']
    data = bytearray(raw[8 + length + begin:8 + length + end])
    tensors[name] = torch.frombuffer(data, dtype=torch.float32).reshape(entry['shape'])
torch.set_num_threads(1)
net = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(),
    nn.MaxPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
names = {0: 'conv1', 3: 'conv2', 7: 'fc1', 9: 'fc2', 11: 'fc3'}
with torch.no_grad():
    for i, name in names.items():
        net[i].weight.copy_(tensors[name + '.weight'])
        net[i].bias.copy_(tensors[name + '.bias'])
optimiser = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=5e-4)
loss = nn.CrossEntropyLoss()
for x, y in zip(tensors['pictures'], tensors['classes']):
    optimiser.zero_grad()
    value = loss(net(x), y.long())
    value.backward()
    optimiser.step()
    print(value.item())
`;

const isThere = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
if (!isThere) console.warn('LeNet is not trained beside PyTorch: there is no /usr/bin/python3 with torch');

test.skipIf(!isThere)(
  'a LeNet learns the digits as it does in PyTorch: 100 losses agree to 1e-3',
  async () => {
    const network = check(
      [
        ['conv', { filters: 6, kernel: [5, 5], pad: 2 }],
        'relu',
        ['maxpool', { kernel: [2, 2] }],
        ['conv', { filters: 16, kernel: [5, 5] }],
        'relu',
        ['maxpool', { kernel: [2, 2] }],
        ['fc', { units: 120 }],
        'relu',
        ['fc', { units: 84 }],
        'relu',
        ['fc', { units: 10 }],
      ],
      { input: [28, 28, 1] },
    );
    const weights = network.facts.map(({ weights: specs }, layer) =>
      seededWeights(specs, network.network.layers[layer]?.name ?? '', 1),
    );
    const learner = new Learner(network, {
      loss: 'crossentropy',
      optimiser: { kind: 'sgd', momentum: 0.9, nesterov: false, beta2: 0.999, epsilon: 1e-8 },
      decay: 5e-4,
      batch: BATCH,
      weights: (layer) => weights[layer] ?? {},
    });
    const { train } = builtInDatasets.digits({ height: 28, width: 28, channels: 1 });
    const input = network.network.layers[0]?.attributes as LayerAttributes<'input'>;
    const order = shuffled(train.count, 1, 0);
    const all = { pictures: new Float32Array(STEPS * BATCH * 784), classes: new Int32Array(STEPS * BATCH) };
    await fillBatch(all, train, order.subarray(0, STEPS * BATCH), input, pauseWith(undefined));

    const losses: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const pictures = all.pictures.subarray(step * BATCH * 784, (step + 1) * BATCH * 784);
      const classes = all.classes.subarray(step * BATCH, (step + 1) * BATCH);
      losses.push((await learner.step(pictures, { type: 'classes', classes }, 0.02)).loss);
    }

    const folder = mkdtempSync(join(tmpdir(), 'convnet-torch-'));
    try {
      const tensors = new Map(weightsToTensors(network, (layer) => weights[layer]));
      tensors.set('pictures', { shape: [STEPS, BATCH, 1, 28, 28], values: all.pictures });
      tensors.set('classes', { shape: [STEPS, BATCH], values: Float32Array.from(all.classes) });
      const file = join(folder, 'start.safetensors');
      writeFileSync(file, writeSafetensors(tensors));
      expect(readSafetensors(readFileSync(file)).size).toBe(12);
      const { stdout, stderr } = spawnSync(PYTHON, ['-c', PROGRAM, file], { encoding: 'utf8' });
      const reference = stdout.trim().split('\n').map(Number);
      expect(reference.length, stderr).toBe(STEPS);
      const worst = Math.max(...reference.map((loss, i) => Math.abs(loss - (losses[i] as number))));
      console.info(
        `LeNet and PyTorch: from ${reference[0]?.toFixed(3)} to ${reference.at(-1)?.toFixed(3)}, losses differ by ${worst.toExponential(1)} at most`,
      );
      expect(worst).toBeLessThan(1e-3);
      expect(reference.at(-1)).toBeLessThan((reference[0] as number) / 3);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  120_000,
);
