import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Texts that the tests change at random: the examples, and one that uses what no example does. */

export interface Sample {
  readonly name: string;
  readonly text: string;
  /** A file of its own, beside those that it imports. */
  readonly uri: string;
}

const everyFeature: Sample = {
  name: 'a text with every feature of the language',
  uri: 'file:///test/file.convnet',
  text: `const k = 4 * (2 + 1) / 3
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
`,
};

/** The mistakes among the examples are wrong already. */
const examples = (folder: string): Sample[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'mistakes' ? [] : examples(path);
    return name.endsWith('.convnet')
      ? [{ name: path, text: readFileSync(path, 'utf8'), uri: pathToFileURL(join(folder, 'changed.convnet')).href }]
      : [];
  });

export const samples: readonly Sample[] = [everyFeature, ...examples('examples')];

/** An expect is a second opinion: it rightly speaks up when a size changes. */
export const withoutExpectations = (text: string): string => text.replaceAll(/\bexpect[^\n;}]*/g, '');

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"[^"\n]*"|\d+(?:x\d+)+|\d+(?:\.\d+)?(?:e[-+]?\d+)?[kMG]?|\w+|\.\.|[<>=!]=|&&|\|\||[^\s\w]/g;

export interface TokenPlace {
  readonly image: string;
  readonly start: number;
  readonly end: number;
}

/** The tokens of a text without its comments. */
export const tokensOf = (text: string): readonly TokenPlace[] =>
  [...text.matchAll(token)]
    .map(({ 0: image, index }) => ({ image, start: index, end: index + image.length }))
    .filter(({ image }) => !image.startsWith('//') && !image.startsWith('/*'));
