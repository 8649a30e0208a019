import { NodeFileSystem } from 'langium/node';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { FilesBySource } from './files.js';
import { startServer } from './start.js';

const connection = createConnection(ProposedFeatures.all);
const disk = NodeFileSystem.fileSystemProvider();
startServer({ connection, fileSystemProvider: () => new FilesBySource(connection, disk) });
