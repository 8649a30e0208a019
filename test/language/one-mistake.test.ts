import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { errors } from './check.js';

/**
 * One mistake, one message: each token of the examples is deleted, one at a time, and the checker may tell one error at
 * most. (It may tell none: without `pad 2` a network is another network, not a wrong one.)
 */

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"[^"\n]*"|\d+(?:x\d+)+|\d+(?:\.\d+)?(?:e[-+]?\d+)?[kMG]?|\w+|\.\.|[<>=!]=|&&|\|\||[^\s\w]/g;

const examples = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'mistakes' ? [] : examples(path);
    return name.endsWith('.convnet') ? [path] : [];
  });

/** Deleting these may rightly make several mistakes: a value that many lines use, a line that others name. */
const MOST_DELETIONS = 400;

const everyLanguageFeature = `const k = 4 * (2 + 1) / 3
/* a block */
block Stage(filters, stride = 1) {
  conv filters 3x3 stride stride pad 1 bias false; batchnorm; relu
  if stride != 1 { conv filters 1x1 bias false; batchnorm }
}

network Features like pytorch {
  input 224x224x3 mean (0.485, 0.456, 0.406) std (0.229, 0.224, 0.225)
  first: conv (16 * k) 7x7 stride 2 pad 3
  repeat 2 { Stage(64) }
  repeat i in 1..2 {
    Stage(128, stride = 3 - i)
  }
  if k > 3 {
    Stage(256, stride = 2)
  } else {
    Stage(5, stride = 2)
  }
  relu from previous
  globalavgpool
  fc 1000 expect 1x1x1000
}
`;

async function cascades(text: string, uri?: string): Promise<string[]> {
  const found: string[] = [];
  const tokens = [...text.matchAll(token)].filter(([image]) => !image.startsWith('//') && !image.startsWith('/*'));
  const step = Math.max(1, Math.ceil(tokens.length / MOST_DELETIONS));
  for (let i = 0; i < tokens.length; i += step) {
    const [image] = tokens[i] as RegExpMatchArray;
    const at = (tokens[i] as RegExpMatchArray).index ?? 0;
    const told = await errors(text.slice(0, at) + text.slice(at + image.length), uri);
    if (told.length <= 1) continue;
    const line = text.slice(0, at).split('\n').length;
    found.push(`without ${image} in line ${line}: ${told.map((t) => `${t.line} ${t.code} ${t.message}`).join(' | ')}`);
  }
  return found;
}

describe('deleting any token tells at most one error', () => {
  test('a text with every feature of the language', async () => {
    expect(await errors(everyLanguageFeature)).toEqual([]);
    expect(await cascades(everyLanguageFeature)).toEqual([]);
  });

  test.each(examples('examples'))('%s', async (path) => {
    const text = readFileSync(path, 'utf8');
    // An expect is a second opinion: it rightly speaks up when a size changes, so it does not take part.
    const silent = text.replaceAll(/\bexpect[^\n;}]*/g, '');
    expect(await cascades(silent, pathToFileURL(path).href)).toEqual([]);
  });
});
