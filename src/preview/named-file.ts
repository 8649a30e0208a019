import { computed, effect, type ReadonlySignal } from '@preact/signals';

/** A file that a network of a document names: labels, weights, a picture. */
export interface NamedFile {
  readonly uri: string;
  readonly path: string;
}

export const isSameFile = (a: NamedFile | null, b: NamedFile | null): boolean =>
  a?.uri === b?.uri && a?.path === b?.path;

/** The file at a path that the network on show names; `ask` is called whenever that is another one. */
export function wantedFile(
  uri: ReadonlySignal<string | undefined>,
  path: ReadonlySignal<string | undefined>,
  ask: (file: NamedFile) => void,
): ReadonlySignal<NamedFile | null> {
  // Texts are compared, so that an edit that names the same file changes nothing.
  const key = computed(() =>
    uri.value !== undefined && path.value !== undefined ? JSON.stringify([uri.value, path.value]) : null,
  );
  const wanted = computed((): NamedFile | null => {
    if (key.value === null) return null;
    const [uri, path] = JSON.parse(key.value) as [string, string];
    return { uri, path };
  });
  effect(() => {
    if (wanted.value) ask(wanted.value);
  });
  return wanted;
}
