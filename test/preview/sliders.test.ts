import { expect, it } from 'vitest';
import { createChecker } from '../../src/language/index.js';
import { reportOf } from '../../src/language/server/networks-message.js';
import { problemWith, type Slider, slidersOf } from '../../src/preview/sliders.js';

const uri = 'file:///test.convnet';

async function slidersIn(text: string, name: string) {
  const { networks } = await createChecker().check(uri, text);
  const [analysed] = networks;
  const layer = analysed?.network.layers.find((layer) => layer.name === name);
  if (!analysed || !layer) throw new Error(`no ${name}`);
  return {
    sliders: slidersOf(reportOf(uri, analysed), layer, uri),
    problems: (slider: Slider | undefined) => {
      const values = slider ? Array.from({ length: slider.most - slider.least + 1 }, (_, i) => slider.least + i) : [];
      return slider ? values.filter((value) => problemWith(analysed.network, layer, slider, value) !== null) : [];
    },
  };
}

it('marks the strides, paddings and kernels that leave no whole number of places', async () => {
  const { sliders, problems } = await slidersIn('network N { input 14x14x6\n conv1: conv 16 5x5\n relu }', 'conv1');
  const of = (attribute: string) => sliders.find((slider) => slider.attribute === attribute);
  expect(sliders.map(({ attribute, value }) => [attribute, value])).toEqual([
    ['filters', 16],
    ['kernel', 5],
    ['stride', 1],
    ['pad', 0],
  ]);
  // (14 − 5)/S + 1 is whole for S = 1, 3 (and 9).
  expect(problems(of('stride'))).toEqual([2, 4, 5, 6, 7, 8]);
  // At stride 1 everything fits that is no larger than 14.
  expect(problems(of('kernel'))).toEqual([]);
  expect(problems(of('pad'))).toEqual([]);
  expect(problems(of('filters'))).toEqual([]);
});

it('marks what would break a layer below', async () => {
  const text = 'network N { input 14x14x6\n conv1: conv 16 3x3\n maxpool 2x2\n conv 8 3x3 stride 2 groups 2 }';
  const { sliders, problems } = await slidersIn(text, 'conv1');
  const of = (attribute: string) => sliders.find((slider) => slider.attribute === attribute);
  // (14 − F + 1)/2 must be whole, so F odd; then the last conv needs ((15 − F)/2 − 3)/2 whole: (9 − F)/4, F = 1, 5, 9.
  expect(problems(of('kernel'))).toEqual([2, 3, 4, 6, 7, 8, 10, 11]);
  // Its groups divide even numbers only; with a kernel of 3 it does not fit in any case.
  const fitting = await slidersIn(text.replace('16 3x3', '16 5x5'), 'conv1');
  const odd = Array.from({ length: 16 }, (_, i) => 2 * i + 1);
  expect(fitting.problems(fitting.sliders[0])).toEqual(odd);
});

it('moves every use of a line, and none that the text says with names or elsewhere', async () => {
  const text = `block B(n) { conv n 3x3 pad 1 }
network N { input 8x8x4
  repeat 2 { conv 4 3x3 pad 1 }
  B(4)
}`;
  const repeated = await slidersIn(text, '[1]/conv1');
  expect(repeated.sliders.map(({ fixed }) => fixed)).toEqual([null, null, null, null]);
  // Two convs without padding leave 8 − 2(F − 1) pixels, plus 2 each of padding: F up to 6; the block's conv then fits.
  const kernel = repeated.sliders.find(({ attribute }) => attribute === 'kernel');
  expect(repeated.problems(kernel)).toEqual([7, 8, 9, 10, 11]);
  const named = await slidersIn(text, 'B1/conv1');
  expect(named.sliders.find(({ attribute }) => attribute === 'filters')?.fixed).toBe('the text says it with names');
  expect(named.sliders.find(({ attribute }) => attribute === 'kernel')?.fixed).toBeNull();
});
