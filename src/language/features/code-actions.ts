import type { LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import type { CodeActionParams } from 'vscode-languageserver';
import { type CodeAction, CodeActionKind, CodeActionTriggerKind } from 'vscode-languageserver-types';
import { refactoringsAt } from '../refactor/index.js';
import { toDiagnostic } from '../server/validator.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** Quick fixes of the findings under the cursor and refactorings; each was tried and works. */
export class ConvNetCodeActions implements CodeActionProvider {
  constructor(private readonly services: FeatureServices) {}

  async getCodeActions(document: LangiumDocument, params: CodeActionParams): Promise<CodeAction[]> {
    const isWanted = wantedBy(params);
    const actions: CodeAction[] = [];
    if (isWanted(CodeActionKind.QuickFix)) actions.push(...this.quickFixes(document, params));
    // A refactoring is tried on the whole file: not at every move of the cursor.
    if (isAsked(params)) {
      const analysis = await analysisOf(this.services, document);
      const analyzer = this.services.analysis.Analyzer;
      actions.push(...refactoringsAt({ document, analysis, analyzer }, params.range, isWanted));
    }
    return actions;
  }

  private quickFixes(document: LangiumDocument, { range }: CodeActionParams): CodeAction[] {
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

/** Whether the user asks, rather than the editor by itself. */
const isAsked = ({ context }: CodeActionParams): boolean =>
  context.only !== undefined || context.triggerKind !== CodeActionTriggerKind.Automatic;

/** Which kinds of actions a request is for: `refactor` means `refactor.extract`, too. */
const wantedBy =
  ({ context: { only } }: CodeActionParams) =>
  (kind: string): boolean =>
    only === undefined || only.some((wanted) => wanted === '' || kind === wanted || kind.startsWith(`${wanted}.`));
