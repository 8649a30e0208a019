import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createChecker } from '../../src/language/index.js';
import { settings } from '../../src/language/meaning/forms.js';
import { layerKinds } from '../../src/network/catalogue.js';
import { frameworkNames } from '../../src/network/frameworks.js';
import { anchorsOf } from './anchors.js';

/**
 * A fenced block of a page. ```convnet checks clean; ```convnet wrong <code> yields that code alone; ```convnet file <name>
 * checks clean and is there for later blocks of the page to import.
 */
interface Block {
  readonly line: number;
  readonly text: string;
  readonly wrong: string | undefined;
  readonly file: string | undefined;
}

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

const pages = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));

const blocksOf = (markdown: string): readonly Block[] =>
  [...markdown.matchAll(/^```convnet(?: (wrong|file) (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ({ index, 1: what, 2: word, 3: text = '' }) => ({
      line: markdown.slice(0, index).split('\n').length,
      text,
      wrong: what === 'wrong' ? word : undefined,
      file: what === 'file' ? word : undefined,
    }),
  );

describe.each(['README.md', 'docs/language.md', 'docs/frameworks.md'])('%s', (page) => {
  // One checker a page: it keeps the files that later blocks import.
  const checker = createChecker();
  it.each(blocksOf(read(page)))('has a network at line $line that is what it should be', async (block) => {
    const name = block.file ?? `line-${block.line}.convnet`;
    const { findings } = await checker.check(`file:///docs/${name}`, block.text);
    const told = findings.map(({ code, message }) => `${code}: ${message}`);
    expect(told).toEqual(block.wrong ? [expect.stringMatching(new RegExp(`^${block.wrong}: `))] : []);
  });
});

describe.each(pages)('docs/%s', (name) => {
  it('has links that lead somewhere', () => {
    const page = `docs/${name}`;
    const markdown = read(page);
    const broken = [...markdown.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].flatMap(
      ([, path = '', anchor]) => {
        const target = path === '' ? new URL(page, root) : new URL(path, new URL(page, root));
        if (!existsSync(target)) return [path];
        return anchor && !anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? [`${path}#${anchor}`] : [];
      },
    );
    expect(broken).toEqual([]);
  });
});

describe('the language tour', () => {
  const tour = read('docs/language.md');
  const manifest = JSON.parse(read('package.json'));
  const preferences = manifest.contributes.configuration.flatMap(({ properties }: { properties: object }) =>
    Object.keys(properties),
  );
  const keywords = [
    'network',
    'block',
    'repeat',
    'in',
    'if',
    'else',
    'branch',
    'const',
    'import',
    'from',
    'like',
    'expect',
  ];
  it('shows every keyword, framework and setting', () => {
    const words = [...keywords, 'previous', 'convnet-ignore', ...settings, ...frameworkNames, ...preferences];
    expect(words.filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(tour))).toEqual([]);
  });

  it('uses most layers, and leads to the page with all of them', () => {
    const code = blocksOf(tour)
      .map(({ text }) => text)
      .join('\n');
    expect(layerKinds.filter((kind) => new RegExp(`\\b${kind}\\b`).test(code)).length).toBeGreaterThan(15);
    expect(tour).toContain('(layers.md)');
  });
});
