import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { filesIn, read, sourcesIn } from './files.js';

const table = (path: string): Readonly<Record<string, string>> => JSON.parse(read(path));

const sources = sourcesIn('src/extension');
const spoken = Object.values(sources).flatMap((text) =>
  [...text.matchAll(/l10n\.t\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , said = '']) => said),
);
const translations = filesIn('l10n');
const manifestTranslations = readdirSync(new URL('../../', import.meta.url)).filter((name) =>
  /^package\.nls\..+\.json$/.test(name),
);

/** `{0}`, and what a link in the text does. */
const partsOf = (text: string): string[] =>
  [...text.matchAll(/\{\d+\}|\]\(command:.*?\)|`[^`]*`/g)]
    .map(([part]) => part)
    .filter((part) => part !== '`.convnet`');

describe('what the extension says', () => {
  it('is found in its sources', () => expect(spoken.length).toBeGreaterThan(40));

  it('is always said by l10n', () => {
    for (const [path, text] of Object.entries(sources))
      expect(text, path).not.toMatch(
        /show(Error|Warning|Information)Message\(\s*['"`]|(title|placeHolder|label): ['"`][A-Za-z]/,
      );
  });

  it.each(translations)('is translated in %s, all of it and nothing else', (path) => {
    const bundle = table(path);
    expect(Object.keys(bundle).sort()).toEqual([...new Set(spoken)].sort());
    for (const [said, translated] of Object.entries(bundle)) expect(partsOf(translated)).toEqual(partsOf(said));
  });
});

describe('what the manifest says', () => {
  const english = table('package.nls.json');

  it('is in package.nls.json, all of it and nothing else', () => {
    const named = [...read('package.json').matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key);
    expect([...new Set(named)].sort()).toEqual(Object.keys(english).sort());
  });

  it.each(manifestTranslations)('is translated in %s, all of it and nothing else', (path) => {
    const bundle = table(path);
    expect(Object.keys(bundle)).toEqual(Object.keys(english));
    for (const [key, translated] of Object.entries(bundle)) {
      expect(translated).not.toBe('');
      expect(partsOf(translated).sort(), key).toEqual(partsOf(english[key] ?? '').sort());
    }
  });
});

it('German is there', () =>
  expect([...translations, ...manifestTranslations].filter((path) => path.includes('.de.'))).toHaveLength(2));
