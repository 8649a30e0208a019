import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkReport } from '../language/protocol.js';
import type { LayerFacts } from '../network/check.js';
import { diffNetworks, type LayerChange } from '../network/diff.js';
import type { Baselines } from './protocol.js';

/** With which earlier version the network is compared. */
export type Since = keyof Baselines;

/** What has changed in a network. */
export interface Changes {
  readonly since: Since;
  readonly before: NetworkReport;
  readonly after: NetworkReport;
  /** Those that are not the same. */
  readonly layers: readonly LayerChange[];
}

/** What an edit has changed, against the last saved and the last committed version. */
export class ChangesModel {
  private readonly baselines = signal<({ readonly uri: string } & Baselines) | null>(null);
  /** What the user chose; a version that does not differ tells nothing. */
  readonly chosen = signal<Since>('saved');

  private readonly saved: ReadonlySignal<Changes | null>;
  private readonly committed: ReadonlySignal<Changes | null>;
  /** Null where nothing has changed, or nothing earlier is known. */
  readonly current: ReadonlySignal<Changes | null>;
  /** The versions from which the network differs. */
  readonly choices: ReadonlySignal<readonly Since[]>;
  /** The facts of each layer that has changed as they were, by its name now; those that are new have none. */
  private readonly factsBefore: ReadonlySignal<ReadonlyMap<string, LayerFacts>>;

  constructor(uri: ReadonlySignal<string | undefined>, current: ReadonlySignal<NetworkReport | null>) {
    const since = (version: Since) =>
      computed(() => {
        const [baselines, report] = [this.baselines.value, current.value];
        const networks = baselines?.uri === uri.value ? baselines?.[version] : null;
        return networks && report ? changesBetween(networks, report, version) : null;
      });
    this.saved = since('saved');
    this.committed = since('committed');
    this.choices = computed(() => [this.saved.value, this.committed.value].flatMap((changes) => changes?.since ?? []));
    this.current = computed(() => {
      const [saved, committed] = [this.saved.value, this.committed.value];
      return this.chosen.value === 'saved' ? (saved ?? committed) : (committed ?? saved);
    });
    this.factsBefore = computed(() => {
      const changes = this.current.value;
      const known = new Map<string, LayerFacts>();
      for (const { before, after } of changes?.layers ?? []) {
        const facts = before === null ? undefined : changes?.before.facts[before];
        const name = after === null ? undefined : changes?.after.network.layers[after]?.name;
        if (facts && name !== undefined) known.set(name, facts);
      }
      return known;
    });
  }

  receive(baselines: { readonly uri: string } & Baselines): void {
    this.baselines.value = baselines;
  }

  /** What was known of a layer before the change; undefined where it is new, or as it was. */
  before(layer: string): LayerFacts | undefined {
    return this.factsBefore.value.get(layer);
  }
}

function changesBetween(networks: readonly NetworkReport[], after: NetworkReport, since: Since): Changes | null {
  const alone = networks.length === 1 ? networks[0] : undefined;
  const before = networks.find(({ network }) => network.name === after.network.name) ?? alone;
  if (!before || before === after) return null;
  const diff = diffNetworks(before, after);
  return diff.differs ? { since, before, after, layers: diff.layers.filter(({ change }) => change !== 'same') } : null;
}
