import { useEffect, useState } from 'preact/hooks';
import { useModel } from './context.js';

const firstFile = (data: DataTransfer | null): File | undefined => data?.files[0];

/** Takes a picture that is dropped anywhere on the panel, or pasted. Returns whether one hovers over it now. */
export function useFileDrop(): boolean {
  const { pictures } = useModel();
  const [dropping, setDropping] = useState(false);
  useEffect(() => {
    const take = (event: Event, data: DataTransfer | null) => {
      const file = firstFile(data);
      if (!file) return;
      event.preventDefault();
      void pictures.take(file);
    };
    const listeners = new AbortController();
    const { signal } = listeners;
    addEventListener('paste', (event) => take(event, event.clipboardData), { signal });
    addEventListener(
      'dragover',
      (event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        // Without this the page would be no drop target.
        event.preventDefault();
        setDropping(true);
      },
      { signal },
    );
    addEventListener(
      'dragleave',
      (event) => {
        // Only where the pointer leaves the page, not one of its elements.
        if (!event.relatedTarget) setDropping(false);
      },
      { signal },
    );
    addEventListener(
      'drop',
      (event) => {
        setDropping(false);
        take(event, event.dataTransfer);
      },
      { signal },
    );
    return () => listeners.abort();
  }, [pictures]);
  return dropping;
}
