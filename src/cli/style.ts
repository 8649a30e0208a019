import { styleText } from 'node:util';
import type { Terminal } from './terminal.js';

type Format = Parameters<typeof styleText>[0];

/** Colours a text where the terminal shows colours, and leaves it alone elsewhere. */
export type Paint = (format: Format, text: string) => string;

export const painter = ({ colour }: Terminal): Paint =>
  colour
    ? // The terminal has been asked; newer versions of Node would ask their own standard output again.
      (format, text) => styleText(format, text, { validateStream: false })
    : (_, text) => text;
