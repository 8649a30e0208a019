import type { LangiumSharedServices } from 'langium/lsp';
import { codes, type DiagnosticCode } from '../../network/diagnostics.js';
import type { Severity } from '../../network/problem.js';
import type { Analyzer } from '../findings/analyzer.js';
import type { CheckOptions } from '../findings/options.js';

const SECTION = 'convnet';
const levels: readonly string[] = ['error', 'warning', 'information', 'hint', 'off'];

/** Keeps the analyzer's settings those of the editor, and checks every document anew when they change. */
export function followSettings(shared: LangiumSharedServices, analyzer: Analyzer): void {
  const { ConfigurationProvider, DocumentBuilder, LangiumDocuments } = shared.workspace;
  const read = async () => {
    analyzer.settings = {
      severities: severitiesOf(await ConfigurationProvider.getConfiguration(SECTION, 'severity')),
      budgets: budgetsOf(await ConfigurationProvider.getConfiguration(SECTION, 'budget')),
    };
  };
  const apply = async () => {
    await read();
    await shared.workspace.WorkspaceLock.write((token) =>
      DocumentBuilder.update(LangiumDocuments.all.map(({ uri }) => uri).toArray(), [], token),
    );
  };
  void ConfigurationProvider.ready.then(apply);
  ConfigurationProvider.onConfigurationSectionUpdate(({ section }) => {
    if (section === SECTION) void apply();
  });
}

/** Only what is a code and a severity counts: settings are written by hand. */
function severitiesOf(setting: unknown): NonNullable<CheckOptions['severities']> {
  const entries = typeof setting === 'object' && setting !== null ? Object.entries(setting) : [];
  return Object.fromEntries(
    entries.filter(([code, level]) => Object.hasOwn(codes, code) && levels.includes(level)),
  ) as Partial<Record<DiagnosticCode, Severity | 'off'>>;
}

/** In the settings memory is in megabytes and MACs in millions; 0 is no budget. */
function budgetsOf(setting: unknown): NonNullable<CheckOptions['budgets']> {
  const { memory, macs } = (setting ?? {}) as { readonly memory?: unknown; readonly macs?: unknown };
  const scaled = (value: unknown, scale: number) =>
    typeof value === 'number' && value > 0 ? value * scale : undefined;
  return { memoryBytes: scaled(memory, 1e6), macs: scaled(macs, 1e6) };
}
