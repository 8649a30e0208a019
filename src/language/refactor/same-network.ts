import type { TextEdit } from 'vscode-languageserver-types';
import { rulesOf } from '../../network/frameworks.js';
import type { AnalysedNetwork, Analysis } from '../findings/analysis.js';
import { type Analyzer, errorsOf, type ParsedText } from '../findings/analyzer.js';
import { instancesOf, ownNetworks } from '../findings/instances.js';
import type { Elaboration } from '../meaning/elaboration.js';
import type { Proposal } from './refactoring.js';

/**
 * Whether a change of the text would leave its networks what they are, but for the names of layers: the same layers with
 * the same inputs, attributes and sizes, and no error more. A block that no network uses is tried in one.
 */
export function keepsNetworks(
  document: ParsedText,
  { edits, keeps }: Pick<Proposal, 'edits' | 'keeps'>,
  analyzer: Analyzer,
): boolean {
  const changed = analyzer.edited(document, edits);
  const before = analyzer.analyse(document);
  const after = analyzer.analyse(changed);
  if (errorsOf(after) > errorsOf(before) || !sameNetworks(before, after, keeps)) return false;
  const uses = usesOfUnused(before);
  if (uses === '') return true;
  const tried = (text: ParsedText): Analysis => analyzer.analyse(analyzer.edited(text, [atEnd(text, uses)]));
  return sameNetworks(tried(document), tried(changed), keeps);
}

function sameNetworks(before: Analysis, after: Analysis, keeps: Proposal['keeps']): boolean {
  const [old, now] = [ownNetworks(before), ownNetworks(after)];
  if (old.length !== now.length) return false;
  return old.every((network, i) => {
    const other = now[i];
    return other && isSame(network, other, keeps) && sizesOf(network) === sizesOf(other);
  });
}

const sizesOf = ({ checked }: AnalysedNetwork): string =>
  JSON.stringify(checked.facts.map(({ output, params }) => ({ output, params })));

/** Networks that use the blocks which no network of the file does; empty where there are none. */
function usesOfUnused(analysis: Analysis): string {
  const used = new Set([...instancesOf(analysis).calls.keys()].map(({ kind }) => kind));
  return analysis.model.blocks
    .filter(({ name }) => name !== undefined && !used.has(name))
    .map(({ name, parameters }) => {
      const needed = parameters.filter(({ value }) => !value).map(() => '8');
      return `\nnetwork Try_${name} {\n  input 64x64x8\n  ${name}(${needed.join(', ')})\n}\n`;
    })
    .join('');
}

function atEnd({ textDocument }: ParsedText, newText: string): TextEdit {
  const end = textDocument.positionAt(textDocument.getText().length);
  return { range: { start: end, end }, newText };
}

function isSame(before: Elaboration, after: Elaboration, keeps: Proposal['keeps']): boolean {
  const { layers, weightsFile, labelsFile, framework } = before.network;
  const other = after.network;
  if (layers.length !== other.layers.length || weightsFile !== other.weightsFile || labelsFile !== other.labelsFile)
    return false;
  if (keeps === 'layers' && rulesOf(framework) !== rulesOf(other.framework)) return false;
  if (before.expectations.length !== after.expectations.length) return false;
  return layers.every((layer, i) => {
    const now = other.layers[i];
    return (
      now?.kind === layer.kind &&
      // A file of weights knows the layers by their names.
      (weightsFile === undefined || now.name === layer.name) &&
      JSON.stringify(now.inputs) === JSON.stringify(layer.inputs) &&
      (keeps === 'sizes' || JSON.stringify(now.attributes) === JSON.stringify(layer.attributes))
    );
  });
}
