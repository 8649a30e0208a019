import { defineLayer } from '../layer.js';
import { volumeOf } from '../shape.js';

export const flatten = defineLayer({
  title: 'Flatten',
  category: 'shape',
  summary: 'Reads the volume as one long vector: 1×1 with as many channels as there were numbers.',
  doc: 'In the order C, H, W; under `like keras` H, W, C. fc does it by itself, so it is seldom needed.',
  example: 'flatten',
  attributes: {},
  arity: 'one',
  linear: true,
  infer: ({ inputs: [input] }) =>
    input ? { output: { height: 1, width: 1, channels: volumeOf(input) }, support: 'everything' } : { output: null },
  explain: ({ inputs: [input] }) =>
    input ? { output: [`${input.height}·${input.width}·${input.channels} = ${volumeOf(input)}`] } : {},
});
