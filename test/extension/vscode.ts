// What the tests of the extension's plain parts need of the `vscode` module, which exists inside VS Code only.
export { CancellationTokenSource } from 'vscode-languageserver';

export class CancellationError extends Error {}

export const l10n = {
  t: (text: string, ...values: readonly unknown[]): string =>
    text.replace(/\{(\d+)\}/g, (_, index) => String(values[index])),
};
