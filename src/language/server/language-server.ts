import { DefaultLanguageServer } from 'langium/lsp';
import {
  CodeActionKind,
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
} from 'vscode-languageserver';

/** Tells the client what the server can do beyond what Langium knows of. */
export class ConvNetLanguageServer extends DefaultLanguageServer {
  protected override buildInitializeResult(params: InitializeParams): InitializeResult {
    const result = super.buildInitializeResult(params);
    const codeActionKinds = [
      CodeActionKind.QuickFix,
      CodeActionKind.Refactor,
      `${CodeActionKind.SourceFixAll}.convnet`,
    ];
    return {
      ...result,
      capabilities: {
        ...result.capabilities,
        codeActionProvider: { codeActionKinds },
        // Sizes that changed are marked until the next save.
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        selectionRangeProvider: true,
      },
    };
  }
}
