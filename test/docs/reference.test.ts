import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkExample, diagnosticCodes } from '../../docs/generator/diagnostics.js';
import { generatedFiles } from '../../docs/generator/files.js';
import { workedExample } from '../../docs/generator/layers.js';
import {
  attributePage,
  diagnosticPage,
  frameworksPage,
  languagePage,
  layerPage,
} from '../../src/language/features/support/docs-links.js';
import { toDiagnostic } from '../../src/language/server/validator.js';
import { catalogue, layerKinds } from '../../src/network/catalogue.js';
import { check } from '../language/check.js';
import { lsp, open } from '../language/features/driver.js';
import { anchorsOf } from './anchors.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('what is written from the records', () => {
  it('is up to date', async () => {
    for (const [path, text] of Object.entries(await generatedFiles(root)))
      expect(existsSync(new URL(path, root)) && read(path), `${path} is stale: run npm run docs`).toBe(text);
  });
});

describe('the wrong example of each diagnostic', () => {
  it.each(diagnosticCodes)('gives %s and nothing else', async (code) => {
    expect(
      existsSync(new URL(`docs/diagnostics/${code}.convnet`, root)),
      `write docs/diagnostics/${code}.convnet, a file with this mistake alone, then run npm run docs`,
    ).toBe(true);
    const { found } = await checkExample(code, root);
    expect(found.map((diagnostic) => `${diagnostic.code}: ${diagnostic.message}`)).toEqual([
      expect.stringMatching(new RegExp(`^${code}: `)),
    ]);
  });

  it('belongs to a code that exists', () => {
    const names = readdirSync(new URL('docs/diagnostics/', root)).map((name) => name.replace('.convnet', ''));
    expect(names.filter((name) => !diagnosticCodes.some((code) => code === name))).toEqual([
      'import-cycle-other',
      'weights-differ.safetensors',
    ]);
  });
});

describe('the example of each layer', () => {
  it.each(layerKinds)('%s is correct', async (kind) => {
    await expect(workedExample(kind)).resolves.toBeDefined();
  });
});

describe('the links into docs/', () => {
  it('lead to pages and sections of the repository that package.json names', () => {
    const { repository, homepage } = JSON.parse(read('package.json'));
    const address = repository.url.replace(/\.git$/, '');
    expect(homepage.startsWith(address)).toBe(true);
    const attributes = new Set(layerKinds.flatMap((kind) => Object.keys(catalogue[kind].attributes)));
    const links = [
      ...diagnosticCodes.map(diagnosticPage),
      ...layerKinds.map(layerPage),
      ...[...attributes].map(attributePage),
      frameworksPage,
      languagePage('wiring'),
      languagePage('expectations'),
    ];
    const leadNowhere = links.filter((link) => {
      const [path = '', anchor] = link.replace(`${address}/blob/main/`, '').split('#');
      return !existsSync(new URL(path, root)) || (anchor && !anchorsOf(read(path)).has(anchor));
    });
    expect(leadNowhere).toEqual([]);
  });

  it('are in every diagnostic of the editor', async () => {
    const { findings } = await check('network N {\n input 7x7x3\n conv 8 3x3 stride 3\n}');
    expect(findings.map((finding) => toDiagnostic(finding).codeDescription?.href)).toEqual([
      diagnosticPage('does-not-fit'),
    ]);
  });

  it.each([
    ['con|v 8 3x3', layerPage('conv')],
    ['conv 8 3x3 st|ride 1', attributePage('stride')],
    ['relu fr|om previous', languagePage('wiring')],
    ['relu ex|pect 7x7x3', languagePage('expectations')],
  ])('are in the hover of %s', async (line, page) => {
    const { document, textDocument, position } = await open(`network N {\n input 7x7x3\n ${line}\n}`);
    const hover = await lsp.HoverProvider?.getHoverContent(document, { textDocument, position });
    expect(JSON.stringify(hover?.contents)).toContain(`](${page})`);
  });
});
