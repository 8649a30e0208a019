import type { LayerKind } from '../../network/catalogue.js';
import { conv, depthwise } from './convolution.js';
import { fc } from './dense.js';
import type { FastMaker } from './op.js';

/** The fast op of every kind of layer that has one; the others run on the reference op (ops/index.ts). */
export const fastOps: { readonly [K in LayerKind]?: FastMaker<K> } = { conv, depthwise, fc };
