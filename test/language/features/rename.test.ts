import fc from 'fast-check';
import type { LangiumDocument } from 'langium';
import { describe, expect, it } from 'vitest';
import type { RenameParams } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position, Range, TextEdit } from 'vscode-languageserver-types';
import { isLayerKind } from '../../../src/network/catalogue.js';
import { check } from '../check.js';
import { samples } from '../corpus.js';
import { networkTexts } from '../generate.js';
import { lsp, open } from './driver.js';

/** Everything of the networks in a text but the names. */
async function networks(text: string, uri: string): Promise<unknown> {
  return (await check(text, uri)).networks.map(({ network, checked }) => ({
    layers: network.layers.map(({ kind, attributes, inputs }) => ({ kind, attributes, inputs })),
    totals: checked.totals,
  }));
}

/** The text after the name at a place has been renamed; undefined where there is none, or where that is refused. */
async function renamed(text: string, place: number, newName: string): Promise<Renamed | undefined> {
  const { document, textDocument } = await open(text);
  const position = document.textDocument.positionAt(place);
  const at = { textDocument, position };
  const old = await lsp.RenameProvider?.prepareRename(document, at);
  if (!old) return undefined;
  const edits = await renameEdits(document, { ...at, newName });
  if (!edits) return undefined;
  // Where the name is afterwards: changes before it on its line move it.
  const moved = edits.filter(({ range }) => isBefore(range.start, (old as Range).start));
  const name = document.textDocument.getText(old as Range);
  const start = document.textDocument.offsetAt((old as Range).start) + moved.length * (newName.length - name.length);
  return { name, start, text: TextDocument.applyEdits(document.textDocument, edits) };
}

/** Renames at the first of some places where there is a name; most words are none. */
async function firstRenamed(text: string, places: readonly number[], newName: string): Promise<Renamed | undefined> {
  for (const place of places) {
    const there = await renamed(text, place, newName);
    if (there) return there;
  }
  return undefined;
}

async function renameEdits(document: LangiumDocument, params: RenameParams): Promise<TextEdit[] | undefined> {
  try {
    return (await lsp.RenameProvider?.rename(document, params))?.changes?.[params.textDocument.uri];
  } catch {
    return undefined;
  }
}

interface Renamed {
  readonly name: string;
  readonly start: number;
  readonly text: string;
}

const isBefore = (a: Position, b: Position): boolean =>
  a.line < b.line || (a.line === b.line && a.character < b.character);

/** Where the words stand that may be names. */
const namesIn = (text: string): readonly number[] =>
  [...text.matchAll(/(?<!\/\/.*)(?<![\w."])[\p{L}_]\w*/gu)].flatMap(({ 0: word, index }) =>
    isLayerKind(word) ? [] : [index],
  );

const names = fc.constantFrom('other', 'k2', 'relu1', 'stride', 'filters', 'x', 'Stage', 'Zwölf', 'conv', 'i1');

it('a name of a file that cannot be read keeps its name', async () => {
  const text = 'import B from "./gone.convnet"\nnetwork N {\n  input 8x8x3\n  B\n}\n';
  expect(await renamed(text, text.indexOf('B'), 'C')).toBeUndefined();
});

it('a loop may have the variable of another one beside it, not of one around it', async () => {
  const text = `network N {
  input 8x8x3
  repeat i in 1..2 {
    conv i 1x1
    repeat k in 1..2 { conv (i * k) 1x1 }
  }
  repeat j in 1..2 { conv j 1x1 }
}
`;
  const renamedFrom = (name: string) => renamed(text, text.indexOf(`repeat ${name}`) + 'repeat '.length, 'i');
  expect((await renamedFrom('j'))?.text).toBe(text.replace('repeat j', 'repeat i').replace('conv j', 'conv i'));
  expect(await renamedFrom('k')).toBeUndefined();
});

describe('renaming keeps the networks, and renaming back gives the same text', { timeout: 240_000 }, () => {
  const generated = networkTexts.map((text) => ({ text, uri: 'file:///generated.convnet' }));
  it.each([
    { of: 'the samples', texts: fc.constantFrom(...samples), runs: 80, least: 20 },
    { of: 'networks by chance', texts: generated, runs: 120, least: 80 },
  ])('in $of', async ({ texts, runs, least }) => {
    let done = 0;
    await fc.assert(
      fc.asyncProperty(texts, fc.nat(), names, async ({ text, uri }, nth, newName) => {
        const places = namesIn(text);
        const first = nth % places.length;
        const there = await firstRenamed(text, [...places.slice(first), ...places.slice(0, first)], newName);
        if (!there || there.name === newName) return;
        done++;
        expect(await networks(there.text, uri), there.text).toEqual(await networks(text, uri));
        const back = await renamed(there.text, there.start, there.name);
        expect(back?.text).toBe(text);
      }),
      { numRuns: runs },
    );
    // Some names cannot be given anywhere.
    expect(done).toBeGreaterThan(least);
  });
});
