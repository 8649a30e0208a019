import { identity, type Op } from './op.js';

/** The picture, already of the input's size and scaled (see picture.ts). */
export const input: Op<'input'> = identity;
