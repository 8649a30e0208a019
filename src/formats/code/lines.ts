import type { SourceRange } from '../../network/network.js';
import type { SourceLine } from '../format.js';
import { layOut } from './python.js';

/** Lines of code that know what they come from. */

export interface Line {
  readonly text: string;
  readonly layers: readonly number[];
  readonly call?: SourceRange | undefined;
}

export const plain = (text: string): Line => ({ text, layers: [] });

/** A statement, over as many lines as it takes. */
export const layLines = (
  depth: number,
  statement: string,
  layers: readonly number[] = [],
  comment = '',
  call?: SourceRange,
): Line[] => layOut(depth, statement, comment).map((text) => ({ text, layers, call }));

export const textOf = (lines: readonly Line[]): string => `${lines.map(({ text }) => text).join('\n')}\n`;

/** Where lines come from. */
export const mapOf = (lines: readonly Line[]): SourceLine[] =>
  lines.flatMap(({ layers, call }, line): SourceLine[] => [
    ...layers.map((layer) => ({ line, layer })),
    ...(call ? [{ line, call }] : []),
  ]);
