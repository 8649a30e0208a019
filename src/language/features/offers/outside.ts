import { URI, UriUtils } from 'langium';
import { CompletionItemKind } from 'vscode-languageserver-types';
import { frameworkNames, rulesOf } from '../../../network/frameworks.js';
import { rulesDoc } from '../support/markdown.js';
import { values } from './names.js';
import { blockDoc, keyword, type Offer, pathTo, type Request, restOfLine } from './offer.js';
import { declarationPatterns } from './patterns.js';

/** What can stand outside of everything: declarations, frameworks, imports. */
export function offersOutside(words: readonly string[], request: Request): readonly Offer[] {
  const [head, , third] = words;
  if (head === undefined)
    return [
      keyword('network', 'network <Name> {\n\tinput <32x32x3>\n\t<>\n}', 'a network'),
      keyword('block', 'block <Name>(<filters>) {\n\t<>\n}', 'lines to be used several times'),
      keyword('const', 'const <name> = <>', 'a value with a name'),
      keyword('import', 'import <Name> from "<./blocks.convnet>"', 'blocks and constants of another file'),
      ...declarationPatterns(),
    ];
  if (head === 'network') {
    if (words.at(-1) === 'like')
      return frameworkNames.map((name) => ({
        label: name,
        kind: CompletionItemKind.EnumMember,
        group: 0,
        description: rulesOf(name).title,
        doc: rulesDoc(rulesOf(name)),
      }));
    return words.length === 2 ? [{ ...keyword('like', 'like ', "a framework's rules"), goesOn: true }] : [];
  }
  if (head === 'const' && third === '=') return values(request, 0);
  if (head === 'block' && words.at(-1) === '=') return values(request, 0);
  return head === 'import' ? importedNames(words, request) : [];
}

/** The quote that was typed stays; the editor has put in the closing one. */
export function importPaths({ document, documents }: Request): readonly Offer[] {
  return documents.all
    .filter(({ uri }) => uri.toString() !== document.uri.toString())
    .map((other) => pathTo(document, other))
    .map((path) => ({ label: path, kind: CompletionItemKind.File, group: 0, insert: `"${path}`, filter: `"${path}` }))
    .toArray();
}

/** The names that the file after `from` declares; of every file that has been read, where none is written yet. */
function importedNames(words: readonly string[], request: Request): readonly Offer[] {
  if (words.includes('from')) return [];
  const { document, documents, analyzer, offset } = request;
  const rest = restOfLine(document, offset);
  const path = /\bfrom\s*"([^"]*)"/.exec(rest)?.[1];
  const wanted = path === undefined ? undefined : UriUtils.resolvePath(UriUtils.dirname(document.uri), path).toString();
  const offers: Offer[] = [];
  for (const other of documents.all) {
    if (other.uri.toString() === document.uri.toString() || (wanted ?? other.uri.toString()) !== other.uri.toString())
      continue;
    for (const [name, declaration] of analyzer.model(other).declarations) {
      if (declaration.$type === 'ImportedName' || words.includes(name)) continue;
      const isBlock = declaration.$type === 'Block';
      offers.push({
        label: name,
        kind: isBlock ? CompletionItemKind.Class : CompletionItemKind.Constant,
        group: 0,
        description: UriUtils.basename(URI.parse(other.uri.toString())),
        ...(isBlock && { doc: blockDoc(declaration) }),
      });
    }
  }
  return [...offers, ...(words.length > 1 ? [keyword('from', 'from "<>"', 'the file')] : [])];
}
