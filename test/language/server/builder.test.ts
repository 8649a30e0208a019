import { Cancellation, DocumentState, EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import { expect, test } from 'vitest';
import { createServerServices } from '../../../src/language/server/services.js';

function setUp() {
  const { shared } = createServerServices(EmptyFileSystem);
  const { DocumentBuilder, LangiumDocumentFactory, LangiumDocuments } = shared.workspace;
  const add = (name: string): LangiumDocument => {
    const document = LangiumDocumentFactory.fromString(
      'network N { input 8x8x1 }',
      URI.parse(`file:///${name}.convnet`),
    );
    LangiumDocuments.addDocument(document);
    return document;
  };
  return { builder: DocumentBuilder, add };
}

test('a document that was checked is told of, also where the build is cancelled just then', async () => {
  const { builder, add } = setUp();
  const [first, second] = [add('first'), add('second')];
  const source = new Cancellation.CancellationTokenSource();
  builder.onDocumentPhase(DocumentState.Validated, () => source.cancel());
  const told: string[] = [];
  builder.onDocumentPhase(DocumentState.Validated, ({ uri }) => void told.push(uri.path));
  const build = builder.build([first, second], { validation: true }, source.token);
  await expect(build, 'it is cancelled').rejects.toBeDefined();
  await builder.update([], []);
  expect(told).toEqual(['/first.convnet', '/second.convnet']);
});

test('who waits while nothing is there to be built hears that it is done', async () => {
  const { builder, add } = setUp();
  await builder.build([add('only')], { validation: true });
  const update = builder.update([], []);
  await builder.waitUntil(DocumentState.IndexedReferences);
  await update;
});
