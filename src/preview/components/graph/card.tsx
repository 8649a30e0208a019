import { useRef } from 'preact/hooks';
import { BOX_LEFT, type Card as CardPlace, TEXT_LEFT } from '../../../drawing/scene.js';
import { facesOf, type Point } from '../../../drawing/volume-box.js';
import type { NetworkReport } from '../../../language/protocol.js';
import { catalogue } from '../../../network/catalogue.js';
import type { LayerOutput } from '../../worker-protocol.js';
import { useModel } from '../context.js';
import { useVisible } from '../observe.js';
import { usePictures } from '../paint.js';

interface CardProps {
  readonly card: CardPlace;
  readonly report: NetworkReport;
}

/** A layer of the graph, or a folded block: its volume as a box with a map on its face, and what it is called. */
export function Card({ card, report }: CardProps) {
  const model = useModel();
  const layer = report.network.layers[card.layer];
  if (!layer) return null;
  const { x, y, width, height, title, text, size, box, folded } = card;
  const { name, kind } = layer;
  const output = model.output(name).value;
  const isPicked = model.picked.value === name;
  const problem = model.errors.value.find(({ range }) => {
    const source = layer.source;
    return source?.file === range.file && range.startLine >= source.startLine && range.startLine <= source.endLine;
  });
  const left = BOX_LEFT + (TEXT_LEFT - BOX_LEFT - 8 - (box?.width ?? 0)) / 2;
  const top = (height - (box?.height ?? 0)) / 2;
  const faces = box && facesOf(box, left, top);
  return (
    <div
      class={`card-box ${catalogue[kind].category}${folded ? ' folded' : ''}${problem ? ' wrong' : ''}`}
      data-graph-layer={name}
      aria-current={model.cursorLayer.value === name ? 'true' : undefined}
      style={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
    >
      <button
        type="button"
        class="card-main"
        aria-pressed={isPicked}
        title={problem?.message ?? `${name}: ${text}, ${size}`}
        onClick={() => model.pick(name)}
      >
        {faces && (
          <svg class="volume" aria-hidden="true" width={TEXT_LEFT} height={height}>
            <polygon class="front" points={pointsOf(faces.front)} />
            <polygon class="top" points={pointsOf(faces.top)} />
            <polygon class="right" points={pointsOf(faces.right)} />
          </svg>
        )}
        {box && output && (
          <Face
            output={output}
            isInput={kind === 'input'}
            left={left}
            top={top + box.height - box.faceHeight}
            width={box.faceWidth}
            height={box.faceHeight}
          />
        )}
        <span class="card-text" style={{ left: `${TEXT_LEFT}px` }}>
          <strong>{title}</strong>
          <span>{problem ? problem.message : text}</span>
        </span>
      </button>
      {folded && (
        <button
          type="button"
          class="unfold"
          aria-expanded="false"
          aria-label={`Unfold ${title}`}
          title={`Unfold ${folded.layers} layers`}
          onClick={() => model.graph.fold(folded.key, false)}
        >
          +
        </button>
      )}
    </div>
  );
}

const pointsOf = (points: readonly Point[]): string => points.map((point) => point.join(',')).join(' ');

interface FaceProps {
  readonly output: LayerOutput;
  readonly isInput: boolean;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The first map on the front of its box; of the input the picture. */
function Face({ output, isInput, left, top, width, height }: FaceProps) {
  const { engine, scheme, contrast } = useModel();
  const box = useRef<HTMLSpanElement>(null);
  const visible = useVisible(box);
  const longest = Math.ceil(Math.max(width, height) * 2);
  const request = { channels: [0], contrast: contrast.value, scheme: scheme.value, longest };
  usePictures(box, JSON.stringify([output.version, isInput, request]), visible, () =>
    isInput && (output.shape.channels === 1 || output.shape.channels === 3)
      ? engine.ask('resized', { version: output.version })
      : engine.ask('maps', { version: output.version, ...request }),
  );
  return (
    <span ref={box} class="face enlarged" style={{ left: `${left}px`, top: `${top}px` }}>
      <canvas style={{ width: `${width}px`, height: `${height}px` }} />
    </span>
  );
}
