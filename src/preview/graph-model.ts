import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { itemsOf } from '../drawing/items.js';
import { drawNetwork, type Scene } from '../drawing/scene.js';
import type { NetworkReport } from '../language/protocol.js';

/** Larger networks begin with their blocks folded. */
const LAYERS_UNFOLDED = 60;

/** The network as a picture, and which of its blocks are folded. */
export class GraphModel {
  /** What the user folded (true) or unfolded, by group. */
  private readonly chosen = signal<ReadonlyMap<string, boolean>>(new Map());
  readonly scene: ReadonlySignal<Scene | null>;
  readonly hasGroups: ReadonlySignal<boolean>;

  constructor(private readonly report: ReadonlySignal<NetworkReport | null>) {
    this.scene = computed(() => {
      const shown = report.value;
      if (!shown) return null;
      const chosen = this.chosen.value;
      const isLarge = shown.network.layers.length > LAYERS_UNFOLDED;
      return drawNetwork(shown, (key) => chosen.get(key) ?? isLarge);
    });
    this.hasGroups = computed(() =>
      report.value ? itemsOf(report.value.network, () => true).some(({ type }) => type === 'group') : false,
    );
  }

  fold(key: string, isFolded: boolean): void {
    this.chosen.value = new Map(this.chosen.value).set(key, isFolded);
  }

  foldAll(isFolded: boolean): void {
    const keys = new Map<string, boolean>();
    const { network } = this.report.peek() ?? {};
    if (network)
      itemsOf(network, (key) => {
        keys.set(key, isFolded);
        return true;
      });
    this.chosen.value = keys;
  }
}
