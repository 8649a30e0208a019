import { describe, expect, it } from 'vitest';
import type { Layer, Network } from '../../src/network/network.js';
import { ownNames, seedNamesAfter } from '../../src/preview/worker/seed-names.js';

/** `conv6 relu conv16`: layers in order, a number telling those of one kind apart; names are counted as the language does. */
function network(text: string): Network {
  const counts = new Map<string, number>();
  const layers = text.split(' ').map((word, index) => {
    const [kind = '', size = ''] = word.split(/(?=\d)/, 2);
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return { kind, name: `${kind}${count}`, attributes: { size }, inputs: [index - 1] } as unknown as Layer;
  });
  return { name: 'N', layers, structure: { kind: 'network', name: '', label: '', children: [] } };
}

/** The seeds after a series of edits. */
function seedsAfter(...texts: string[]): string {
  const networks = texts.map(network);
  const [first] = networks as [Network];
  let seeds = ownNames(first);
  for (const [index, next] of networks.slice(1).entries())
    seeds = seedNamesAfter(networks[index] as Network, seeds, next);
  return seeds.join(' ');
}

describe('layers keep their weights', () => {
  it.each([
    ['when nothing changes', ['conv6 relu conv9', 'conv6 relu conv9'], 'conv1 relu1 conv2'],
    ['when another one changes', ['conv6 relu conv9', 'conv6 relu conv8'], 'conv1 relu1 conv2'],
    ['when one is inserted above', ['conv6 relu conv9', 'conv4 conv6 relu conv9'], 'conv1/2 conv1 relu1 conv2'],
    ['when one is inserted between', ['conv6 conv9', 'conv6 conv5 conv9'], 'conv1 conv2/2 conv2'],
    ['when one is removed', ['conv4 conv6 relu conv9', 'conv6 relu conv9'], 'conv2 relu1 conv3'],
    ['when one is repeated', ['conv6 relu', 'conv6 relu conv6 relu'], 'conv1 relu1 conv2 relu2'],
  ])('%s', (_, texts, seeds) => expect(seedsAfter(...texts)).toBe(seeds));

  it('after an insertion is undone', () =>
    expect(seedsAfter('conv6 relu conv9', 'conv4 conv6 relu conv9', 'conv6 relu conv9')).toBe('conv1 relu1 conv2'));

  it('and never share them', () => {
    const seeds = seedsAfter(
      'conv6 conv9',
      'conv5 conv6 conv9',
      'conv5 conv7 conv6 conv9',
      'conv7 conv7 conv6 conv7',
    ).split(' ');
    expect(new Set(seeds).size).toBe(seeds.length);
  });
});
