import './graph.css';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { curvePath } from '../../../drawing/path.js';
import type { Card as CardPlace, Scene } from '../../../drawing/scene.js';
import type { NetworkReport } from '../../../language/protocol.js';
import { CloseUp } from '../close-up/close-up.js';
import { useModel } from '../context.js';
import { useSize } from '../observe.js';
import { type Camera, frameAll, keepMiddle, reveal, seen, touches, zoom } from './camera.js';
import { Card } from './card.js';
import { MiniMap } from './mini-map.js';

/** A step of the keyboard and of the buttons. */
const ZOOM_STEP = 1.25;
const PAN_STEP = 80;
/** So much of the drawing around the screen is drawn ahead, as a share of the screen. */
const AHEAD = 0.4;
/** Below this size words cannot be read and are left out. */
const WORDS_FROM = 0.4;

/** The network as a picture: zoomed by wheel and pinch, moved by dragging; every card can be reached by the keyboard. */
export function GraphView({ report }: { readonly report: NetworkReport }) {
  const model = useModel();
  const { graph, picked } = model;
  const screen = useRef<HTMLDivElement>(null);
  const size = useSize(screen);
  const scene = graph.scene.value;
  const [camera, setCamera] = useState<Camera | null>(null);
  const isDrawn = scene !== null && size.width > 0;

  // Another network begins with a look at all of it, or at its top where it is long.
  const name = report.network.name;
  useLayoutEffect(() => {
    if (isDrawn) setCamera(frameAll(scene, size, scene.height < 2 * size.height));
  }, [name, isDrawn]);

  // Folding and unfolding move everything: what is in the middle of the screen stays there.
  const drawn = useRef<{ readonly name: string; readonly scene: Scene } | null>(null);
  useLayoutEffect(() => {
    const before = drawn.current;
    drawn.current = scene && { name, scene };
    if (before?.name !== name || !scene) return;
    setCamera((camera) => camera && keepMiddle(camera, before.scene, scene, size));
  }, [scene]);

  const pickedName = picked.value ?? model.cursorLayer.value;
  useEffect(() => {
    const card = scene && pickedName ? cardOf(scene, report, pickedName) : undefined;
    if (card && size.width > 0)
      setCamera((camera) => camera && reveal(camera, { ...card, left: card.x, top: card.y }, size));
  }, [pickedName]);

  useWheel(screen, (change) => setCamera((camera) => camera && change(camera)));
  const drag = useDrag((dx, dy) => setCamera((camera) => camera && { ...camera, x: camera.x + dx, y: camera.y + dy }));

  const middle = [size.width / 2, size.height / 2] as const;
  const zoomBy = (factor: number) => setCamera((camera) => camera && zoom(camera, factor, ...middle));
  const onKeyDown = (event: KeyboardEvent) => {
    if (!camera || !scene || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = keyboardMove(event.key, camera, scene, size);
    if (!next) return;
    event.preventDefault();
    setCamera(next);
  };
  const index = picked.value === null ? -1 : report.network.layers.findIndex(({ name }) => name === picked.value);
  return (
    <div class="graph-view">
      <div
        ref={screen}
        class="graph"
        role="application"
        aria-label={`The graph of ${name}; the arrow keys move it, plus and minus zoom, 0 shows all of it`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys
        tabIndex={0}
        onKeyDown={onKeyDown}
        {...drag}
      >
        {scene && camera && <World scene={scene} camera={camera} screen={size} report={report} />}
      </div>
      <div class="graph-tools" role="toolbar" aria-label="Graph">
        <button type="button" class="button" aria-label="Zoom in" onClick={() => zoomBy(ZOOM_STEP)}>
          +
        </button>
        <button type="button" class="button" aria-label="Zoom out" onClick={() => zoomBy(1 / ZOOM_STEP)}>
          −
        </button>
        <button type="button" class="button" onClick={() => scene && setCamera(frameAll(scene, size))}>
          Fit
        </button>
        {graph.hasGroups.value && (
          <>
            <button type="button" class="button" onClick={() => graph.foldAll(true)}>
              Fold all
            </button>
            <button type="button" class="button" onClick={() => graph.foldAll(false)}>
              Unfold all
            </button>
          </>
        )}
      </div>
      {scene && camera && <MiniMap scene={scene} camera={camera} screen={size} move={setCamera} />}
      {index >= 0 && <CloseUp id="close-up-graph" report={report} index={index} />}
    </div>
  );
}

function cardOf(scene: Scene, { network }: NetworkReport, name: string): CardPlace | undefined {
  const index = network.layers.findIndex((layer) => layer.name === name);
  return scene.cards.find(({ layer }) => layer >= index);
}

interface WorldProps {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly screen: { readonly width: number; readonly height: number };
  readonly report: NetworkReport;
}

/** Only what is on the screen, or nearly, is drawn at all. */
function World({ scene, camera, screen, report }: WorldProps) {
  const model = useModel();
  const view = seen(camera, screen);
  const around = {
    left: view.left - AHEAD * view.width,
    top: view.top - AHEAD * view.height,
    width: (1 + 2 * AHEAD) * view.width,
    height: (1 + 2 * AHEAD) * view.height,
  };
  const withWords = camera.scale >= WORDS_FROM;
  const edges = scene.edges.filter(({ points }) => {
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const [x, y] = [Math.min(...xs), Math.min(...ys)];
    return touches(around, { x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 });
  });
  return (
    <div
      class={withWords ? 'world' : 'world without-words'}
      style={{ transform: `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})` }}
    >
      {scene.frames
        .filter((frame) => touches(around, frame))
        .map(({ key, label, x, y, width, height }) => (
          <div
            key={key}
            class="frame-box"
            style={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
          >
            <button type="button" aria-expanded="true" title="Fold" onClick={() => model.graph.fold(key, true)}>
              {label}
            </button>
          </div>
        ))}
      <svg class="edges" aria-hidden="true" width="1" height="1">
        {edges.map(({ from, to, points }) => (
          <path key={`${from} ${to} ${points[0]}`} d={curvePath(points)} />
        ))}
        {withWords &&
          edges.map(
            ({ label, from }) =>
              label && (
                <text key={from} x={label.x} y={label.y}>
                  {label.text}
                </text>
              ),
          )}
      </svg>
      {scene.cards
        .filter((card) => touches(around, card))
        .map((card) => (
          <Card key={card.folded?.key ?? card.layer} card={card} report={report} />
        ))}
    </div>
  );
}

function keyboardMove(
  key: string,
  camera: Camera,
  scene: Scene,
  screen: { width: number; height: number },
): Camera | null {
  const [x, y] = [screen.width / 2, screen.height / 2];
  switch (key) {
    case 'ArrowUp':
      return { ...camera, y: camera.y + PAN_STEP };
    case 'ArrowDown':
      return { ...camera, y: camera.y - PAN_STEP };
    case 'ArrowLeft':
      return { ...camera, x: camera.x + PAN_STEP };
    case 'ArrowRight':
      return { ...camera, x: camera.x - PAN_STEP };
    case '+':
    case '=':
      return zoom(camera, ZOOM_STEP, x, y);
    case '-':
      return zoom(camera, 1 / ZOOM_STEP, x, y);
    case '0':
      return frameAll(scene, screen);
    default:
      return null;
  }
}

/** The wheel moves; with Ctrl, as a pinch of the touchpad comes, it zooms around the pointer. */
function useWheel(screen: { readonly current: HTMLElement | null }, change: (by: (camera: Camera) => Camera) => void) {
  useEffect(() => {
    const element = screen.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const box = element?.getBoundingClientRect();
      const [x, y] = [event.clientX - (box?.left ?? 0), event.clientY - (box?.top ?? 0)];
      if (event.ctrlKey || event.metaKey) change((camera) => zoom(camera, Math.exp(-event.deltaY / 300), x, y));
      else change((camera) => ({ ...camera, x: camera.x - event.deltaX, y: camera.y - event.deltaY }));
    };
    // Not passive: the page behind must not scroll along.
    element?.addEventListener('wheel', onWheel, { passive: false });
    return () => element?.removeEventListener('wheel', onWheel);
  }, []);
}

/** Less is a click. */
const LEAST_DRAG = 4;

function useDrag(move: (dx: number, dy: number) => void) {
  const last = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  return {
    onPointerDown: ({ button, clientX, clientY }: PointerEvent) => {
      if (button === 0) last.current = { x: clientX, y: clientY, moved: false };
    },
    onPointerMove: ({ buttons, clientX, clientY, currentTarget, pointerId }: PointerEvent) => {
      const from = last.current;
      if (!from || (buttons & 1) === 0) return;
      const [dx, dy] = [clientX - from.x, clientY - from.y];
      if (!from.moved && Math.hypot(dx, dy) < LEAST_DRAG) return;
      if (!from.moved && currentTarget instanceof Element) currentTarget.setPointerCapture(pointerId);
      last.current = { x: clientX, y: clientY, moved: true };
      move(dx, dy);
    },
    onPointerUp: () => {
      last.current = null;
    },
  };
}
