import './sliders.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { NetworkReport } from '../../../language/protocol.js';
import type { Layer, Network } from '../../../network/network.js';
import { problemWith, type Slider, slidersOf } from '../../sliders.js';
import { useModel } from '../context.js';

/** Stride, padding, kernel and filters of a layer, to be moved: the text follows. */
export function Sliders({ layer: name }: { readonly layer: string }) {
  const model = useModel();
  // Of the text as it is, also while it has errors.
  const report = model.current.value;
  const layer = report?.network.layers.find((layer) => layer.name === name);
  if (!report || !layer) return null;
  const sliders = slidersOf(report, layer, model.document.value?.uri);
  if (sliders.length === 0) return null;
  return (
    <fieldset class="sliders">
      <legend class="hint">Move to edit the text</legend>
      {sliders.map((slider) => (
        <AttributeSlider key={slider.attribute} report={report} layer={layer} slider={slider} />
      ))}
    </fieldset>
  );
}

interface AttributeSliderProps {
  readonly report: NetworkReport;
  readonly layer: Layer;
  readonly slider: Slider;
}

function AttributeSlider({ report, layer, slider }: AttributeSliderProps) {
  const model = useModel();
  const { attribute, value, least, most, step, print, fixed } = slider;
  const problems = useProblems(report.network, layer, slider);
  // All moves from pressing to letting go are undone at once.
  const begins = useRef(true);
  const [moved, setMoved] = useState<number | null>(null);
  const shown = moved ?? value;
  // The text says so now.
  useEffect(() => setMoved(null), [value]);
  const move = (to: number) => {
    setMoved(to);
    model.setAttribute(layer.name, attribute, print(to), begins.current);
    begins.current = false;
  };
  const places = Math.floor((most - least) / step);
  const problem = problems.get(shown);
  const release = () => {
    begins.current = true;
  };
  return (
    <div class="attribute-slider" data-attribute={attribute}>
      <label>
        <span class="attribute-name">{attribute}</span>
        <span class="range">
          <input
            type="range"
            min={least}
            max={least + places * step}
            step={step}
            value={shown}
            disabled={fixed !== null}
            aria-invalid={problem ? 'true' : undefined}
            onPointerDown={release}
            onKeyDown={({ repeat }) => !repeat && release()}
            onInput={({ currentTarget }) => move(currentTarget.valueAsNumber)}
          />
          <span class="ticks" aria-hidden="true">
            {Array.from({ length: places + 1 }, (_, place) => least + place * step).map((at) =>
              problems.get(at) ? (
                <i
                  key={at}
                  data-impossible={at}
                  title={`${print(at)}: ${problems.get(at)}`}
                  style={{ '--at': places > 0 ? (at - least) / (places * step) : 0 }}
                />
              ) : null,
            )}
          </span>
        </span>
        <output>{print(shown)}</output>
      </label>
      {(fixed ?? problem) && <span class="hint">{fixed ?? problem}</span>}
    </div>
  );
}

/** Between two frames. */
const SLICE = 6;

/** What the shape checker says of each value of a slider; found out bit by bit, without holding up the page. */
function useProblems(network: Network, layer: Layer, slider: Slider): ReadonlyMap<number, string | null> {
  const [problems, setProblems] = useState<ReadonlyMap<number, string | null>>(new Map());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const found = new Map<number, string | null>();
    let next = slider.least;
    const go = () => {
      const end = performance.now() + SLICE;
      for (; next <= slider.most && performance.now() < end; next += slider.step)
        found.set(next, problemWith(network, layer, slider, next));
      if (next <= slider.most) timer = setTimeout(go);
      else setProblems(found);
    };
    if (slider.fixed === null) timer = setTimeout(go);
    return () => clearTimeout(timer);
  }, [network, layer, slider.attribute]);
  return problems;
}
