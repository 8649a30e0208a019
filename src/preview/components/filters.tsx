import { useEffect, useRef, useState } from 'preact/hooks';
import { grouped } from '../../network/arithmetic.js';
import { mapSize, STRIP_HEIGHT } from '../layout.js';
import type { Pictures } from '../raster.js';
import { useModel } from './context.js';
import { paint } from './paint.js';

/** The filters of a layer that looks at pixels, as small pictures. */
export function Filters({ layer, version }: { readonly layer: string; readonly version: number }) {
  const { engine } = useModel();
  const box = useRef<HTMLDivElement>(null);
  const [filters, setFilters] = useState<Pictures | null>(null);
  useEffect(() => {
    let overtaken = false;
    void engine.ask('filters', { layer }).then((answer) => {
      if (!overtaken) setFilters(answer);
    });
    return () => {
      overtaken = true;
    };
  }, [engine, layer, version]);
  useEffect(() => {
    if (!filters) return;
    for (const [index, canvas] of [...(box.current?.querySelectorAll('canvas') ?? [])].entries())
      paint(canvas, filters, index);
  }, [filters]);
  if (!filters) return null;
  const size = mapSize(filters, STRIP_HEIGHT * 0.75, 4 * STRIP_HEIGHT);
  return (
    <>
      <div class="section-head">
        <h2>{filters.count === 1 ? '1 filter' : `${grouped(filters.count)} filters`}</h2>
        <span class="hint">grey is zero, each stretched to its strongest weight</span>
      </div>
      <div ref={box} class="maps enlarged" role="img" aria-label={`Filters of ${layer}`}>
        {Array.from({ length: filters.count }, (_, index) => (
          <canvas
            key={index}
            title={`Filter ${index}`}
            style={{ width: `${size.width}px`, height: `${size.height}px` }}
          />
        ))}
      </div>
    </>
  );
}
