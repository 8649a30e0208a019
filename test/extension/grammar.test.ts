import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue, isLayerKind, layerKinds } from '../../src/network/catalogue.js';
import { frameworkNames } from '../../src/network/frameworks.js';

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const { repository } = read('syntaxes/convnet.tmLanguage.json');

/** What a rule of the grammar colours in a line: its first group where it has one. */
const coloured = (rule: { match: string }, line: string): string[] =>
  [...line.matchAll(new RegExp(rule.match, 'gu'))].map((match) => match[1] ?? match[0]);

describe('the TextMate grammar', () => {
  it.each(layerKinds)('knows the layer %s wherever a statement begins', (kind) => {
    for (const line of [kind, `  ${kind} 3`, `name: ${kind}`, `relu; ${kind}; relu`, `repeat 2 { ${kind} }`])
      expect(coloured(repository.layers, line)).toContain(kind);
  });

  it('knows no layer that there is not', () => {
    const words = /\\s\*\(([a-z\d|]+)\)\\b/.exec(repository.layers.match)?.[1]?.split('|');
    expect(words?.toSorted()).toEqual([...layerKinds].sort());
  });

  it('tells a layer from an attribute or a name that is only spelled like one', () => {
    expect(coloured(repository.layers, '  conv1: relu')).toEqual(['relu']);
    expect(coloured(repository.layers, '  add from conv, relu')).toEqual(['add']);
    expect(coloured(repository.layers, '  convolve 3')).toEqual([]);
  });

  const attributes = layerKinds.flatMap((kind) =>
    Object.entries(catalogue[kind].attributes).map(([name, { type }]) => [kind, name, type.suggestions[0] ?? '1']),
  );
  it.each(attributes)('knows of %s the attribute %s', (kind, name, value) => {
    expect(coloured(repository.attributes, `${kind} ${name} ${value}`).at(-1)).toBe(name);
  });

  it('tells what is to fit from how', () => {
    expect(coloured(repository.attributes, 'conv 8 5x5 pad fit')).toEqual(['pad']);
    expect(coloured(repository.attributes, 'conv 8 5x5 fit floor')).toEqual(['fit']);
  });

  const words = layerKinds
    .flatMap((kind) => Object.values(catalogue[kind].attributes).flatMap(({ type }) => type.suggestions))
    .filter((word) => /^[a-z]+$/.test(word) && !isLayerKind(word));
  it.each([...new Set(words)])('knows the word %s that an attribute takes', (word) => {
    expect([repository.booleans, repository.values].flatMap((rule) => coloured(rule, word))).toContain(word);
  });

  it.each(['32x32x3', '5x5', '5k', '1e-5', '0.75', '1000'])('takes %s as one number', (text) => {
    const [first] = repository.numbers.patterns.flatMap((rule: { match: string }) => coloured(rule, text));
    expect(first).toBe(text);
  });

  it('does not take the dots of a range for a decimal point', () =>
    expect(coloured(repository.numbers.patterns[1], '1..4')).toEqual(['1', '4']));

  it.each(frameworkNames)('knows a network like %s', (framework) => {
    const [{ match }] = repository.declarations.patterns;
    expect(new RegExp(match, 'u').exec(`network ResNet like ${framework} {`)?.slice(1)).toEqual([
      'network',
      'ResNet',
      'like',
      framework,
    ]);
  });
});

describe('fences in Markdown', () => {
  const [fence] = [read('syntaxes/markdown.tmLanguage.json').repository['convnet-code-block']];
  const begins = new RegExp(fence.begin.replaceAll('\\G', '^').replace('(?i:', '(?:'), 'u');

  it.each(['```convnet', '~~~convnet', '  ````convnet', '```convnet title="LeNet"'])('begin at %s', (line) =>
    expect(line).toMatch(begins),
  );

  it.each(['```', '```python', 'convnet', '```convnets'])('do not begin at %s', (line) =>
    expect(line).not.toMatch(begins),
  );

  it('are coloured as the language is', () =>
    expect(fence.patterns[0].patterns).toEqual([{ include: 'source.convnet' }]));
});
