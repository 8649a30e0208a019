import {
  type CodeAction,
  CodeActionKind,
  commands,
  type Disposable,
  type ExtensionContext,
  l10n,
  MarkdownString,
  type QuickPickItem,
  QuickPickItemKind,
  StatusBarAlignment,
  type TextEditor,
  window,
  workspace,
} from 'vscode';
import { type NetworkReport, PREVIEW_COMMAND } from '../language/protocol.js';
import { formatBytes, formatMacs, grouped } from '../network/arithmetic.js';
import { rulesOf } from '../network/frameworks.js';
import { formatShape } from '../network/shape.js';
import { networkAt } from '../preview/place.js';
import { isConvNet, placeOf } from './documents.js';
import type { NetworkStore } from './network-store.js';
import { countErrors, parameters, totalsText } from './network-view/nodes.js';
import { rangeOf, reveal } from './reveal.js';

const COMMAND = 'convnet.showNetworkActions';

/** The totals of the network at the cursor and whose rules it follows; a click tells more and what can be done. */
export function activateStatusBar(context: ExtensionContext, networks: NetworkStore): void {
  const bar = new NetworkStatus(networks);
  context.subscriptions.push(
    bar,
    commands.registerCommand(COMMAND, () => bar.showActions()),
    commands.registerCommand('convnet.changeFramework', () => bar.changeFramework()),
  );
}

class NetworkStatus implements Disposable {
  private readonly item = window.createStatusBarItem('convnet.network', StatusBarAlignment.Right, 110);
  private readonly subscriptions: readonly Disposable[];

  constructor(private readonly networks: NetworkStore) {
    this.item.name = l10n.t('ConvNet network');
    this.item.command = COMMAND;
    this.subscriptions = [
      this.item,
      window.onDidChangeActiveTextEditor(() => this.update()),
      window.onDidChangeTextEditorSelection(() => this.update()),
      networks.onDidChange(() => this.update()),
    ];
    this.update();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  async showActions(): Promise<void> {
    const editor = window.activeTextEditor;
    const report = editor && this.networkAt(editor);
    if (!report) {
      void window.showInformationMessage(l10n.t('There is no network at the cursor.'));
      return;
    }
    const picked = await window.showQuickPick([...actions(), ...details(report)], {
      title: report.network.name,
      placeHolder: l10n.t('What the network costs, and what can be done with it'),
    });
    if (picked?.command) await commands.executeCommand(picked.command);
    else if (picked && report.network.source) await reveal(report.network.source, { focus: true });
  }

  async changeFramework(): Promise<void> {
    const editor = window.activeTextEditor;
    const source = editor && this.networkAt(editor)?.network.source;
    if (!source) {
      void window.showInformationMessage(l10n.t('There is no network at the cursor.'));
      return;
    }
    const found = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      editor.document.uri,
      rangeOf({ ...source, endLine: source.startLine, endCharacter: source.startCharacter }),
      CodeActionKind.RefactorRewrite.append('framework').value,
      // How many are worked out at once.
      20,
    );
    const items = found.map((action) => ({ label: action.title, action }));
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Change Framework'),
      placeHolder: l10n.t('Whose rules the network follows; each choice keeps the sizes that are known'),
    });
    if (picked?.action.edit) await workspace.applyEdit(picked.action.edit);
  }

  private networkAt(editor: TextEditor): NetworkReport | undefined {
    if (!isConvNet(editor.document)) return undefined;
    const reports = this.networks.get(editor.document.uri)?.networks ?? [];
    return networkAt(reports, placeOf(editor)) ?? reports[0];
  }

  private update(): void {
    const editor = window.activeTextEditor;
    const report = editor && this.networkAt(editor);
    if (!report) {
      this.item.hide();
      return;
    }
    const { network, totals, messages } = report;
    const errors = messages.filter(({ severity }) => severity === 'error').length;
    const { title } = rulesOf(network.framework);
    this.item.text = `$(${errors > 0 ? 'error' : 'layers'}) ${network.name}: ${totalsText(totals)} · ${title}`;
    this.item.tooltip = new MarkdownString(
      [`**${network.name}**`, ...facts(report).map(({ label, description }) => `${label} ${description}`)].join('\n\n'),
    );
    this.item.show();
  }
}

interface Choice extends QuickPickItem {
  readonly command?: string;
}

const unknown = (): string => l10n.t('unknown');

function facts({ network, totals, facts, messages }: NetworkReport): readonly { label: string; description: string }[] {
  const [input, output] = [facts[0]?.output, facts.at(-1)?.output];
  const errors = messages.filter(({ severity }) => severity === 'error').length;
  const frozen = totals.frozenParams ? l10n.t(', {0} of them frozen', grouped(totals.frozenParams)) : '';
  return [
    ...(errors > 0 ? [{ label: countErrors(errors), description: l10n.t('see the Problems view') }] : []),
    {
      label: l10n.t('From input to output'),
      description: `${input ? formatShape(input) : unknown()} → ${output ? formatShape(output) : unknown()}`,
    },
    { label: l10n.t('Layers'), description: grouped(network.layers.length) },
    {
      label: l10n.t('To be learned'),
      description: totals.params === null ? unknown() : `${parameters(totals.params)}${frozen}`,
    },
    { label: l10n.t('For one picture'), description: totals.macs === null ? unknown() : formatMacs(totals.macs) },
    {
      label: l10n.t('Activations'),
      description: totals.activationBytes === null ? unknown() : formatBytes(totals.activationBytes),
    },
    { label: l10n.t('Rules'), description: rulesOf(network.framework).title },
  ];
}

const details = (report: NetworkReport): readonly Choice[] => [
  { label: l10n.t('Totals'), kind: QuickPickItemKind.Separator },
  ...facts(report),
];

const actions = (): readonly Choice[] => [
  { label: `$(open-preview) ${l10n.t('Open Preview')}`, command: PREVIEW_COMMAND },
  { label: `$(symbol-ruler) ${l10n.t('Change Framework…')}`, command: 'convnet.changeFramework' },
  { label: `$(list-tree) ${l10n.t('Show in the Network View')}`, command: 'convnet.network.focus' },
];
