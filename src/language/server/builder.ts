import {
  Cancellation,
  DefaultDocumentBuilder,
  type DocumentState,
  interruptAndCheck,
  type LangiumDocument,
} from 'langium';

/**
 * Langium's builder, whose listeners hear of everything. Langium 4.2.1 leaves them out where a build is cancelled just
 * then, or where it finds nothing to build: diagnostics would not be told, and requests wait without end.
 */
export class ConvNetDocumentBuilder extends DefaultDocumentBuilder {
  /** The next build does not do again what is done. */
  protected override notifyDocumentPhase(document: LangiumDocument, state: DocumentState): Promise<void> {
    return super.notifyDocumentPhase(document, state, Cancellation.CancellationToken.None);
  }

  protected override async notifyBuildPhase(
    documents: LangiumDocument[],
    state: DocumentState,
    cancelToken: Cancellation.CancellationToken,
  ): Promise<void> {
    for (const listener of [...this.buildPhaseListeners.get(state)]) {
      await interruptAndCheck(cancelToken);
      await listener(documents, cancelToken);
    }
  }
}
