import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { ClientFiles } from './files.js';
import { startServer } from './start.js';

/** What a worker has to say and hear; the page's own types would call it a window. */
declare const self: ConstructorParameters<typeof BrowserMessageReader>[0];

const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
startServer({ connection, fileSystemProvider: () => new ClientFiles(connection) });
