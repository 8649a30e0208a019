import type { Scene } from '../../../drawing/scene.js';
import { type Camera, seen } from './camera.js';

const HEIGHT = 150;
const WIDTH = 84;

interface MiniMapProps {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly screen: { readonly width: number; readonly height: number };
  readonly move: (camera: Camera) => void;
}

/** All of a drawing that is larger than the screen, in small; a click goes there. */
export function MiniMap({ scene, camera, screen, move }: MiniMapProps) {
  const view = seen(camera, screen);
  if (scene.height <= 1.5 * view.height && scene.width <= 1.5 * view.width) return null;
  const scale = Math.min(HEIGHT / scene.height, WIDTH / scene.width);
  const go = ({ offsetX, offsetY }: MouseEvent) =>
    move({
      ...camera,
      x: screen.width / 2 - (offsetX / scale) * camera.scale,
      y: screen.height / 2 - (offsetY / scale) * camera.scale,
    });
  return (
    // The keyboard has the graph itself.
    <svg
      class="mini-map"
      aria-hidden="true"
      width={Math.ceil(scene.width * scale)}
      height={Math.ceil(scene.height * scale)}
      viewBox={`0 0 ${scene.width} ${scene.height}`}
      onClick={go}
    >
      <path d={scene.cards.map(({ x, y, width, height }) => `M${x} ${y}h${width}v${height}h${-width}z`).join('')} />
      <rect x={view.left} y={view.top} width={view.width} height={view.height} />
    </svg>
  );
}
