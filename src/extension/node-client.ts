/** A module of its own, so that it is split off by its names: it is most of the extension's code. */
export { LanguageClient, TransportKind } from 'vscode-languageclient/node';
