import { expect, it } from 'vitest';
import { read } from './files.js';

const { wordPattern } = JSON.parse(read('language/language-configuration.json'));

/** As VS Code makes a pattern of it: a text has no flags, and then `\\p{L}` stands for the letters p and L. */
const pattern =
  typeof wordPattern === 'string'
    ? new RegExp(wordPattern, 'g')
    : new RegExp(wordPattern.pattern, `g${wordPattern.flags}`);

it.each([
  ['conv2: conv filters 3x3 stride 2 pad 1.5', ['conv2', 'conv', 'filters', '3x3', 'stride', '2', 'pad', '1.5']],
  ['Größe_1(4k, -1e-5)', ['Größe_1', '4k', '-1e-5']],
])('the words of %s are names and numbers', (line, words) => {
  expect(line.match(pattern)).toEqual(words);
});
