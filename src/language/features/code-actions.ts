import type { LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import type { CodeAction, CodeActionParams } from 'vscode-languageserver';
import { CodeActionKind } from 'vscode-languageserver-types';
import type { Analyzer } from '../analyzer.js';
import { toDiagnostic } from '../server/validator.js';

/** Quick fixes: those of the findings under the cursor that were tried and work. */
export class ConvNetCodeActions implements CodeActionProvider {
  constructor(private readonly services: { readonly analysis: { readonly Analyzer: Analyzer } }) {}

  getCodeActions(document: LangiumDocument, { range }: CodeActionParams): CodeAction[] {
    const { Analyzer } = this.services.analysis;
    const uri = document.uri.toString();
    const actions: CodeAction[] = [];
    for (const finding of Analyzer.analyse(document).findings) {
      const { start, end } = finding.range;
      if (end.line < range.start.line || start.line > range.end.line) continue;
      for (const [i, { title, edits }] of Analyzer.verifiedFixes(document, finding).entries())
        actions.push({
          title,
          kind: CodeActionKind.QuickFix,
          diagnostics: [toDiagnostic(finding)],
          isPreferred: i === 0,
          edit: { changes: { [uri]: [...edits] } },
        });
    }
    return actions;
  }
}
