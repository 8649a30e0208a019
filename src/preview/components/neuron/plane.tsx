import './plane.css';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Pictures } from '../../raster.js';
import type { Rect } from '../../unit/places.js';
import { useVisible } from '../observe.js';
import { usePictures } from '../paint.js';

/** From here on every pixel is a square with an edge. */
const SIDE_WITH_GRID = 7;
/** Pixels are not drawn larger than this. */
const LARGEST_SIDE = 30;

interface PlaneProps {
  /** The picture's size in its own pixels. */
  readonly height: number;
  readonly width: number;
  /** What is seen, in the picture's pixels; beyond the picture lies padding. */
  readonly view: Rect;
  /** The longer side on the screen, in CSS pixels. */
  readonly longest: number;
  /** Names what is painted; see `usePictures`. */
  readonly picture: string | Pictures;
  readonly fetch: () => Promise<Pictures | null>;
  readonly label: string;
  /** Marks, as SVG in the picture's pixels. */
  readonly children?: ComponentChildren;
  /** Called with the place that is clicked, which may lie in the padding. */
  readonly onPick?: (row: number, column: number) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

/** A map or a picture with what lies around it, enlarged, and marks on it. */
export function Plane(props: PlaneProps) {
  const { height, width, view, longest, picture, fetch, label, children, onPick, onKeyDown } = props;
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  usePictures(box, picture, visible, fetch);
  const fitting = Math.min(longest / view.height, longest / view.width, LARGEST_SIDE);
  const scale = fitting >= 2 ? Math.floor(fitting) : fitting;
  const pick = ({ offsetX, offsetY }: MouseEvent) =>
    onPick?.(Math.floor(offsetY / scale) + view.top, Math.floor(offsetX / scale) + view.left);
  const hasGrid = scale >= SIDE_WITH_GRID;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: with keys it is an application, without them a picture
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <div
      ref={box}
      class={scale >= 1 ? 'plane enlarged' : 'plane'}
      role={onKeyDown ? 'application' : 'img'}
      aria-label={label}
      tabIndex={onKeyDown ? 0 : undefined}
      style={{ width: `${view.width * scale}px`, height: `${view.height * scale}px` }}
      onClick={onPick && pick}
      onKeyDown={onKeyDown}
    >
      <canvas
        style={{
          left: `${-view.left * scale}px`,
          top: `${-view.top * scale}px`,
          width: `${width * scale}px`,
          height: `${height * scale}px`,
        }}
      />
      {hasGrid && <div class="plane-grid" style={{ backgroundSize: `${scale}px ${scale}px` }} />}
      <svg aria-hidden="true" viewBox={`${view.left} ${view.top} ${view.width} ${view.height}`}>
        {children}
      </svg>
    </div>
  );
}

/** A frame around pixels; it glides to its next place. */
export const Frame = ({ rect, kind }: { readonly rect: Rect; readonly kind: string }) => (
  <g class={`frame ${kind}`} style={{ transform: `translate(${rect.left}px, ${rect.top}px)` }}>
    <rect class="halo" width={rect.width} height={rect.height} />
    <rect width={rect.width} height={rect.height} />
  </g>
);
