import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkReport } from '../language/protocol.js';
import { send } from './host.js';
import { isSameFile, type NamedFile, wantedFile } from './named-file.js';

/**
 * What the classes are called: a line each of the file that the network on show names with `labels`, else as the pictures that it
 * learned from call them.
 */
export class LabelsModel {
  private readonly found = signal<(NamedFile & { readonly names: readonly string[] | null }) | null>(null);
  private readonly wanted: ReadonlySignal<NamedFile | null>;

  /** The classes of the pictures that a network has learned from here. */
  readonly learned = signal<{
    readonly uri: string;
    readonly network: string;
    readonly classes: readonly string[];
  } | null>(null);

  /** Why there are no labels though the network names some, in a sentence. */
  readonly problem: ReadonlySignal<string | null>;

  constructor(
    private readonly uri: ReadonlySignal<string | undefined>,
    private readonly shown: ReadonlySignal<NetworkReport | null>,
  ) {
    const path = computed(() => shown.value?.network.labelsFile);
    this.wanted = wantedFile(uri, path, (file) => send({ type: 'readLabels', ...file }));
    this.problem = computed(() => {
      const found = this.current();
      if (found?.names === null) return `${found.path} is not there, or outside the workspace.`;
      const classes = shown.value?.facts.at(-1)?.output?.channels;
      const count = found?.names.length;
      return count !== undefined && classes !== undefined && count !== classes
        ? `${found?.path} has ${count} labels, the network ${classes} classes.`
        : null;
    });
  }

  /** The extension's answer to a `readLabels`. */
  receive({ uri, path }: NamedFile, text: string | null): void {
    this.found.value = { uri, path, names: text === null ? null : labelsOf(text) };
  }

  nameOf(index: number): string {
    const learned = this.learnedClasses()?.[index];
    // Where classes are mere numbers, it is said of what.
    const name = learned === undefined || learned === `${index}` ? `class ${index}` : learned;
    return this.current()?.names?.[index] ?? name;
  }

  private learnedClasses(): readonly string[] | null {
    const learned = this.learned.value;
    const isShown = learned?.uri === this.uri.value && learned?.network === this.shown.value?.network.name;
    return isShown ? (learned?.classes ?? null) : null;
  }

  private current(): LabelsModel['found']['value'] {
    const found = this.found.value;
    return isSameFile(found, this.wanted.value) ? found : null;
  }
}

/** A label a line; an empty last line is the end of the one before. */
const labelsOf = (text: string): readonly string[] =>
  text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
