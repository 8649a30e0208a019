import type { LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import type { CodeActionParams } from 'vscode-languageserver';
import { type CodeAction, CodeActionKind, CodeActionTriggerKind, type Range } from 'vscode-languageserver-types';
import type { Finding } from '../findings/analysis.js';
import { fixAllOfKind, fixAllPlain } from '../findings/fix-all.js';
import { refactoringsAt } from '../refactor/index.js';
import { toDiagnostic } from '../server/validator.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** `source.fixAll` with a name of its own, so that a user can switch it on for saving without that of others. */
const FIX_ALL = `${CodeActionKind.SourceFixAll}.convnet`;

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
      if (isWanted(CodeActionKind.QuickFix)) actions.push(...this.kindFixes(document, params));
      if (params.context.only && isWanted(FIX_ALL)) actions.push(...this.fixAll(document));
      actions.push(...refactoringsAt({ document, analysis, analyzer }, params.range, isWanted));
    }
    return actions;
  }

  /** For each code under the cursor that is found elsewhere, too: all of them at once. */
  private kindFixes(document: LangiumDocument, { range }: CodeActionParams): CodeAction[] {
    const { Analyzer } = this.services.analysis;
    const { findings } = Analyzer.analyse(document);
    const codes = new Set(findings.filter((finding) => isOnLines(finding, range)).map(({ code }) => code));
    return [...codes].flatMap((code) => {
      if (findings.filter((finding) => finding.code === code).length < 2) return [];
      const fixed = fixAllOfKind(document, Analyzer, code);
      if (!fixed || fixed.count < 2) return [];
      const title = `Fix all of this kind (${fixed.count}): ${code}`;
      return [
        { title, kind: CodeActionKind.QuickFix, edit: { changes: { [document.uri.toString()]: [...fixed.edits] } } },
      ];
    });
  }

  private fixAll(document: LangiumDocument): CodeAction[] {
    const fixed = fixAllPlain(document, this.services.analysis.Analyzer);
    if (!fixed) return [];
    const edit = { changes: { [document.uri.toString()]: [...fixed.edits] } };
    return [{ title: 'Fix all that has one way to be fixed', kind: FIX_ALL, edit }];
  }

  private quickFixes(document: LangiumDocument, { range }: CodeActionParams): CodeAction[] {
    const { Analyzer } = this.services.analysis;
    const uri = document.uri.toString();
    const actions: CodeAction[] = [];
    for (const finding of Analyzer.analyse(document).findings) {
      if (!isOnLines(finding, range)) continue;
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

const isOnLines = ({ range: { start, end } }: Finding, range: Range): boolean =>
  end.line >= range.start.line && start.line <= range.end.line;

/** Whether the user asks, rather than the editor by itself. */
const isAsked = ({ context }: CodeActionParams): boolean =>
  context.only !== undefined || context.triggerKind !== CodeActionTriggerKind.Automatic;

/** Which kinds of actions a request is for: `refactor` means `refactor.extract`, too. */
const wantedBy =
  ({ context: { only } }: CodeActionParams) =>
  (kind: string): boolean =>
    only === undefined || only.some((wanted) => wanted === '' || kind === wanted || kind.startsWith(`${wanted}.`));
