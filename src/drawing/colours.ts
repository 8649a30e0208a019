import type { LayerRecord } from '../network/layer.js';

/** The colour of each category of layers where no editor's theme has one; told apart in grey, too, by the words beside. */
export const kindColours: Readonly<Record<LayerRecord['category'], string>> = {
  input: '#57606a',
  convolution: '#0969da',
  filter: '#0969da',
  pooling: '#8250df',
  dense: '#1a7f37',
  activation: '#d4651a',
  normalisation: '#b08800',
  shape: '#6e7781',
  merge: '#cf222e',
};
