import { Cancellation, interruptAndCheck, type LangiumDocument } from 'langium';
import type { CodeActionProvider } from 'langium/lsp';
import type { CodeActionParams } from 'vscode-languageserver';
import {
  type CodeAction,
  CodeActionKind,
  CodeActionTriggerKind,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-types';
import type { Steps } from '../../network/check.js';
import type { Analysis, Finding } from '../findings/analysis.js';
import { fixAllOfKind, fixAllPlain } from '../findings/fix-all.js';
import { refactoringsAt } from '../refactor/index.js';
import { toDiagnostic } from '../server/validator.js';
import { analysisOf, type FeatureServices } from './feature.js';

/** `source.fixAll` with a name of its own, so that a user can switch it on for saving without that of others. */
const FIX_ALL = `${CodeActionKind.SourceFixAll}.convnet`;

/** Quick fixes of the findings under the cursor and refactorings; each was tried and works. */
export class ConvNetCodeActions implements CodeActionProvider {
  constructor(private readonly services: FeatureServices) {}

  async getCodeActions(
    document: LangiumDocument,
    params: CodeActionParams,
    token = Cancellation.CancellationToken.None,
  ): Promise<CodeAction[]> {
    const steps = this.actions(document, params, await analysisOf(this.services, document));
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
      await interruptAndCheck(token);
    }
  }

  /** Each fix and refactoring is tried on the whole file, a step each. */
  private *actions(document: LangiumDocument, params: CodeActionParams, analysis: Analysis): Steps<CodeAction[]> {
    const isWanted = wantedBy(params);
    const actions: CodeAction[] = [];
    if (isWanted(CodeActionKind.QuickFix)) actions.push(...(yield* this.quickFixes(document, params)));
    // Not at every move of the cursor.
    if (isAsked(params)) {
      const analyzer = this.services.analysis.Analyzer;
      if (isWanted(CodeActionKind.QuickFix)) actions.push(...(yield* this.kindFixes(document, params)));
      if (params.context.only && isWanted(FIX_ALL)) actions.push(...(yield* this.fixAll(document)));
      actions.push(...(yield* refactoringsAt({ document, analysis, analyzer }, params.range, isWanted)));
    }
    return actions;
  }

  private *quickFixes(document: LangiumDocument, { range }: CodeActionParams): Steps<CodeAction[]> {
    const { Analyzer } = this.services.analysis;
    const actions: CodeAction[] = [];
    for (const finding of Analyzer.analyse(document).findings) {
      if (!isOnLines(finding, range)) continue;
      let isPreferred = true;
      for (const fix of finding.fixes()) {
        yield;
        if (!Analyzer.isVerified(document, finding, fix)) continue;
        const { title, edits } = fix;
        const kind = CodeActionKind.QuickFix;
        actions.push({ title, kind, diagnostics: [toDiagnostic(finding)], isPreferred, edit: edit(document, edits) });
        isPreferred = false;
      }
    }
    return actions;
  }

  /** For each code under the cursor that is found elsewhere, too: all of them at once. */
  private *kindFixes(document: LangiumDocument, { range }: CodeActionParams): Steps<CodeAction[]> {
    const { Analyzer } = this.services.analysis;
    const { findings } = Analyzer.analyse(document);
    const actions: CodeAction[] = [];
    for (const code of new Set(findings.filter((finding) => isOnLines(finding, range)).map(({ code }) => code))) {
      if (findings.filter((finding) => finding.code === code).length < 2) continue;
      yield;
      const fixed = yield* fixAllOfKind(document, Analyzer, code);
      if (!fixed || fixed.count < 2) continue;
      const title = `Fix all of this kind (${fixed.count}): ${code}`;
      actions.push({ title, kind: CodeActionKind.QuickFix, edit: edit(document, fixed.edits) });
    }
    return actions;
  }

  private *fixAll(document: LangiumDocument): Steps<CodeAction[]> {
    const fixed = yield* fixAllPlain(document, this.services.analysis.Analyzer);
    if (!fixed) return [];
    return [{ title: 'Fix all that has one way to be fixed', kind: FIX_ALL, edit: edit(document, fixed.edits) }];
  }
}

const edit = ({ uri }: LangiumDocument, edits: readonly TextEdit[]): WorkspaceEdit => ({
  changes: { [uri.toString()]: [...edits] },
});

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
