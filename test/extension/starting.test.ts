import { describe, expect, it } from 'vitest';
import { examples, filesBeside, selfContained } from '../../src/extension/starting/examples.js';
import { templates } from '../../src/extension/starting/templates.js';
import { createChecker } from '../../src/language/index.js';
import { filesIn, read } from './files.js';

async function errorsIn(text: string) {
  const { findings, networks } = await createChecker().check('file:///a.convnet', text);
  expect(networks.length).toBeGreaterThan(0);
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

describe('the templates of New Network', () => {
  it.each(templates())('$title has nothing wrong in it, as it is filled in', async ({ snippet }) => {
    const filled = snippet.replace(/\$\{\d+:(.*?)\}/g, '$1').replace('$0', 'relu');
    expect(
      await errorsIn(snippet.endsWith('$0\n') ? filled.replace(/relu\n$/, '') : filled.replace(/relu$/, '')),
    ).toEqual([]);
  });

  it.each(templates())('$title begins with the name of the network', ({ snippet }) =>
    expect(snippet).toMatch(/network \$\{1:\w+\} \{/),
  );
});

describe('the examples of Open Example', () => {
  const readExample = async (name: string) => read(`examples/${name}`);

  it.each(Object.keys(examples))('%s stands alone, and nothing is wrong in it', async (name) => {
    const text = await selfContained(readExample, `${name}.convnet`);
    expect(text).not.toContain('import ');
    expect(await errorsIn(text)).toEqual([]);
  });

  it('are all networks of the folder', () => {
    const there = filesIn('examples').flatMap((path) => /^examples\/([^/]+)\.convnet$/.exec(path)?.[1] ?? []);
    // Blocks are no network, they come with those that import them.
    expect(Object.keys(examples).sort()).toEqual(there.filter((name) => name !== 'blocks').sort());
  });

  it('come with the files that they name', () => {
    const named = Object.keys(examples).flatMap((name) => filesBeside(read(`examples/${name}.convnet`)));
    expect(named.sort()).toEqual(['digits.safetensors', 'shapes.safetensors', 'shapes.txt']);
    const packaged = read('.vscodeignore').split('\n');
    for (const file of named) expect(packaged).toContain(`!examples/${file}`);
  });
});
