import type { Format } from '../format.js';
import { companionsOf, readOnnx } from './read.js';
import { type OnnxOptions, writeOnnx } from './write.js';

export const onnx: Format<OnnxOptions> = {
  read: (files) => readOnnx(files),
  companions: companionsOf,
  write: writeOnnx,
};
