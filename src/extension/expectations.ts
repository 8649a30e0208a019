import {
  type CancellationToken,
  type Disposable,
  type ExtensionContext,
  l10n,
  type TestController,
  type TestItem,
  type TestItemCollection,
  TestMessage,
  type TestRun,
  TestRunProfileKind,
  type TestRunRequest,
  tests,
  Uri,
  workspace,
} from 'vscode';
import {
  CHECK_REQUEST,
  type ExpectationReport,
  type NetworkReport,
  type NetworksMessage,
} from '../language/protocol.js';
import type { LanguageServer } from './language-client.js';
import type { NetworkStore } from './network-store.js';
import { rangeOf } from './reveal.js';

/** More files than this are tested when they are opened. */
const MOST_FILES = 2000;
const PATTERN = '**/*.convnet';

/** Every `expect` of the workspace in the Test Explorer, grouped by file and network; running one asks the language server. */
export function activateExpectations(context: ExtensionContext, networks: NetworkStore, server: LanguageServer): void {
  context.subscriptions.push(new ExpectationTests(networks, server));
}

class ExpectationTests implements Disposable {
  private readonly controller: TestController;
  private readonly subscriptions: readonly Disposable[];
  /** What is known of each item that stands for a line. */
  private readonly reports = new WeakMap<TestItem, ExpectationReport>();

  constructor(
    private readonly networks: NetworkStore,
    private readonly server: LanguageServer,
  ) {
    this.controller = tests.createTestController('convnet.expectations', l10n.t('ConvNet Expectations'));
    this.controller.resolveHandler = (item) => (item ? this.check(item) : this.discover());
    this.controller.refreshHandler = () => this.discover();
    const run = (request: TestRunRequest, token: CancellationToken) => this.run(request, token);
    this.controller.createRunProfile(l10n.t('Check'), TestRunProfileKind.Run, run, true, undefined, true);
    const watcher = workspace.createFileSystemWatcher(PATTERN);
    this.subscriptions = [
      this.controller,
      watcher,
      watcher.onDidCreate((uri) => this.read(uri)),
      watcher.onDidChange((uri) => this.read(uri)),
      watcher.onDidDelete((uri) => this.controller.items.delete(uri.toString())),
      networks.onDidChange((uri) => this.update(Uri.parse(uri), networks.get(Uri.parse(uri)))),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  // — Finding —

  private async discover(): Promise<void> {
    const files = await workspace.findFiles(PATTERN, undefined, MOST_FILES);
    await Promise.all(files.map((uri) => this.read(uri)));
  }

  /** A file that expects nothing is no test. One that is open is known already, as it is in the editor. */
  private async read(uri: Uri): Promise<void> {
    if (this.networks.get(uri)) return;
    const bytes = await workspace.fs.readFile(uri).then(undefined, () => undefined);
    const expects = bytes && /\bexpect\b/.test(new TextDecoder().decode(bytes));
    if (!expects) this.controller.items.delete(uri.toString());
    else if (this.fileItem(uri).children.size > 0) await this.check(this.fileItem(uri));
  }

  private fileItem(uri: Uri): TestItem {
    const known = this.controller.items.get(uri.toString());
    if (known) return known;
    const item = this.controller.createTestItem(uri.toString(), workspace.asRelativePath(uri), uri);
    item.canResolveChildren = true;
    this.controller.items.add(item);
    return item;
  }

  /** Asks the server about a file, which need not be open. */
  private async check({ uri }: TestItem): Promise<void> {
    if (!uri) return;
    const message = await this.server.ask<NetworksMessage | null>(CHECK_REQUEST, uri.toString());
    if (message) this.update(uri, message);
  }

  private update(uri: Uri, message: NetworksMessage | undefined): void {
    const expecting = (message?.networks ?? []).filter(({ expectations }) => expectations.length > 0);
    if (expecting.length === 0) {
      this.controller.items.delete(uri.toString());
      return;
    }
    const file = this.fileItem(uri);
    const items = expecting.map((report, index) => this.networkItem(file, uri, report, index));
    file.children.replace(items);
  }

  private networkItem(file: TestItem, uri: Uri, { network, expectations }: NetworkReport, index: number): TestItem {
    const item = this.item(file.children, `${index}:${network.name}`, network.name, uri);
    if (network.source) item.range = rangeOf({ ...network.source, endLine: network.source.startLine });
    item.sortText = String(index).padStart(6, '0');
    const seen = new Map<string, number>();
    const lines = expectations.map((expectation) => {
      const { text, layer, range } = expectation;
      // The same words may stand in several lines; a line that moves stays the same test.
      const label = layer === null ? text : `${layer}: ${text}`;
      const count = seen.get(label) ?? 0;
      seen.set(label, count + 1);
      const line = this.item(item.children, `${label}#${count}`, label, Uri.parse(range.file));
      line.range = rangeOf(range);
      line.sortText = String(range.startLine).padStart(8, '0');
      line.description = l10n.t('line {0}', range.startLine + 1);
      this.reports.set(line, expectation);
      return line;
    });
    item.children.replace(lines);
    return item;
  }

  /** The one there is, so that it keeps its result. */
  private item(among: TestItemCollection, id: string, label: string, uri: Uri): TestItem {
    return among.get(id) ?? this.controller.createTestItem(id, label, uri);
  }

  // — Running —

  private async run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    if (!request.continuous) return this.runOnce(request, token);
    // From now on with every check of an open file.
    const following = this.networks.onDidChange((uri) => {
      const files = this.filesOf(request).filter((file) => file.id === uri);
      if (files.length > 0) void this.runOnce(request, token, files);
    });
    token.onCancellationRequested(() => following.dispose());
  }

  private async runOnce(request: TestRunRequest, token: CancellationToken, only?: readonly TestItem[]): Promise<void> {
    const run = this.controller.createTestRun(request);
    try {
      for (const file of only ?? this.filesOf(request)) {
        if (token.isCancellationRequested) break;
        // The lines that were asked for, by their names: checking makes the file's items anew.
        const wanted = request.include?.filter((item) => fileOf(item) === file);
        await this.check(file);
        for (const line of linesOf(file))
          if (isWithin(line, wanted) && !(request.exclude && isWithin(line, request.exclude))) this.report(run, line);
      }
    } finally {
      run.end();
    }
  }

  private filesOf({ include }: TestRunRequest): readonly TestItem[] {
    if (!include) return [...this.controller.items].map(([, item]) => item);
    return [...new Set(include.map(fileOf))];
  }

  private report(run: TestRun, line: TestItem): void {
    const expectation = this.reports.get(line);
    if (!expectation) return;
    run.started(line);
    const { holds, text, found, message, range } = expectation;
    const mark = holds === null ? '?' : holds ? '✓' : '✗';
    run.appendOutput(`${mark} ${line.label}${message ? `  ${message}` : ''}\r\n`, undefined, line);
    if (holds) run.passed(line);
    else if (holds === null)
      run.errored(line, new TestMessage(l10n.t('Not known: an error above leaves it open. See the Problems view.')));
    else {
      const expected = text.replace(/^expect(?:\s+[a-z]+)*\s*/, '');
      const failure =
        found === null ? new TestMessage(message ?? text) : TestMessage.diff(message ?? text, expected, found);
      failure.location = { uri: Uri.parse(range.file), range: rangeOf(range) };
      run.failed(line, failure);
    }
  }
}

function fileOf(item: TestItem): TestItem {
  let file = item;
  while (file.parent) file = file.parent;
  return file;
}

const linesOf = (item: TestItem): readonly TestItem[] =>
  item.parent?.parent ? [item] : [...item.children].flatMap(([, child]) => linesOf(child));

/** Whether an item is one of these, or inside one. Undefined are all. */
function isWithin(item: TestItem, items: readonly TestItem[] | undefined): boolean {
  if (!items) return true;
  for (let at: TestItem | undefined = item; at; at = at.parent) {
    const { id, parent } = at;
    if (items.some((other) => other.id === id && other.parent?.id === parent?.id)) return true;
  }
  return false;
}
