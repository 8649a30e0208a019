import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { NetworkReport } from '../language/protocol.js';
import { send } from './host.js';
import { isSameFile, type NamedFile, wantedFile } from './named-file.js';

/** What the classes are called: a line each of the file that the network on show names with `labels`. */
export class LabelsModel {
  private readonly found = signal<(NamedFile & { readonly names: readonly string[] | null }) | null>(null);
  private readonly wanted: ReadonlySignal<NamedFile | null>;

  /** Why there are no labels though the network names some, in a sentence. */
  readonly problem: ReadonlySignal<string | null>;

  constructor(uri: ReadonlySignal<string | undefined>, shown: ReadonlySignal<NetworkReport | null>) {
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
    return this.current()?.names?.[index] ?? `class ${index}`;
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
