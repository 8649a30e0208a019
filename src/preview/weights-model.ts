import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkReport } from '../language/protocol.js';
import { type TensorHeader, type WeightMismatch, weightMismatches } from '../network/weights-file.js';
import type { EngineClient } from './engine-client.js';
import { send } from './host.js';
import { isSameFile, type NamedFile, wantedFile } from './named-file.js';
import { SEED } from './worker-protocol.js';

/** Weights that the worker has read. */
interface ReadWeights {
  readonly id: string;
  readonly tensors: readonly TensorHeader[];
}

/** Weights that training came to: they are in force for one network of one document, in place of its file's. */
export interface LearnedWeights extends ReadWeights {
  readonly uri: string;
  readonly network: string;
  /** Where in training: `epoch 2`. */
  readonly name: string;
}

/** What is found where a network says that its weights are. */
type Found =
  | ({ readonly type: 'read' } & ReadWeights)
  /** Why not, as a clause. */
  | { readonly type: 'problem'; readonly problem: string };

/** Which weights a network runs with. */
export interface WeightsInForce {
  /** `digits.safetensors`, `random, seed 1` */
  readonly name: string;
  /** How many of its weights are random. */
  readonly random: 'all' | 'some' | 'none';
  /** Why they are not those that the network asks for, in a sentence. */
  readonly problem: string | null;
}

/** The weights of training or of the file that the network on show names, and random ones in their place where there are none. */
export class WeightsModel {
  private readonly wanted: ReadonlySignal<NamedFile | null>;
  private readonly found = signal<(NamedFile & { readonly file: Found }) | null>(null);
  private receipts = 0;
  readonly learned = signal<LearnedWeights | null>(null);

  /** The file to run with; null for random weights, undefined while the file is being read. */
  readonly source: ReadonlySignal<string | null | undefined>;
  /** Null for a network without weights, and while their file is being read. */
  readonly inForce: ReadonlySignal<WeightsInForce | null>;

  constructor(
    private readonly engine: EngineClient,
    uri: ReadonlySignal<string | undefined>,
    shown: ReadonlySignal<NetworkReport | null>,
  ) {
    const path = computed(() => shown.value?.network.weightsFile);
    this.wanted = wantedFile(uri, path, (file) => send({ type: 'readWeights', ...file }));
    const file = computed(() => {
      const [wanted, found] = [this.wanted.value, this.found.value];
      if (!wanted) return null;
      return isSameFile(wanted, found) ? found?.file : undefined;
    });
    const learned = computed(() => {
      const [weights, name] = [this.learned.value, shown.value?.network.name];
      return weights?.uri === uri.value && weights?.network === name ? weights : null;
    });
    this.source = computed(
      () => learned.value?.id ?? (file.value && (file.value.type === 'read' ? file.value.id : null)),
    );
    this.inForce = computed(() => {
      const [report, trained, found] = [shown.value, learned.value, file.value];
      if (!report) return null;
      if (trained) return inForceFor(report, { type: 'read', ...trained }, trained.name);
      return found === undefined ? null : inForceFor(report, found, report.network.weightsFile);
    });
  }

  /** What the extension found in answer to a `readWeights`, or later, when the file has changed. */
  async receive(place: NamedFile, bytes: Uint8Array | null): Promise<void> {
    if (!isSameFile(place, this.wanted.peek())) return;
    const receipt = ++this.receipts;
    const file = bytes
      ? await this.read(bytes)
      : ({ type: 'problem', problem: 'is not there, or outside the workspace' } as const);
    if (receipt === this.receipts && isSameFile(place, this.wanted.peek())) this.found.value = { ...place, file };
  }

  private async read(bytes: Uint8Array): Promise<Found> {
    const answer = await this.engine.ask('readWeights', { bytes, from: 'file' });
    return 'problem' in answer
      ? { type: 'problem', problem: `cannot be read: ${answer.problem}` }
      : { type: 'read', ...answer };
  }
}

const RANDOM = `random, seed ${SEED}`;

function inForceFor(
  { network, facts }: NetworkReport,
  found: Found | null,
  name: string | undefined,
): WeightsInForce | null {
  const weighted = facts.filter(({ weights }) => weights.length > 0).length;
  if (weighted === 0) return null;
  if (!found || name === undefined) return { name: RANDOM, random: 'all', problem: null };
  if (found.type === 'problem') return { name: RANDOM, random: 'all', problem: `${name} ${found.problem}.` };
  const mismatches = weightMismatches({ network, facts }, found.tensors);
  if (mismatches.length === 0) return { name, random: 'none', problem: null };
  const layers = new Set(mismatches.map(({ layer }) => layer)).size;
  const all = layers === weighted;
  return {
    name: all ? RANDOM : name,
    random: all ? 'all' : 'some',
    problem: `${layers} of ${weighted} layers have random weights, for ${name} differs: ${differences(mismatches)}.`,
  };
}

function differences([first, ...others]: readonly WeightMismatch[]): string {
  return `${first?.message}${others.length > 0 ? `, and ${others.length} more differ` : ''}`;
}
