import type { Format } from '../format.js';
import { readCaffe } from './read.js';

export const caffe: Format = { read: readCaffe };
