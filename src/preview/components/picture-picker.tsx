import './picture-picker.css';
import { useEffect, useRef } from 'preact/hooks';
import { resizeWords } from '../picture-file.js';
import type { Pictures } from '../raster.js';
import { useModel } from './context.js';
import { DrawingPad } from './drawing-pad.js';
import { paint } from './paint.js';

/** What the network looks at: the built-in samples, and a picture of the user's. */
export function PicturePicker() {
  const { pictures, shown } = useModel();
  const own = pictures.ownInForce.value;
  const input = shown.value?.facts[0]?.output;
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
        {pictures.own.value.map(({ id, name, thumbnail }) => (
          <Choice
            key={id}
            title={name}
            thumbnail={thumbnail}
            checked={own?.id === id}
            choose={() => pictures.chooseOwn(id)}
          />
        ))}
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
      <label class="button">
        Open folder…
        <input
          type="file"
          class="hidden-input"
          multiple
          ref={(input) => input?.setAttribute('webkitdirectory', '')}
          aria-label="Open a folder of pictures"
          onChange={({ currentTarget }) => {
            void pictures.takeFolder([...(currentTarget.files ?? [])]);
            currentTarget.value = '';
          }}
        />
      </label>
      <DrawingPad />
      <span class="hint">or drop or paste a PNG or JPEG</span>
      {own && input && (
        <p class="hint resized">
          {own.name}: {resizeWords(own.size, input)}
        </p>
      )}
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
