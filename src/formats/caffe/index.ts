import type { Format } from '../format.js';
import { readCaffe } from './read.js';
import { writeCaffe } from './write.js';

export const caffe: Format = { read: readCaffe, write: writeCaffe };
