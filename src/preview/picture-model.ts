import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkReport } from '../language/protocol.js';
import type { Layer } from '../network/network.js';
import type { EngineClient } from './engine-client.js';
import { send } from './host.js';
import { THUMBNAIL } from './layout.js';
import { checkPicture } from './picture-file.js';
import type { PanelState } from './protocol.js';
import type { Pictures } from './raster.js';
import type { PictureSource, SampleTitle } from './worker-protocol.js';

/** A picture of the user's, decoded. */
export interface OwnPicture {
  readonly id: number;
  readonly name: string;
  readonly thumbnail: Pictures;
  /** As it is kept over a reload; null where it is too large for that. */
  readonly url: string | null;
}

/** VS Code keeps a panel's state in one text with that of all others: a photo is not put there. */
const LARGEST_SAVED = 1_000_000;

/** Which picture the network looks at: the user's choice, else the `sample` of its input, else the first built-in one. */
export class PictureModel {
  readonly samples = signal<readonly SampleTitle[]>([]);
  readonly thumbnails = signal<ReadonlyMap<string, Pictures>>(new Map());
  readonly own = signal<OwnPicture | null>(null);
  /** Why the last file could not be taken. */
  readonly problem = signal<string | null>(null);
  /** What the user chose: a sample, `own`, or nothing yet. */
  private readonly choice = signal<{ readonly sample: string } | 'own' | null>(null);
  /** The `sample` file of the input, once it is decoded. */
  private readonly beside = signal<{ readonly path: string; readonly id: number } | null>(null);
  private readonly thumbnailSide = Math.round(THUMBNAIL * devicePixelRatio);
  private asked: string | null = null;
  private lastId = 0;

  /** The `sample` that the network's input asks for. */
  private readonly wanted: ReadonlySignal<string | null>;
  /** Null until the built-in samples are known. */
  readonly source: ReadonlySignal<PictureSource | null>;
  readonly saved: ReadonlySignal<Pick<PanelState, 'sample' | 'picture'>>;

  constructor(
    private readonly engine: EngineClient,
    saved: PanelState,
    network: ReadonlySignal<NetworkReport | null>,
    private readonly isRunning: ReadonlySignal<boolean>,
  ) {
    this.wanted = computed(() => sampleOf(network.value?.network.layers[0]));
    this.source = computed(() => this.currentSource());
    this.saved = computed(() => {
      const [choice, own] = [this.choice.value, this.own.value];
      if (choice === 'own') return own?.url ? { picture: { name: own.name, url: own.url } } : {};
      return choice ? { sample: choice.sample } : {};
    });
    if (saved.sample) this.choice.value = { sample: saved.sample };
    if (saved.picture) void this.restore(saved.picture);
    void this.loadSamples();
    effect(() => this.fetchWanted());
  }

  /** The id of the sample in force, or null where the picture is a file. */
  readonly sampleInForce = computed<string | null>(() => {
    const source = this.source.value;
    return source?.type === 'sample' ? source.id : null;
  });

  chooseSample(sample: string): void {
    this.problem.value = null;
    this.choice.value = { sample };
  }

  chooseOwn(): void {
    this.problem.value = null;
    this.choice.value = 'own';
  }

  /** The title of a picture that is built in, or the name of the user's. */
  titleOf(source: PictureSource): string {
    if (source.type === 'sample') return this.samples.value.find(({ id }) => id === source.id)?.title ?? source.id;
    return source.id === this.own.value?.id ? this.own.value.name : (this.beside.value?.path ?? '');
  }

  choose(source: PictureSource): void {
    if (source.type === 'sample') this.chooseSample(source.id);
    else if (source.id === this.own.value?.id) this.chooseOwn();
  }

  /** Takes a file that was chosen, dropped or pasted, or says why not. */
  async take(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const decoded = await this.decode(bytes);
    if ('problem' in decoded) {
      this.problem.value = `“${file.name}” is not a picture that can be shown: ${decoded.problem}.`;
      return;
    }
    const url = bytes.length <= LARGEST_SAVED ? await dataUrl(bytes, decoded.type) : null;
    this.own.value = { id: decoded.id, name: file.name, thumbnail: decoded.thumbnail, url };
    this.chooseOwn();
  }

  /** The answer of the extension to a `readPicture`. */
  receive(path: string, bytes: Uint8Array | null): void {
    if (path === this.asked) void this.takeBeside(path, bytes);
  }

  private async takeBeside(path: string, bytes: Uint8Array | null): Promise<void> {
    const decoded = bytes ? await this.decode(bytes) : { problem: 'there is no such file' };
    if (path !== this.asked) return;
    if ('problem' in decoded) this.problem.value = `The sample “${path}” cannot be shown: ${decoded.problem}.`;
    else this.beside.value = { path, id: decoded.id };
  }

  private async decode(bytes: Uint8Array) {
    const check = checkPicture(bytes);
    if ('problem' in check) return check;
    const id = ++this.lastId;
    const answer = await this.engine.ask('decode', { id, bytes, side: this.thumbnailSide });
    return 'problem' in answer ? answer : { id, type: check.type, thumbnail: answer.thumbnail };
  }

  private async restore({ name, url }: { readonly name: string; readonly url: string }): Promise<void> {
    const bytes = bytesOf(url);
    const decoded = await this.decode(bytes);
    if ('problem' in decoded) return;
    this.own.value = { id: decoded.id, name, thumbnail: decoded.thumbnail, url };
    this.choice.value = 'own';
  }

  /** Samples are drawn by code, which takes a while: one after the other, and after the first run if that is short. */
  private async loadSamples(): Promise<void> {
    this.samples.value = await this.engine.ask('samples', {});
    await Promise.race([untilFalse(this.isRunning), delay(LONGEST_WAIT)]);
    for (const { id } of this.samples.value) {
      const thumbnail = await this.engine.ask('thumbnail', { id, side: this.thumbnailSide });
      if (thumbnail) this.thumbnails.value = new Map(this.thumbnails.value).set(id, thumbnail);
    }
  }

  /** A `sample` that is not built in is a file beside the network's. */
  private fetchWanted(): void {
    const path = this.wanted.value;
    if (this.samples.value.length === 0 || path === this.asked) return;
    this.asked = path;
    if (path && !this.isBuiltIn(path)) send({ type: 'readPicture', path });
  }

  private isBuiltIn(sample: string): boolean {
    return this.samples.value.some(({ id }) => id === sample);
  }

  private currentSource(): PictureSource | null {
    const [choice, own, wanted, beside] = [this.choice.value, this.own.value, this.wanted.value, this.beside.value];
    const first = this.samples.value[0];
    if (!first) return null;
    if (choice === 'own' && own) return { type: 'file', id: own.id };
    if (choice && choice !== 'own' && this.isBuiltIn(choice.sample)) return { type: 'sample', id: choice.sample };
    if (wanted && this.isBuiltIn(wanted)) return { type: 'sample', id: wanted };
    if (wanted && beside?.path === wanted) return { type: 'file', id: beside.id };
    return { type: 'sample', id: first.id };
  }
}

/** Milliseconds after which thumbnails are drawn even while a network runs. */
const LONGEST_WAIT = 1500;

const delay = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const untilFalse = (condition: ReadonlySignal<boolean>): Promise<void> =>
  new Promise((resolve) => {
    const stop = condition.subscribe((holds) => {
      if (holds) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });

const sampleOf = (input: Layer | undefined): string | null =>
  input?.kind === 'input' ? (input.attributes?.sample ?? null) : null;

/** Base64 by the browser: `btoa` takes no bytes. */
const dataUrl = (bytes: Uint8Array<ArrayBuffer>, type: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(new Blob([bytes], { type }));
  });

const bytesOf = (url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (character) => character.charCodeAt(0));
