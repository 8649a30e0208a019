import {
  Cancellation,
  type DocumentValidator,
  interruptAndCheck,
  type LangiumDocument,
  type ValidationOptions,
} from 'langium';
import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver-types';
import { isFaded } from '../../network/diagnostics.js';
import type { Severity } from '../../network/problem.js';
import { diagnosticPage } from '../features/support/docs-links.js';
import type { Finding } from '../findings/analysis.js';
import type { Analyzer } from '../findings/analyzer.js';

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** Langium's last build phase, here: the findings of the one analysis that every feature shares. */
export class ConvNetValidator implements DocumentValidator {
  constructor(private readonly services: { readonly analysis: { readonly Analyzer: Analyzer } }) {}

  async validateDocument(
    document: LangiumDocument,
    _options?: ValidationOptions,
    cancelToken = Cancellation.CancellationToken.None,
  ): Promise<Diagnostic[]> {
    const { Analyzer } = this.services.analysis;
    await Analyzer.load(document);
    await interruptAndCheck(cancelToken);
    return (await Analyzer.analysed(document)).findings.map(toDiagnostic);
  }
}

export const toDiagnostic = ({ code, severity, message, range, related }: Finding): Diagnostic => ({
  code,
  codeDescription: { href: diagnosticPage(code) },
  severity: severities[severity],
  message,
  range,
  source: 'convnet',
  ...(isFaded(code) && { tags: [DiagnosticTag.Unnecessary] }),
  relatedInformation: related.map(({ uri, range: there, message: text }) => ({
    location: { uri, range: there },
    message: text,
  })),
});
