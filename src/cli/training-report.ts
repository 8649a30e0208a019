import type { CodeReport, EpochReport, StepProgress, TestReport } from '../engine/index.js';
import { alignTable } from '../language/report/table.js';
import type { TrainingSettings } from '../network/training.js';

const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

/** Characters of the bar at most; it takes what the rest of the line leaves. */
const BAR = 20;

/** `epoch 2/5 ━━━━━━──── 30 %  loss 0.123  97.1 %  5,432 images/s  12 s left` */
export function formatStep(progress: StepProgress, columns: number): string {
  const { epoch, epochs, step, steps, meanLoss, accuracy, imagesPerSecond, secondsLeft } = progress;
  const rate = Math.round(imagesPerSecond).toLocaleString('en-US');
  const begin = `epoch ${epoch}/${epochs}`;
  const rest =
    ` ${Math.floor((step / steps) * 100)} %  loss ${meanLoss.toFixed(4)}  ` +
    `${percent(accuracy)}  ${rate} images/s  ${duration(secondsLeft)} left`;
  const width = Math.max(0, Math.min(BAR, columns - begin.length - rest.length - 2));
  const full = Math.round((step / steps) * width);
  return `${begin} ${'━'.repeat(full)}${'─'.repeat(width - full)}${rest}`.slice(0, columns - 1);
}

export const formatEpoch = (
  { epoch, loss, accuracy, testLoss, testAccuracy }: EpochReport,
  epochs: number,
  isBest: boolean,
): string =>
  `epoch ${String(epoch).padStart(String(epochs).length)}/${epochs}  loss ${loss.toFixed(4)}  accuracy ${percent(accuracy)}  ` +
  `test loss ${testLoss.toFixed(4)}  test accuracy ${percent(testAccuracy)}${isBest ? '  (best)' : ''}`;

const MOST_CONFUSIONS = 5;

/** The pairs of classes that are confused most. */
function confusions(classes: readonly string[], { confusion }: TestReport): readonly string[] {
  return confusion
    .flatMap((row, is) => row.map((count, taken) => ({ is, taken, count })))
    .filter(({ is, taken, count }) => is !== taken && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_CONFUSIONS)
    .map(({ is, taken, count }) => `${classes[is]} taken for ${classes[taken]}: ${count}`);
}

export function formatTest(network: string, dataset: string, classes: readonly string[], report: TestReport): string {
  const { accuracy, loss, count, confusion } = report;
  const rows = confusion.map((row, is) => {
    const all = row.reduce((sum, taken) => sum + taken, 0);
    return [classes[is] ?? '', String(all), all === 0 ? '–' : percent((row[is] ?? 0) / all)];
  });
  const columns = [
    { title: 'class', align: 'left' },
    { title: 'pictures', align: 'right' },
    { title: 'right', align: 'right' },
  ] as const;
  const wrong = confusions(classes, report);
  return `${network} on ${dataset}: ${percent(accuracy)} of ${count} test pictures, loss ${loss.toFixed(4)}\n\n${alignTable(columns, rows).join('\n')}\n${
    wrong.length > 0 ? `\n${wrong.join('\n')}\n` : ''
  }`;
}

/** How layers say what they see, a line each. */
export function formatCodes(codes: readonly CodeReport[]): string {
  const columns = [
    { title: 'layer', align: 'left' },
    { title: 'units', align: 'right' },
    { title: 'effective rank', align: 'right' },
    { title: 'answer to a picture', align: 'right' },
    { title: 'classes a unit answers to', align: 'right' },
  ] as const;
  const rows = codes.map(({ layer, units, effectiveRank, unitsAPicture, classesAUnit }) => [
    layer,
    String(units),
    effectiveRank.toFixed(1),
    unitsAPicture.toFixed(1),
    classesAUnit.toFixed(1),
  ]);
  return `\n${alignTable(columns, rows).join('\n')}\n`;
}

/** The curves and the confusion matrix of a training, as a page and its picture. */
export function trainingReport(
  name: string,
  settings: TrainingSettings,
  classes: readonly string[],
  history: readonly EpochReport[],
  test: TestReport,
  svgPath: string,
): { readonly markdown: string; readonly svg: string } {
  const { dataset, loss, optimiser, rate, batch, seed } = settings;
  const epochs = history.map((report) => [
    String(report.epoch),
    report.loss.toFixed(4),
    percent(report.accuracy),
    report.testLoss.toFixed(4),
    percent(report.testAccuracy),
  ]);
  const confusion = test.confusion.map((row, is) => [`**${classes[is]}**`, ...row.map(String)]);
  const markdown = [
    `# ${name} on ${dataset}`,
    `${percent(test.accuracy)} of ${test.count} test pictures (loss ${test.loss.toFixed(4)}), after ${history.length} epochs: ${loss}, ${optimiser.kind}, rate ${rate}, batch ${batch}, seed ${seed}.`,
    `![Loss and accuracy](${svgPath.split('/').at(-1)})`,
    '## Epochs',
    markdownTable(['Epoch', 'Loss', 'Accuracy', 'Test loss', 'Test accuracy'], epochs),
    '## Confusion matrix',
    'A row is what the pictures show, a column what they were taken for.',
    markdownTable(['', ...classes], confusion),
  ];
  return { markdown: `${markdown.join('\n\n')}\n`, svg: curves(history) };
}

const markdownTable = (titles: readonly string[], rows: readonly (readonly string[])[]): string =>
  [titles, titles.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

interface Curve {
  readonly title: string;
  readonly colour: string;
  readonly values: readonly number[];
}

const CHART = { width: 320, height: 200, left: 44, top: 28, bottom: 28 } as const;

/** Two charts beside each other: the losses, and the accuracies. */
function curves(history: readonly EpochReport[]): string {
  const losses: readonly Curve[] = [
    { title: 'training', colour: '#3b82c4', values: history.map(({ loss }) => loss) },
    { title: 'test', colour: '#d9822b', values: history.map(({ testLoss }) => testLoss) },
  ];
  const accuracies: readonly Curve[] = [
    { title: 'training', colour: '#3b82c4', values: history.map(({ accuracy }) => accuracy) },
    { title: 'test', colour: '#d9822b', values: history.map(({ testAccuracy }) => testAccuracy) },
  ];
  const most = Math.max(...losses.flatMap(({ values }) => values), Number.EPSILON);
  const width = 2 * (CHART.width + CHART.left) + 24;
  const height = CHART.top + CHART.height + CHART.bottom;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11" fill="#888">
<title>Loss and accuracy by epoch</title>
${chart('Loss', losses, 0, most, (value) => value.toPrecision(2), CHART.left)}
${chart('Accuracy', accuracies, Math.min(...accuracies.flatMap(({ values }) => values), 1), 1, percent, CHART.width + 2 * CHART.left + 12)}
</svg>
`;
}

function chart(
  title: string,
  all: readonly Curve[],
  least: number,
  most: number,
  label: (value: number) => string,
  left: number,
): string {
  const span = most - least || 1;
  const count = Math.max(...all.map(({ values }) => values.length));
  const x = (i: number) => left + (count < 2 ? 0.5 : i / (count - 1)) * CHART.width;
  const y = (value: number) => CHART.top + (1 - (value - least) / span) * CHART.height;
  const round = (value: number) => Number(value.toFixed(1));
  const lines = all.map(({ colour, values }) => {
    const points = values.map((value, i) => `${round(x(i))},${round(y(value))}`).join(' ');
    const dots = values.map(
      (value, i) => `<circle cx="${round(x(i))}" cy="${round(y(value))}" r="2" fill="${colour}"/>`,
    );
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`;
  });
  const legend = all.map(
    ({ title: name, colour }, i) =>
      `<text x="${left + CHART.width - 60 * (all.length - i) + 8}" y="${CHART.top - 10}" fill="${colour}">${name}</text>`,
  );
  const bottom = CHART.top + CHART.height;
  return `<g>
<text x="${left}" y="${CHART.top - 10}" font-weight="bold">${title}</text>${legend.join('')}
<path d="M${left} ${CHART.top}V${bottom}H${left + CHART.width}" fill="none" stroke="#888"/>
<text x="${left - 4}" y="${CHART.top + 8}" text-anchor="end">${label(most)}</text><text x="${left - 4}" y="${bottom}" text-anchor="end">${label(least)}</text>
<text x="${left}" y="${bottom + 16}">epoch 1</text><text x="${left + CHART.width}" y="${bottom + 16}" text-anchor="end">${count}</text>
${lines.join('\n')}
</g>`;
}
