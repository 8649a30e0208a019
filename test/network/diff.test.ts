import { describe, expect, test } from 'vitest';
import { checkNetwork } from '../../src/network/check.js';
import { diffNetworks } from '../../src/network/diff.js';
import { build, type Line } from './build.js';
import { conv } from './published.js';

/** What became of each layer but the input: `~conv1 stride 1 → 2`, `+relu2`, `-fc1`; those that are merely affected with `.`. */
function changes(before: readonly Line[], after: readonly Line[]): readonly string[] {
  const [old, next] = [build(before), build(after)];
  const signs = { added: '+', removed: '-', changed: '~', affected: '.', same: '' } as const;
  return diffNetworks(checkNetwork(old), checkNetwork(next))
    .layers.filter(({ change }) => change !== 'same')
    .map(({ change, before: from, after: to, attributes }) =>
      [
        signs[change] + ((to === null ? undefined : next.layers[to]) ?? old.layers[from ?? 0])?.name,
        ...attributes.map((attribute) => `${attribute.name} ${attribute.before} → ${attribute.after}`),
      ].join(' '),
    );
}

const same = conv(8, 3, { pad: 1 });

describe('what changed between two networks', () => {
  test('nothing', () => expect(changes([same, 'relu'], [same, 'relu'])).toEqual([]));

  test('an attribute, and what it does to the layers below', () =>
    expect(changes([same, 'relu'], [conv(8, 3), 'relu'])).toEqual(['~conv1 pad 1 → 0', '.relu1']));

  test('a layer put in renames its followers and changes none', () =>
    expect(changes([same, 'relu', same], [same, 'relu', 'sigmoid', same])).toEqual(['+sigmoid1']));

  test('a layer taken out stands where it was', () =>
    expect(changes([same, 'sigmoid', 'relu'], [same, 'relu'])).toEqual(['-sigmoid1']));

  test('another kind is another layer', () =>
    expect(changes([same, 'relu', same], [same, 'tanh', same])).toEqual(['+tanh1', '-relu1']));

  test('of several changes each is told', () =>
    expect(changes([conv(4, 1), 'relu', conv(6, 1), 'relu'], [conv(5, 1), 'relu', conv(6, 1), 'tanh'])).toEqual([
      '~conv1 filters 4 → 5',
      '.relu1',
      '.conv2',
      '+tanh1',
      '-relu2',
    ]));
});

test('long networks that share nothing are compared in no time', () => {
  const many = (filters: number) => Array.from({ length: 3000 }, () => conv(filters, 1));
  expect(changes(many(3), many(4)).length).toBe(3000);
});
