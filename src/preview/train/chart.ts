import uPlot from 'uplot';

/** A line chart over epochs; the library comes with it, when it is wanted. */

export interface Line {
  readonly label: string;
  /** A CSS colour. */
  readonly stroke: string;
  /** Marks the points: they are few. */
  readonly dots: boolean;
}

/** x and y of a line. */
export type Points = readonly [readonly number[], readonly number[]];

export interface Chart {
  set(lines: readonly Points[]): void;
  resize(width: number): void;
  destroy(): void;
}

export interface ChartOptions {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly height: number;
  /** Where x ends, and y: null for as far as the points go. */
  readonly end: readonly [x: number, y: number | null];
  /** The colours of numbers and of the grid. */
  readonly text: string;
  readonly grid: string;
  readonly font: string;
  readonly format: (value: number) => string;
}

export function createChart(element: HTMLElement, options: ChartOptions): Chart {
  const { lines, width, height, end, text, grid, font, format } = options;
  const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const plot = new uPlot(
    {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 8, 0, 0],
      scales: {
        x: { time: false, range: [0, end[0]] },
        y: { range: (_plot, _least, most) => [0, end[1] ?? (most > 0 ? most * 1.05 : 1)] },
      },
      axes: [
        { ...axis, size: 24, space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
        { ...axis, size: 44, space: 28, values: (_plot, values) => values.map(format) },
      ],
      series: [
        {},
        ...lines.map(({ label, stroke, dots }) => ({
          label,
          stroke,
          width: dots ? 2 : 1.25,
          spanGaps: true,
          points: { show: dots, size: 6, fill: stroke },
        })),
      ],
    },
    [[], ...lines.map(() => [])],
    element,
  );
  return {
    set: (points) => plot.setData(uPlot.join(points.map(([x, y]) => [[...x], [...y]]))),
    resize: (next) => plot.setSize({ width: next, height }),
    destroy: () => plot.destroy(),
  };
}
