import { type AstNode, type CstNode, GrammarUtils } from 'langium';
import type { Range } from 'vscode-languageserver-types';
import type { SourceRange } from '../../network/network.js';

/** A part of the text: a node of the syntax tree, or one property of it. */
export interface Place {
  readonly node: AstNode;
  readonly property?: string;
  readonly index?: number;
  /** The node it reaches to, where it is more than one. */
  readonly until?: AstNode;
}

export const at = (node: AstNode, property?: string, index?: number): Place => {
  if (property === undefined) return { node };
  return index === undefined ? { node, property } : { node, property, index };
};

export const cstOf = ({ node, property, index }: Place): CstNode | undefined =>
  (property === undefined ? undefined : GrammarUtils.findNodeForProperty(node.$cstNode, property, index)) ??
  node.$cstNode;

const nowhere: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

export const rangeOf = (place: Place): Range => {
  const range = cstOf(place)?.range ?? nowhere;
  const end = place.until?.$cstNode?.range.end;
  return end ? { start: range.start, end } : range;
};

export const sourceRange = (file: string, node: AstNode): SourceRange => {
  const { start, end } = node.$cstNode?.range ?? nowhere;
  return {
    file,
    startLine: start.line,
    startCharacter: start.character,
    endLine: end.line,
    endCharacter: end.character,
  };
};

/** The line a node begins in, counted from 0. */
export const lineOf = (node: AstNode): number => node.$cstNode?.range.start.line ?? 0;
