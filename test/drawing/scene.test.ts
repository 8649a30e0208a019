import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeFileSystem } from 'langium/node';
import { describe, expect, it } from 'vitest';
import { type Card, drawNetwork, type Scene } from '../../src/drawing/scene.js';
import { boxOf, facesOf } from '../../src/drawing/volume-box.js';
import { createChecker } from '../../src/language/index.js';
import type { CheckedNetwork } from '../../src/network/check.js';
import { root } from '../cli/driver.js';
import { check } from '../network/build.js';

const checker = createChecker(NodeFileSystem.fileSystemProvider());

async function example(name: string): Promise<CheckedNetwork> {
  const file = join(root, 'examples', name);
  const { networks } = await checker.check(`file://${file}`, readFileSync(file, 'utf8'));
  const [first] = networks;
  if (!first) throw new Error(`no network in ${name}`);
  return first.checked;
}

const overlap = (a: Card, b: Card): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** What a reader of the drawing relies on: nothing lies over anything else, and everything flows downwards. */
function expectReadable({ cards, edges, width, height }: Scene, { network }: CheckedNetwork) {
  const byLayer = new Map(cards.map((card) => [card.layer, card]));
  for (const [i, card] of cards.entries()) {
    expect(Math.min(card.x, card.y)).toBeGreaterThanOrEqual(-0.01);
    expect(card.x + card.width).toBeLessThanOrEqual(width + 0.01);
    expect(card.y + card.height).toBeLessThanOrEqual(height + 0.01);
    const other = cards.slice(i + 1).find((each) => overlap(card, each));
    expect(other && `${card.title} lies over ${other.title}`).toBeUndefined();
  }
  for (const { points } of edges) expect(points.at(-1)?.[1]).toBeGreaterThanOrEqual(points[0]?.[1] as number);
  for (const [index, { inputs }] of network.layers.entries())
    for (const source of inputs) {
      const [above, below] = [byLayer.get(source), byLayer.get(index)];
      if (above && below) expect(above.y + above.height).toBeLessThanOrEqual(below.y);
    }
}

describe('the drawing of a network', () => {
  it.each([
    'lenet.convnet',
    'googlenet.convnet',
    'unet.convnet',
    'resnet18.convnet',
    'mobilenet-v2.convnet',
    'densenet121.convnet',
  ])('%s: every layer has its place, below what it reads', async (name) => {
    const checked = await example(name);
    const scene = drawNetwork(checked);
    expect(scene.cards.map(({ layer }) => layer).sort((a, b) => a - b)).toEqual([...checked.network.layers.keys()]);
    expectReadable(scene, checked);
    expectReadable(
      drawNetwork(checked, () => true),
      checked,
    );
  });

  it('leads lines from the bottom of a card to the top of the next', () => {
    const checked = check([
      'relu',
      ['conv', { filters: 3, kernel: 1 }, { from: ['input'] }],
      ['add', {}, { from: ['relu1', 'conv1'] }],
    ]);
    const { cards, edges } = drawNetwork(checked);
    const place = (layer: number) => cards.find((card) => card.layer === layer) as Card;
    expect(edges.map(({ from, to }) => `${from}→${to}`).sort()).toEqual(['0→1', '0→2', '1→3', '2→3']);
    for (const { from, to, points } of edges) {
      const [source, target] = [place(from as number), place(to as number)];
      expect(points[0]?.[0]).toBeCloseTo(source.x + source.width / 2, 3);
      expect(points[0]?.[1]).toBeCloseTo(source.y + source.height, 3);
      expect(points.at(-1)?.[0]).toBeCloseTo(target.x + target.width / 2, 3);
      expect(points.at(-1)?.[1]).toBeCloseTo(target.y, 3);
    }
  });

  it('labels what comes out of a layer once', () => {
    const checked = check(['relu', ['add', {}, { from: ['input', 'relu1'] }]]);
    expect(drawNetwork(checked).edges.flatMap(({ label }) => label?.text ?? [])).toEqual(['32×32×3', '32×32×3']);
  });

  it('folds the groups it is told to', async () => {
    const folded = drawNetwork(await example('resnet18.convnet'), (_key, depth) => depth === 0);
    const group = folded.cards.find(({ title }) => title === 'BasicBlock(128, 2)');
    expect(group).toMatchObject({ size: '28×28×128', text: '9 layers' });
    expect(folded.frames).toEqual([]);
  });

  it('has a thousand layers in a row, each below the one before', () => {
    const checked = check(Array.from({ length: 1000 }, () => 'relu' as const));
    const { cards } = drawNetwork(checked);
    expect(cards).toHaveLength(1001);
    for (let i = 1; i < cards.length; i++) expect(cards[i]?.y).toBeGreaterThan(cards[i - 1]?.y as number);
    expect(new Set(cards.map(({ x }) => x)).size).toBe(1);
  });
});

describe('a volume as a box', () => {
  it('has its proportions: taller, wider, deeper', () => {
    const tall = boxOf({ height: 64, width: 16, channels: 4 });
    expect(tall.faceHeight).toBeGreaterThan(tall.faceWidth);
    expect(boxOf({ height: 16, width: 64, channels: 4 }).faceWidth).toBe(tall.faceHeight);
    expect(boxOf({ height: 16, width: 16, channels: 256 }).depth).toBeGreaterThan(tall.depth);
  });

  it('has faces that share their edges and stay in the drawing', () => {
    const box = boxOf({ height: 28, width: 28, channels: 6 });
    const { front, top, right } = facesOf(box, 10, 20);
    expect([top[0], top[3]]).toEqual([front[0], front[1]]);
    expect([right[0], right[3]]).toEqual([front[1], front[2]]);
    for (const [x, y] of [...front, ...top, ...right]) {
      expect(x).toBeGreaterThanOrEqual(10);
      expect(x).toBeLessThanOrEqual(10 + box.width + 1e-9);
      expect(y).toBeGreaterThanOrEqual(20);
      expect(y).toBeLessThanOrEqual(20 + box.height + 1e-9);
    }
  });
});
