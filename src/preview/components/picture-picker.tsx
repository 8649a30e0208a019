import { useEffect, useRef } from 'preact/hooks';
import type { Pictures } from '../raster.js';
import { useModel } from './context.js';
import { DrawingPad } from './drawing-pad.js';
import { paint } from './paint.js';

/** What the network looks at: the built-in samples, and a picture of the user's. */
export function PicturePicker() {
  const { pictures } = useModel();
  const own = pictures.own.value;
  const inForce = pictures.sampleInForce.value;
  return (
    <section class="pictures">
      <div class="choices" role="radiogroup" aria-label="Sample picture">
        {pictures.samples.value.map(({ id, title }) => (
          <Choice
            key={id}
            title={title}
            thumbnail={pictures.thumbnails.value.get(id)}
            checked={inForce === id}
            choose={() => pictures.chooseSample(id)}
          />
        ))}
        {own && (
          <Choice
            title={own.name}
            thumbnail={own.thumbnail}
            checked={inForce === null}
            choose={() => pictures.chooseOwn()}
          />
        )}
      </div>
      <label class="button">
        Choose picture…
        <input
          type="file"
          class="hidden-input"
          accept="image/png,image/jpeg"
          aria-label="Choose a picture"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file) void pictures.take(file);
            // The same file can then be chosen again after it was changed.
            currentTarget.value = '';
          }}
        />
      </label>
      <DrawingPad />
      <span class="hint">or drop or paste a PNG or JPEG</span>
      {pictures.problem.value && (
        <p class="problem" role="alert">
          {pictures.problem.value}
        </p>
      )}
    </section>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly thumbnail: Pictures | undefined;
  readonly checked: boolean;
  readonly choose: () => void;
}

function Choice({ title, thumbnail, checked, choose }: ChoiceProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current && thumbnail) paint(canvas.current, thumbnail, 0);
  }, [thumbnail]);
  return (
    <label class="choice" title={title}>
      <input type="radio" name="picture" aria-label={title} checked={checked} onChange={choose} />
      <canvas ref={canvas} />
    </label>
  );
}
