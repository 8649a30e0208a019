import { useEffect, useRef, useState } from 'preact/hooks';
import { useModel } from '../components/context.js';
import { useWidth } from '../components/observe.js';
import { formatPercent, formatValue } from '../format.js';
import type { Chart, Line, Points } from './chart.js';

const HEIGHT = 132;

/** Loss and accuracy over the epochs: of what was learned, step by step, and of the test, after each epoch. */
export function Curves() {
  const { train } = useModel();
  const started = train.started.value;
  const subject = train.onShow.value;
  // Read for the points, which are not signals.
  const version = train.pointsVersion.value;
  const epochs = train.epochs.value;
  if (!started || !subject) return null;
  const { steps, losses, accuracies } = train.points;
  const x = steps.map((step) => step / started.stepsAnEpoch);
  const tested = epochs.map(({ epoch }) => epoch);
  const last = epochs.at(-1);
  const end = subject.settings.epochs;
  return (
    <div class="curves">
      <Curve
        title="Loss"
        summary={`${losses.length > 0 ? formatValue(losses.at(-1) ?? 0) : 'nothing yet'}${last ? `, test ${formatValue(last.testLoss)}` : ''}`}
        lines={[
          [x, losses],
          [tested, epochs.map(({ testLoss }) => testLoss)],
        ]}
        version={version}
        end={[end, null]}
        format={(value) => String(Number(value.toPrecision(3)))}
      />
      <Curve
        title="Accuracy"
        summary={`${accuracies.length > 0 ? formatPercent(accuracies.at(-1) ?? 0) : 'nothing yet'}${last ? `, test ${formatPercent(last.testAccuracy)}` : ''}`}
        lines={[
          [x, accuracies],
          [tested, epochs.map(({ testAccuracy }) => testAccuracy)],
        ]}
        version={version}
        end={[end, 1]}
        format={(value) => `${Math.round(value * 100)} %`}
      />
    </div>
  );
}

interface CurveProps {
  readonly title: string;
  /** Where it stands, in words. */
  readonly summary: string;
  readonly lines: readonly [learned: Points, tested: Points];
  readonly version: number;
  readonly end: readonly [number, number | null];
  readonly format: (value: number) => string;
}

function Curve({ title, summary, lines, version, end, format }: CurveProps) {
  const { scheme } = useModel();
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<Chart | null>(null);
  const width = useWidth(box);
  const isLaidOut = width > 0;
  useEffect(() => {
    if (!box.current || !isLaidOut) return;
    const element = box.current;
    let made: Chart | undefined;
    let isGone = false;
    // The library is loaded when the first network is trained.
    void import('./chart.js').then(({ createChart }) => {
      if (isGone) return;
      made = createChart(element, { lines: coloursOf(element), width, height: HEIGHT, end, ...inkOf(element), format });
      setChart(made);
    });
    return () => {
      isGone = true;
      made?.destroy();
      setChart(null);
    };
  }, [isLaidOut, scheme.value, end[0]]);
  useEffect(() => chart?.set(lines), [chart, version, lines[1][0].length]);
  useEffect(() => chart?.resize(width), [chart, width]);
  return (
    <figure>
      <figcaption>
        <strong>{title}</strong> <span>{summary}</span>
      </figcaption>
      <div ref={box} class="learning-curve" role="img" aria-label={`${title} over the epochs: ${summary}`} />
    </figure>
  );
}

const variable = (element: HTMLElement, name: string): string =>
  getComputedStyle(element).getPropertyValue(name).trim();

const coloursOf = (element: HTMLElement): readonly [Line, Line] => [
  { label: 'learned', stroke: variable(element, '--learned'), dots: false },
  { label: 'test', stroke: variable(element, '--tested'), dots: true },
];

function inkOf(element: HTMLElement) {
  const { color, fontFamily } = getComputedStyle(element);
  return { text: color, grid: variable(element, '--grid'), font: `11px ${fontFamily}` };
}
