import {
  commands,
  type Disposable,
  EventEmitter,
  type ExtensionContext,
  l10n,
  languages,
  Range,
  type TextEditor,
  TextEditorRevealType,
  ThemeColor,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import { ExportError, type SourceLine } from '../../formats/format.js';
import type { NetworkReport } from '../../language/protocol.js';
import type { SourceRange } from '../../network/network.js';
import type { NetworkStore } from '../network-store.js';
import { errorOf, exportNetwork, stemOf, type Writer, writers } from './exporting.js';

const SCHEME = 'convnet-export';

/** *Show Export Beside*: the code of a network, following the text as it is typed, line by line. */
export function activateExportBeside(context: ExtensionContext, networks: NetworkStore): void {
  const exports = new LiveExports(networks);
  context.subscriptions.push(
    exports,
    workspace.registerTextDocumentContentProvider(SCHEME, exports),
    commands.registerCommand('convnet.showExportBeside', () => exports.show(window.activeTextEditor)),
  );
}

/** What a document shows. */
interface Shown {
  readonly text: string;
  readonly map: readonly SourceLine[];
  readonly report: NetworkReport;
}

interface Address {
  readonly file: string;
  readonly format: string;
  readonly network: string;
}

const addressOf = (uri: Uri): Address => JSON.parse(uri.query) as Address;

const comments: Readonly<Record<string, string>> = { python: '#', lua: '--' };

class LiveExports implements Disposable {
  private readonly changed = new EventEmitter<Uri>();
  readonly onDidChange = this.changed.event;
  /** The last good export of each document. */
  private readonly shown = new Map<string, Shown>();
  /** Lines that a note above the code takes. */
  private readonly notes = new Map<string, number>();
  private readonly highlight = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor('editor.wordHighlightStrongBackground'),
  });
  private readonly listeners: Disposable[];

  constructor(private readonly networks: NetworkStore) {
    this.listeners = [
      this.changed,
      this.highlight,
      networks.onDidChange((file) => {
        for (const document of workspace.textDocuments)
          if (document.uri.scheme === SCHEME && addressOf(document.uri).file === file) this.changed.fire(document.uri);
      }),
      workspace.onDidCloseTextDocument(({ uri }) => {
        this.shown.delete(uri.toString());
        this.notes.delete(uri.toString());
      }),
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.follow(textEditor)),
    ];
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  async show(editor: TextEditor | undefined): Promise<void> {
    if (editor?.document.languageId !== 'convnet') return;
    const { uri } = editor.document;
    const all = this.networks.get(uri)?.networks ?? [];
    const line = editor.selection.active.line;
    const at = all.find(({ network: { source } }) => source && source.startLine <= line && line <= source.endLine);
    const report = at ?? all[0];
    if (!report) {
      void window.showInformationMessage(l10n.t('There is no network here to export.'));
      return;
    }
    // What is no text is not shown.
    const items = writers
      .filter(({ writes }) => writes.language !== undefined)
      .map((writer) => ({ label: writer.title, description: writer.writes.extension, writer }));
    const picked = await window.showQuickPick(items, { title: l10n.t('Show export beside') });
    if (!picked) return;
    const { name, writes } = picked.writer;
    const address: Address = { file: uri.toString(), format: name, network: report.network.name };
    const target = Uri.from({
      scheme: SCHEME,
      path: `/${stemOf(uri)}${writes.extension}`,
      query: JSON.stringify(address),
    });
    const document = await workspace.openTextDocument(target);
    if (writes.language) await languages.setTextDocumentLanguage(document, writes.language).then(undefined, () => {});
    await window.showTextDocument(document, {
      viewColumn: ViewColumn.Beside,
      preserveFocus: true,
      preview: false,
    });
    this.follow(editor);
  }

  async provideTextDocumentContent(uri: Uri): Promise<string> {
    const { file, format, network } = addressOf(uri);
    const key = uri.toString();
    const writer = writers.find(({ name }) => name === format);
    const report = this.networks.get(Uri.parse(file))?.networks.find((candidate) => candidate.network.name === network);
    const problem = writer && report ? await this.write(key, writer, report, stemOf(Uri.parse(file))) : null;
    const last = this.shown.get(key);
    const note =
      writer === undefined || report === undefined ? l10n.t('There is no network {0} any more.', network) : problem;
    if (note === null) {
      this.notes.set(key, 0);
      return last?.text ?? '';
    }
    const comment = comments[writer?.writes.language ?? ''] ?? '#';
    const lines = (last ? [note, l10n.t('Below is what it last was.'), ''] : [note]).map((text) =>
      `${comment} ${text.replaceAll(/\s*\n\s*/g, ' ')}`.trimEnd(),
    );
    this.notes.set(key, lines.length);
    return [...lines, last?.text ?? ''].join('\n');
  }

  /** Null where it went well, else why there is nothing new to show. */
  private async write(key: string, writer: Writer, report: NetworkReport, stem: string): Promise<string | null> {
    const error = errorOf(report);
    if (error !== null) return l10n.t('The network has errors: {0}', error);
    try {
      const { files, map } = await exportNetwork(report, writer, stem);
      const content = files[0]?.content;
      if (typeof content !== 'string') return l10n.t('{0} is no text', writer.title);
      this.shown.set(key, { text: content, map, report });
      return null;
    } catch (problem) {
      return problem instanceof ExportError ? problem.message : String(problem);
    }
  }

  /** Shows, in the other editor, the lines that belong to the one under the cursor. */
  private follow(editor: TextEditor): void {
    const { document } = editor;
    const { line } = editor.selection.active;
    const isExport = document.uri.scheme === SCHEME;
    if (!isExport && document.languageId !== 'convnet') return;
    for (const other of window.visibleTextEditors) {
      const code = isExport ? editor : other;
      const text = isExport ? other : editor;
      if (other === editor || code.document.uri.scheme !== SCHEME) continue;
      const file = text.document.uri.toString();
      const shown = this.shown.get(code.document.uri.toString());
      if (!shown || (!isExport && addressOf(code.document.uri).file !== file)) continue;
      const above = this.notes.get(code.document.uri.toString()) ?? 0;
      const pairs = shown.map.flatMap((entry) => {
        const source = sourceOf(entry, shown.report);
        return source && sameFile(source.file, file) ? [{ code: entry.line + above, source }] : [];
      });
      const lines = isExport
        ? pairs.filter((pair) => pair.code === line).map(({ source }) => source.startLine)
        : pairs.filter(({ source }) => source.startLine <= line && line <= source.endLine).map((pair) => pair.code);
      const ranges = [...new Set(lines)].sort((a, b) => a - b).map((at) => new Range(at, 0, at, 0));
      other.setDecorations(this.highlight, ranges);
      if (ranges[0]) other.revealRange(ranges[0], TextEditorRevealType.InCenterIfOutsideViewport);
    }
    editor.setDecorations(this.highlight, []);
  }
}

const sourceOf = (entry: SourceLine, { network }: NetworkReport): SourceRange | undefined =>
  'call' in entry ? entry.call : network.layers[entry.layer]?.source;

/** The server and VS Code may spell an address in two ways. */
const sameFile = (a: string, b: string): boolean => a === b || Uri.parse(a).toString() === b;
