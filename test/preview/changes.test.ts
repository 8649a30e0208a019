import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import { createChecker } from '../../src/language/index.js';
import type { NetworkReport } from '../../src/language/protocol.js';
import { reportOf } from '../../src/language/server/networks-message.js';
import { ChangesModel } from '../../src/preview/changes-model.js';

const uri = 'file:///test.convnet';

async function report(text: string): Promise<NetworkReport> {
  const { networks } = await createChecker().check(uri, text);
  if (!networks[0]) throw new Error('no network');
  return reportOf(uri, networks[0]);
}

it('tells what has changed since the last save, or since the last commit where nothing has since', async () => {
  const text = 'network N { input 8x8x1\n conv 4 3x3\n relu\n fc 10 }';
  const [saved, committed] = [await report(text), await report(text.replace('fc 10', 'fc 12'))];
  const current = signal<NetworkReport | null>(await report(text.replace('3x3', '5x5')));
  const changes = new ChangesModel(signal(uri), current);
  expect(changes.current.value).toBeNull();
  changes.receive({ uri, saved: [saved], committed: [committed] });
  expect(changes.choices.value).toEqual(['saved', 'committed']);
  expect(changes.current.value?.since).toBe('saved');
  const words = changes.current.value?.layers.map(({ change, after }) => [change, after]);
  expect(words).toEqual([
    ['changed', 1],
    ['affected', 2],
    ['affected', 3],
  ]);
  // 6·6·4·10 + 10 before; of a conv: 3·3·4 + 4.
  expect(changes.before('fc1')?.params).toBe(1450);
  expect(changes.before('conv1')?.params).toBe(40);
  expect(changes.before('input1')).toBeUndefined();
  changes.chosen.value = 'committed';
  expect(changes.before('fc1')?.params).toBe(6 * 6 * 4 * 12 + 12);
  current.value = await report(text);
  changes.chosen.value = 'saved';
  expect(changes.current.value?.since).toBe('committed');
  expect(changes.current.value?.layers.map(({ attributes }) => attributes)).toEqual([
    [{ name: 'units', before: '12', after: '10' }],
  ]);
  current.value = await report(text.replace('fc 10', 'fc 12'));
  changes.receive({ uri, saved: null, committed: [committed] });
  expect(changes.current.value).toBeNull();
  changes.receive({ uri: 'file:///other.convnet', saved: [saved], committed: null });
  expect(changes.current.value).toBeNull();
});
