import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkReport } from '../language/protocol.js';
import type { Layer } from '../network/network.js';
import type { EngineClient } from './engine-client.js';
import { send } from './host.js';
import { THUMBNAIL } from './layout.js';
import { isSameFile, type NamedFile, wantedFile } from './named-file.js';
import { checkPicture, type PictureSize } from './picture-file.js';
import type { PanelState } from './protocol.js';
import type { Pictures } from './raster.js';
import type { PictureSource, SampleTitle } from './worker-protocol.js';

/** A picture of the user's, decoded. */
export interface OwnPicture {
  readonly id: number;
  readonly name: string;
  readonly size: PictureSize;
  readonly thumbnail: Pictures;
  /** As it is kept over a reload; null where it is too large for that. */
  readonly url: string | null;
}

/** VS Code keeps a panel's state in one text with that of all others: a photo is not put there. */
const LARGEST_SAVED = 1_000_000;

/** Of all pictures together: each pixel takes four bytes. */
const MOST_PIXELS_KEPT = 64e6;

/** Which picture the network looks at: the user's choice, else the `sample` of its input, else the first built-in one. */
export class PictureModel {
  readonly samples = signal<readonly SampleTitle[]>([]);
  readonly thumbnails = signal<ReadonlyMap<string, Pictures>>(new Map());
  /** In the order they were brought. */
  readonly own = signal<readonly OwnPicture[]>([]);
  /** Why the last file could not be taken. */
  readonly problem = signal<string | null>(null);
  /** What the user chose: a sample, one of the user's own by its id, or nothing yet. */
  private readonly choice = signal<{ readonly sample: string } | { readonly own: number } | null>(null);
  /** The `sample` file of the input, once it is decoded. */
  private readonly beside = signal<(NamedFile & { readonly id: number }) | null>(null);
  private readonly thumbnailSide = Math.round(THUMBNAIL * devicePixelRatio);
  private lastId = 0;

  /** The `sample` that the network's input asks for. */
  private readonly wanted: ReadonlySignal<string | null>;
  /** The file that is meant where the sample is not a built-in one. */
  private readonly wantedFile: ReadonlySignal<NamedFile | null>;
  /** Null until the built-in samples are known. */
  readonly source: ReadonlySignal<PictureSource | null>;
  readonly saved: ReadonlySignal<Pick<PanelState, 'sample' | 'picture'>>;

  constructor(
    private readonly engine: EngineClient,
    saved: PanelState,
    uri: ReadonlySignal<string | undefined>,
    network: ReadonlySignal<NetworkReport | null>,
    private readonly isRunning: ReadonlySignal<boolean>,
  ) {
    this.wanted = computed(() => sampleOf(network.value?.network.layers[0]));
    const path = computed(() => {
      const sample = this.samples.value.length > 0 ? this.wanted.value : null;
      return sample === null || this.isBuiltIn(sample) ? undefined : sample;
    });
    this.wantedFile = wantedFile(uri, path, (file) => send({ type: 'readPicture', ...file }));
    this.source = computed(() => this.currentSource());
    this.saved = computed(() => {
      const choice = this.choice.value;
      if (!choice) return {};
      if ('sample' in choice) return choice;
      const own = this.ownInForce.value;
      return own?.url ? { picture: { name: own.name, url: own.url } } : {};
    });
    if (saved.sample) this.choice.value = { sample: saved.sample };
    if (saved.picture) void this.restore(saved.picture);
    void this.loadSamples();
  }

  /** The id of the sample in force, or null where the picture is a file. */
  readonly sampleInForce = computed<string | null>(() => {
    const source = this.source.value;
    return source?.type === 'sample' ? source.id : null;
  });

  /** The picture of the user's that is looked at, or null where another is. */
  readonly ownInForce = computed<OwnPicture | null>(() => {
    const choice = this.choice.value;
    return (choice && 'own' in choice && this.own.value.find(({ id }) => id === choice.own)) || null;
  });

  chooseSample(sample: string): void {
    this.problem.value = null;
    this.choice.value = { sample };
  }

  chooseOwn(own: number): void {
    this.problem.value = null;
    this.choice.value = { own };
  }

  /** The title of a picture that is built in, or the name of the user's. */
  titleOf(source: PictureSource): string {
    if (source.type === 'sample') return this.samples.value.find(({ id }) => id === source.id)?.title ?? source.id;
    return this.own.value.find(({ id }) => id === source.id)?.name ?? this.beside.value?.path ?? '';
  }

  choose(source: PictureSource): void {
    if (source.type === 'sample') this.chooseSample(source.id);
    else if (this.own.value.some(({ id }) => id === source.id)) this.chooseOwn(source.id);
  }

  /** Looks at a file that was chosen, dropped or pasted, or says why not. */
  async take(file: File): Promise<void> {
    const id = await this.add(file);
    if (id !== null) this.chooseOwn(id);
  }

  /** Puts a file among the user's pictures, in place of the one with its name, or says why not. */
  private async add(file: File): Promise<number | null> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const decoded = await this.decode(bytes);
    if ('problem' in decoded) {
      this.problem.value = `“${file.name}” is not a picture that can be shown: ${decoded.problem}.`;
      return null;
    }
    const url = bytes.length <= LARGEST_SAVED ? await dataUrl(bytes, decoded.type) : null;
    const { id, size, thumbnail } = decoded;
    const known = this.own.value.find(({ name }) => name === file.name);
    batch(() => {
      this.own.value = [
        ...this.own.value.filter((own) => own !== known),
        { id, name: file.name, size, thumbnail, url },
      ];
      // It is another picture though its name is the same.
      if (known && this.choice.value && 'own' in this.choice.value && this.choice.value.own === known.id)
        this.choice.value = { own: id };
    });
    if (known) this.drop(known.id);
    return id;
  }

  /** Takes the pictures of a folder, in the order of their names, as many as memory is for; looks at the first. */
  async takeFolder(files: readonly File[]): Promise<void> {
    const pictures = files
      .filter(({ name }) => /\.(png|jpe?g)$/i.test(name))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    this.problem.value = null;
    let first: number | null = null;
    for (const [index, file] of pictures.entries()) {
      const id = await this.add(file);
      // The others follow while the network runs.
      if (first === null && id !== null) this.choice.value = { own: id };
      first ??= id;
      const pixels = this.own.value.reduce((sum, { size }) => sum + size.height * size.width, 0);
      if (pixels > MOST_PIXELS_KEPT && index + 1 < pictures.length) {
        this.problem.value = `These are the first ${index + 1} of ${pictures.length} pictures: more would take too much memory.`;
        break;
      }
    }
    if (first === null) this.problem.value ??= 'There is no PNG or JPEG in the folder.';
  }

  /** The answer of the extension to a `readPicture`. */
  async receive({ uri, path }: NamedFile, bytes: Uint8Array | null): Promise<void> {
    const isWanted = () => isSameFile({ uri, path }, this.wantedFile.peek());
    if (!isWanted()) return;
    const decoded = bytes ? await this.decode(bytes) : { problem: 'there is no such file' };
    if ('problem' in decoded) {
      if (isWanted()) this.problem.value = `The sample “${path}” cannot be shown: ${decoded.problem}.`;
      return;
    }
    const { id } = decoded;
    if (!isWanted()) return this.drop(id);
    const before = this.beside.value;
    this.beside.value = { uri, path, id };
    if (before) this.drop(before.id);
  }

  /** Keeps a picture in the worker. */
  private async decode(bytes: Uint8Array) {
    const check = checkPicture(bytes);
    if ('problem' in check) return check;
    const id = ++this.lastId;
    const answer = await this.engine.ask('decode', { id, bytes, side: this.thumbnailSide });
    if ('problem' in answer) return answer;
    return { id, type: check.type, size: check.size, thumbnail: answer.thumbnail };
  }

  /** Lets the worker forget a picture. */
  private drop(id: number): void {
    void this.engine.ask('drop', { id });
  }

  private async restore({ name, url }: { readonly name: string; readonly url: string }): Promise<void> {
    const bytes = bytesOf(url);
    const decoded = await this.decode(bytes);
    if ('problem' in decoded) return;
    const { id, size, thumbnail } = decoded;
    this.own.value = [{ id, name, size, thumbnail, url }];
    this.choice.value = { own: id };
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

  private isBuiltIn(sample: string): boolean {
    return this.samples.value.some(({ id }) => id === sample);
  }

  private currentSource(): PictureSource | null {
    const [choice, own, wanted, beside] = [
      this.choice.value,
      this.ownInForce.value,
      this.wanted.value,
      this.beside.value,
    ];
    const first = this.samples.value[0];
    if (!first) return null;
    if (own) return { type: 'file', id: own.id };
    if (choice && 'sample' in choice && this.isBuiltIn(choice.sample)) return { type: 'sample', id: choice.sample };
    if (wanted && this.isBuiltIn(wanted)) return { type: 'sample', id: wanted };
    if (beside && isSameFile(beside, this.wantedFile.value)) return { type: 'file', id: beside.id };
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
