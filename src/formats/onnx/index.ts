import type { Format } from '../format.js';
import { companionsOf, readOnnx } from './read.js';

export const onnx: Format = { read: (files) => readOnnx(files), companions: companionsOf };
