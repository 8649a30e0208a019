import './layer-list.css';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { NetworkReport } from '../../language/protocol.js';
import { rowsOf } from '../rows.js';
import { useModel } from './context.js';
import { LayerRow } from './layer-row.js';

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Milliseconds for which a layer is kept on the screen after the cursor has come to it, unless the user does something. */
const SETTLING = 1500;
const INPUTS = ['wheel', 'pointerdown', 'keydown'] as const;

/** Where the arrow keys go from the head that has the focus. */
const STEPS: Readonly<Record<string, (from: number, count: number) => number>> = {
  ArrowDown: (from, count) => Math.min(from + 1, count - 1),
  ArrowUp: (from) => Math.max(from - 1, 0),
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Every layer of the network, in the order it runs, with groups indented. */
export function LayerList({ report }: { readonly report: NetworkReport }) {
  const model = useModel();
  const list = useRef<HTMLOListElement>(null);
  const rows = useMemo(() => rowsOf(report.network), [report]);
  const cursorLayer = model.cursorLayer.value;

  useEffect(() => {
    if (!cursorLayer || !model.settings.peek().followCursor) return;
    const row = list.current?.querySelector(`[data-layer="${CSS.escape(cursorLayer)}"] .head`);
    if (!list.current || !row) return;
    const behavior = reducedMotion.matches ? 'auto' : 'smooth';
    const reveal = () => row.scrollIntoView({ block: 'nearest', behavior });
    reveal();
    // A panel that opens takes its size, and rows grow as their maps come: both move the layer, or end the scrolling.
    const settling = new AbortController();
    const { signal } = settling;
    const stop = () => settling.abort();
    const observer = new ResizeObserver(reveal);
    for (const grows of [list.current, document.body]) observer.observe(grows);
    signal.addEventListener('abort', () => observer.disconnect());
    addEventListener('resize', reveal, { signal });
    for (const input of INPUTS) addEventListener(input, stop, { signal, passive: true });
    const timer = setTimeout(stop, SETTLING);
    signal.addEventListener('abort', () => clearTimeout(timer));
    return stop;
  }, [cursorLayer]);

  // The head is the button, for the keyboard too; the strip beside it is a larger place to hit for the mouse.
  const onClick = ({ target }: MouseEvent) => {
    const row = target instanceof Element && target.closest('.row');
    const layer = row ? row.closest<HTMLElement>('[data-layer]')?.dataset.layer : undefined;
    if (layer) model.pick(layer);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const heads = [...(list.current?.querySelectorAll<HTMLElement>('.head') ?? [])];
    const from = heads.indexOf(event.target as HTMLElement);
    if (!step || from < 0) return;
    event.preventDefault();
    heads[step(from, heads.length)]?.focus();
  };

  return (
    <ol
      ref={list}
      class={model.isOutdated.value ? 'layers dimmed' : 'layers'}
      aria-label="Layers"
      onClick={onClick}
      onKeyDown={onKeyDown}
    >
      {rows.map((row) =>
        row.type === 'group' ? (
          <li key={row.key} class="group" style={{ '--depth': row.depth }}>
            {row.title}
          </li>
        ) : (
          <LayerRow
            key={report.network.layers[row.layer]?.name}
            report={report}
            index={row.layer}
            depth={row.depth}
            isCursor={report.network.layers[row.layer]?.name === cursorLayer}
          />
        ),
      )}
    </ol>
  );
}
