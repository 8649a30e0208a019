import { DefaultWorkspaceManager, type LangiumDocument, type Stream, type URI } from 'langium';

/** Reads the files of the open folders at the start; one that cannot be read is left out, and harms no other. */
export class ConvNetWorkspace extends DefaultWorkspaceManager {
  protected override async traverseFolder(folder: URI, uris: URI[]): Promise<void> {
    await super.traverseFolder(folder, uris).catch(() => {});
  }

  protected override async loadWorkspaceDocuments(
    uris: Stream<URI>,
    collector: (document: LangiumDocument) => void,
  ): Promise<void> {
    await Promise.all(
      uris.map(async (uri) => {
        const document = await this.langiumDocuments.getOrCreateDocument(uri).catch(() => undefined);
        if (document) collector(document);
      }),
    );
  }
}
