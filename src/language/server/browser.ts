import { EmptyFileSystem } from 'langium';
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { startServer } from './start.js';

/** What a worker has to say and hear; the page's own types would call it a window. */
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

startServer({
  connection: createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self)),
  ...EmptyFileSystem,
});
