import { describe, expect, test } from 'vitest';
import { errors } from './check.js';
import { samples, tokensOf, withoutExpectations } from './corpus.js';

/**
 * One mistake, one message: each token of the examples is deleted, one at a time, and the checker may tell one error at
 * most. (It may tell none: without `pad 2` a network is another network, not a wrong one.)
 */

/** Of the longest examples not every token is tried. */
const MOST_DELETIONS = 400;

async function cascades(text: string, uri?: string): Promise<string[]> {
  const found: string[] = [];
  const tokens = tokensOf(text);
  const step = Math.max(1, Math.ceil(tokens.length / MOST_DELETIONS));
  for (const { image, start, end } of tokens.filter((_, i) => i % step === 0)) {
    const told = await errors(text.slice(0, start) + text.slice(end), uri);
    if (told.length <= 1) continue;
    const line = text.slice(0, start).split('\n').length;
    found.push(`without ${image} in line ${line}: ${told.map((t) => `${t.line} ${t.code} ${t.message}`).join(' | ')}`);
  }
  return found;
}

describe('deleting any token tells at most one error', () => {
  test.each(samples)('$name', async ({ text, uri }) => {
    expect(await errors(text, uri)).toEqual([]);
    expect(await cascades(withoutExpectations(text), uri)).toEqual([]);
  });
});
