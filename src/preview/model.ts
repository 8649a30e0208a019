import { batch, computed, effect, type Signal, signal } from '@preact/signals';
import type { NetworkMessage, NetworkReport } from '../language/protocol.js';
import type { SourceRange } from '../network/network.js';
import { ChangesModel } from './changes-model.js';
import type { Scheme } from './colours.js';
import { EngineClient, type RunReport } from './engine-client.js';
import { GraphModel } from './graph-model.js';
import { loadState, onMessage, saveState, send } from './host.js';
import { LabelsModel } from './labels-model.js';
import type { Order } from './order.js';
import { PictureModel } from './picture-model.js';
import { layerAt, networkAt } from './place.js';
import type { FollowedDocument, HostMessage, PanelSettings, Place } from './protocol.js';
import type { Contrast } from './raster.js';
import { signatureOf } from './signature.js';
import { TrainModel } from './train/model.js';
import type { UnitOf } from './unit/unit.js';
import { UnitModel } from './unit/unit-model.js';
import type { View } from './views.js';
import { WantedViews } from './wanted.js';
import { WeightsModel } from './weights-model.js';
import type { LayerOutput } from './worker-protocol.js';

export type RunState =
  | { readonly type: 'idle' }
  | { readonly type: 'running'; readonly layer: string; readonly fraction: number }
  | { readonly type: 'done'; readonly milliseconds: number }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly message: string };

/** Errors with which a network runs: a false `expect` is the text's affair, and random weights stand in for a file's. */
const harmless: ReadonlySet<string> = new Set(['expectation-failed', 'weights-differ', 'weights-unreadable']);

const keepsFromRunning = ({ severity, code }: NetworkMessage): boolean => severity === 'error' && !harmless.has(code);

/** What is shown, and what makes it change. Components read the signals and call the methods. */
export class PreviewModel {
  /** Undefined until the extension has spoken. */
  readonly document = signal<FollowedDocument | null | undefined>(undefined);
  readonly settings = signal<PanelSettings>({ followCursor: true, memoryLimit: 2 ** 31 });
  readonly contrast = signal<Contrast>('layer');
  readonly view = signal<View>('layers');
  readonly order = signal<Order>('number');
  readonly scheme = signal<Scheme>('dark');
  /** The layer whose close-up is open. */
  readonly picked = signal<string | null>(null);
  readonly run = signal<RunState>({ type: 'idle' });
  /** How many runs were completed. */
  readonly runs = signal(0);
  /** The network that is on show: the last one without errors, or the current one if there was none. */
  readonly shown = signal<NetworkReport | null>(null);

  private readonly isLocked = signal(false);
  private readonly cursor = signal<Place | null>(null);
  /** The network the user looks at in a file that has several. */
  private readonly chosen = signal<string | null>(null);

  /** The network as it is in the text now. */
  readonly current = computed<NetworkReport | null>(() => {
    const networks = this.document.value?.networks;
    return networks?.find(({ network }) => network.name === this.chosen.value) ?? networks?.[0] ?? null;
  });
  /** What keeps the current network from running. */
  readonly errors = computed<readonly NetworkMessage[]>(
    () => this.current.value?.messages.filter(keepsFromRunning) ?? [],
  );
  /** The name of the layer the cursor is in. */
  readonly cursorLayer = computed<string | null>(() => {
    const [report, place] = [this.current.value, this.cursor.value];
    return (report && place && layerAt(report, place)) ?? null;
  });
  readonly state = computed<'empty' | 'running' | 'ready' | 'error'>(() => {
    if (!this.shown.value) return 'empty';
    if (this.errors.value.length > 0 || !this.current.value || this.run.value.type === 'failed') return 'error';
    return this.run.value.type === 'running' ? 'running' : 'ready';
  });

  /** The pictures are those of an earlier text. By itself, for a long list is not to be drawn anew when a run begins and ends. */
  readonly isOutdated = computed(() => this.state.value === 'error');

  readonly engine: EngineClient;
  readonly pictures: PictureModel;
  readonly weights: WeightsModel;
  readonly labels: LabelsModel;
  readonly changes: ChangesModel;
  readonly units: UnitModel;
  readonly train: TrainModel;
  readonly graph = new GraphModel(this.shown);
  readonly wanted = new WantedViews();

  private readonly outputs = new Map<string, Signal<LayerOutput | null>>();
  /** What ran last, or runs now: the same is not run again. */
  private ran = '';
  private runNumber = 0;

  /** The addresses of the workers' scripts. */
  constructor(workerScript: string, trainingScript: string) {
    this.engine = new EngineClient(
      workerScript,
      (report) => this.receiveRun(report),
      (message) => {
        this.run.value = { type: 'failed', message: `The engine stopped: ${message}` };
      },
    );
    const saved = loadState();
    this.picked.value = saved.picked ?? null;
    this.contrast.value = saved.contrast ?? 'layer';
    this.order.value = saved.order ?? 'number';
    this.view.value = saved.view ?? 'layers';
    const isRunning = computed(() => this.run.value.type === 'running');
    const uri = computed(() => this.document.value?.uri);
    this.pictures = new PictureModel(this.engine, saved, uri, this.current, isRunning);
    this.weights = new WeightsModel(this.engine, uri, this.shown);
    this.labels = new LabelsModel(uri, this.shown);
    this.train = new TrainModel(trainingScript, {
      engine: this.engine,
      weights: this.weights,
      labels: this.labels,
      uri,
      shown: this.shown,
      hasErrors: computed(() => this.errors.value.length > 0 || !this.current.value),
      isRunning,
      memoryLimit: computed(() => this.settings.value.memoryLimit),
    });
    this.changes = new ChangesModel(uri, this.current);
    this.units = new UnitModel(this.engine, (layer) => this.output(layer), saved.unit ?? null);
    onMessage((message) => this.receive(message));
    effect(() => this.update());
    effect(() => this.save());
    send({ type: 'ready' });
  }

  /** The latest output of a layer, by its name; it outlives edits, so that a strip keeps its maps until new ones are there. */
  output(layer: string): Signal<LayerOutput | null> {
    let output = this.outputs.get(layer);
    if (!output) {
      output = signal(null);
      this.outputs.set(layer, output);
    }
    return output;
  }

  chooseNetwork(name: string): void {
    this.chosen.value = name;
    const source = this.current.value?.network.source;
    if (source) send({ type: 'reveal', range: source, focus: false });
  }

  /** Opens the close-up of a layer, or closes it, and moves the cursor to its line. */
  pick(layer: string): void {
    const opens = this.picked.value !== layer;
    this.picked.value = opens ? layer : null;
    const source = this.current.value?.network.layers.find(({ name }) => name === layer)?.source;
    if (opens && source) send({ type: 'reveal', range: source, focus: false });
  }

  /** Opens the neuron view of a unit, in its layer's close-up. */
  look(unit: UnitOf): void {
    if (this.picked.value !== unit.layer) this.pick(unit.layer);
    this.units.look(unit);
  }

  /** Goes to a layer in the list, its close-up open. */
  showLayer(layer: string): void {
    this.view.value = 'layers';
    if (this.picked.value !== layer) this.pick(layer);
  }

  /** Writes another value of a layer's attribute into the text. */
  setAttribute(layer: string, attribute: string, value: string, begins: boolean): void {
    const [uri, network] = [this.document.value?.uri, this.current.value?.network.name];
    if (uri !== undefined && network !== undefined)
      send({ type: 'setAttribute', uri, network, layer, attribute, value, begins });
  }

  reveal(range: SourceRange): void {
    send({ type: 'reveal', range, focus: true });
  }

  cancel(): void {
    this.engine.send({ type: 'cancel' });
  }

  /** Runs again what was cancelled or failed. */
  retry(): void {
    this.ran = '';
    this.update();
  }

  private receive(message: HostMessage): void {
    switch (message.type) {
      case 'document':
        batch(() => {
          this.isLocked.value = message.isLocked;
          this.receiveDocument(message.document);
        });
        break;
      case 'cursor':
        batch(() => this.receiveCursor(message.place));
        break;
      case 'settings':
        this.settings.value = message.settings;
        break;
      case 'picture':
        void this.pictures.receive(message, message.bytes);
        break;
      case 'weights':
        void this.weights.receive(message, message.bytes);
        break;
      case 'baselines':
        this.changes.receive(message);
        break;
      case 'labels':
        this.labels.receive(message, message.text);
        break;
      case 'data':
        this.train.receiveData(message.id, message.answer);
        break;
      case 'train':
        this.chooseTrainable();
        this.train.startSoon();
    }
  }

  /** The network that is to be trained, where the one in view does not say how it learns. */
  private chooseTrainable(): void {
    if (this.current.value?.network.training) return;
    const other = this.document.value?.networks?.find(({ network }) => network.training);
    if (other) this.chosen.value = other.network.name;
  }

  private receiveCursor(place: Place): void {
    this.cursor.value = place;
    const around = networkAt(this.document.value?.networks ?? [], place);
    if (around) this.chosen.value = around.network.name;
  }

  private receiveDocument(document: FollowedDocument | null): void {
    if (document?.uri !== this.document.value?.uri) {
      this.cursor.value = null;
      this.chosen.value = null;
      this.shown.value = null;
      this.forget();
    }
    this.document.value = document;
  }

  /** Runs the network when it, the picture, the weights or the memory it may take is not what ran last. */
  private update(): void {
    const report = this.reportToRun();
    const picture = this.pictures.source.value;
    const weights = this.weights.source.value;
    const { memoryLimit } = this.settings.value;
    if (!report || !picture || weights === undefined) return;
    const { network, facts } = report;
    const key = `${signatureOf(network)} ${JSON.stringify(picture)} ${weights} ${memoryLimit}`;
    if (key === this.ran) return;
    this.ran = key;
    this.run.value = { type: 'running', layer: '', fraction: 0 };
    const subject = `${this.document.peek()?.uri} ${network.name}`;
    const wanted = this.wanted.of(report);
    this.engine.send({
      type: 'run',
      run: ++this.runNumber,
      subject,
      network,
      facts,
      picture,
      weights,
      memoryLimit,
      wanted,
    });
  }

  private forget(): void {
    for (const output of this.outputs.values()) output.value = null;
    this.ran = '';
  }

  /** The current network, or while it has errors the last one without; another picture can be looked at all the same. */
  private reportToRun(): NetworkReport | null {
    const report = this.current.value;
    const shown = this.shown.peek();
    // Another network of the file: its layers' names may be the same, their maps are not.
    if (report && shown && report.network.name !== shown.network.name) this.forget();
    if (!report || this.errors.value.length > 0) {
      // A network that has never run is listed with the sizes that are known.
      if (this.ran === '') this.shown.value = report;
      return this.ran === '' ? null : shown;
    }
    // An edit that changes nothing keeps the report, and with it every element of the page.
    if (!shown || this.ran === '' || signatureOf(shown.network) !== signatureOf(report.network))
      this.shown.value = report;
    return report;
  }

  private receiveRun(report: RunReport): void {
    // A run that was overtaken has nothing more to say.
    if (report.run !== this.runNumber) return;
    switch (report.type) {
      case 'layer': {
        const output = this.output(report.layer);
        if (output.peek()?.version !== report.output.version) output.value = report.output;
        break;
      }
      case 'progress':
        this.run.value = { type: 'running', layer: report.layer, fraction: report.fraction };
        break;
      case 'done':
        batch(() => {
          this.run.value = { type: 'done', milliseconds: report.milliseconds };
          this.runs.value++;
        });
        break;
      case 'cancelled':
        this.run.value = { type: 'cancelled' };
        break;
      case 'failed':
        this.run.value = { type: 'failed', message: report.message };
    }
  }

  private save(): void {
    const uri = this.document.value?.uri ?? loadState().uri;
    const picked = this.picked.value;
    const unit = this.units.unit.value;
    saveState({
      ...(uri && { uri }),
      ...(this.isLocked.value && { locked: true }),
      ...(picked && { picked }),
      ...(unit && { unit }),
      ...this.pictures.saved.value,
      contrast: this.contrast.value,
      order: this.order.value,
      view: this.view.value,
    });
  }
}
