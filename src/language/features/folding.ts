import { AstUtils, type LangiumDocument } from 'langium';
import type { FoldingRangeProvider } from 'langium/lsp';
import { type FoldingRange, FoldingRangeKind } from 'vscode-languageserver-types';
import { isBody } from '../generated/ast.js';

/** Bodies in braces, comments of several lines, and runs of comments or imports. */
export class ConvNetFolding implements FoldingRangeProvider {
  getFoldingRanges({ parseResult, textDocument }: LangiumDocument): FoldingRange[] {
    const ranges: FoldingRange[] = [];
    const fold = (startLine: number, endLine: number, kind?: FoldingRangeKind) => {
      if (endLine > startLine) ranges.push({ startLine, endLine, ...(kind && { kind }) });
    };
    for (const node of AstUtils.streamAst(parseResult.value)) {
      const range = isBody(node) ? node.$cstNode?.range : undefined;
      // The line of the closing brace stays in sight.
      if (range) fold(range.start.line, range.end.line - 1);
    }
    const text = textDocument.getText();
    const runs = [
      [/\/\*[\s\S]*?(?:\*\/|$)/g, FoldingRangeKind.Comment],
      [/^[ \t]*\/\/.*(?:\r?\n[ \t]*\/\/.*)+/gm, FoldingRangeKind.Comment],
      [/^import\b.*(?:(?:\r?\n)+import\b.*)+/gm, FoldingRangeKind.Imports],
    ] as const;
    for (const [pattern, kind] of runs)
      for (const { index, 0: run } of text.matchAll(pattern))
        fold(textDocument.positionAt(index).line, textDocument.positionAt(index + run.length).line, kind);
    return ranges;
  }
}
