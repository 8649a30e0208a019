import { grouped } from '../arithmetic.js';
import { defineLayer, optional, required, type WeightSpec } from '../layer.js';
import { volumeOf } from '../shape.js';
import { boolean, positiveInteger } from '../values.js';
import { biasOf, frozenAttribute, initAttribute, weightOf } from './weighted.js';

const fc = defineLayer({
  title: 'Fully connected',
  category: 'dense',
  summary: 'Every output is a weighted sum of every input.',
  doc:
    'The input volume is read as one long vector, channel by channel (C, H, W); under `like keras` pixel by pixel ' +
    '(H, W, C). Also called dense, linear or inner product.',
  example: 'fc 120',
  attributes: {
    units: required(positiveInteger, 'How many outputs.'),
    bias: optional(boolean, true, 'Whether each output adds a learned number.'),
    init: initAttribute,
    frozen: frozenAttribute,
  },
  arity: 'one',
  linear: true,
  infer({ inputs: [input], attributes: { units, bias, init } }) {
    if (!input) return { output: null };
    const weights: WeightSpec[] = [weightOf([units, volumeOf(input)], init)];
    if (bias) weights.push(biasOf(units));
    return {
      output: { height: 1, width: 1, channels: units },
      weights,
      macs: volumeOf(input) * units,
      support: 'everything',
    };
  },
  explain: ({ inputs: [input], attributes: { units, bias } }) => {
    if (!input) return {};
    const inputs = volumeOf(input);
    const each = inputs + (bias ? 1 : 0);
    const from = `${input.height}·${input.width}·${input.channels}`;
    return {
      output: [`${from} = ${grouped(inputs)} inputs → ${units} outputs`],
      params: `${from}${bias ? ' + 1' : ''} = ${grouped(each)}, × ${units} outputs = ${grouped(each * units)}`,
      macs: `${from} × ${units} = ${grouped(inputs * units)}`,
    };
  },
});

export const dense = { fc };
