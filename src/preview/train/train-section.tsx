import './train.css';
import { formatBytes, grouped } from '../../network/arithmetic.js';
import { rateAt } from '../../network/training.js';
import { ColourFilters } from '../components/close-up/filters.js';
import { useModel } from '../components/context.js';
import { formatPercent, formatValue } from '../format.js';
import { Confusion } from './confusion.js';
import { Curves } from './curves.js';
import type { Phase, Subject } from './model.js';
import type { TrainReport } from './protocol.js';

/** Begins training; there where the network says how it learns. */
export function TrainButton() {
  const { train } = useModel();
  if (!train.canStart.value || train.onShow.value) return null;
  return (
    <button type="button" class="button primary" onClick={() => train.start()}>
      Train
    </button>
  );
}

/** The training of the network on show: its controls, its curves, and what it confuses. */
export function TrainSection() {
  const { train } = useModel();
  const subject = train.onShow.value;
  const result = train.result.value;
  const classes = train.started.value?.classes;
  if (!subject) return null;
  return (
    <section
      class="training"
      aria-label="Training"
      data-phase={train.phase.value}
      data-epochs={train.epochs.value.length}
    >
      <Controls subject={subject} />
      <Progress />
      <Notes />
      <Curves />
      <Dials subject={subject} />
      <FormingFilters subject={subject} />
      {result && classes && <Confusion result={result} classes={classes} />}
    </section>
  );
}

const phases: Readonly<Record<Phase, string>> = {
  starting: 'Getting ready',
  running: 'Learning',
  paused: 'Paused',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
};

function Controls({ subject }: { readonly subject: Subject }) {
  const { train } = useModel();
  const phase = train.phase.value;
  const canAct = phase === 'running' || phase === 'paused';
  const file = subject.report.network.weightsFile;
  return (
    <div class="training-head">
      <h2>{phases[phase]}</h2>
      <Standing />
      <div class="training-buttons">
        {canAct && (
          <>
            <button type="button" class="button" onClick={() => (phase === 'paused' ? train.resume() : train.pause())}>
              {phase === 'paused' ? 'Resume' : 'Pause'}
            </button>
            <button type="button" class="button" title="One step, and pause" onClick={() => train.step()}>
              Step
            </button>
          </>
        )}
        {train.isUnderWay.value ? (
          <button type="button" class="button" onClick={() => train.stop()}>
            Stop
          </button>
        ) : (
          <>
            <button type="button" class="button" disabled={!train.canStart.value} onClick={() => train.start()}>
              Train again
            </button>
            {phase !== 'failed' && (
              <button
                type="button"
                class="button"
                title="Begin with the weights as they are now"
                disabled={!train.canStart.value}
                onClick={() => train.start({ goOn: true })}
              >
                Train on
              </button>
            )}
          </>
        )}
        <button
          type="button"
          class="button"
          title={file ? `Writes the weights on show into ${file}` : 'Asks where to write the weights on show'}
          disabled={!train.latest.value}
          onClick={() => train.save()}
        >
          {file ? 'Save weights' : 'Save weights…'}
        </button>
        <button type="button" class="button" title="Forgets what was learned" onClick={() => train.discard()}>
          Close
        </button>
      </div>
    </div>
  );
}

/** Where training stands, in a line. */
function Standing() {
  const { train } = useModel();
  const [progress, started, preparing] = [train.progress.value, train.started.value, train.preparing.value];
  if (!started)
    return preparing && train.phase.value === 'starting' ? <span class="hint">{preparingText(preparing)}</span> : null;
  if (!progress)
    return (
      <span class="hint">
        {grouped(started.pictures)} pictures, {grouped(started.tests)} to test
      </span>
    );
  const { epoch, epochs, imagesPerSecond, secondsLeft } = progress;
  const left = train.phase.value === 'running' ? `, ${formatLeft(secondsLeft)} left` : '';
  return (
    <span class="hint">
      epoch {epoch} of {epochs}, {grouped(Math.round(imagesPerSecond))} pictures/s{left}
    </span>
  );
}

const preparingText = (preparing: Extract<TrainReport, { type: 'reading' | 'finding' }>): string =>
  preparing.type === 'reading'
    ? `reading pictures: ${formatBytes(preparing.done)} of ${formatBytes(preparing.of)}`
    : `looking for the filters of ${preparing.layer} in the pictures`;

const formatLeft = (seconds: number): string =>
  seconds > 90 ? `${Math.round(seconds / 60)} min` : `${Math.max(1, Math.round(seconds))} s`;

function Progress() {
  const { train } = useModel();
  const progress = train.progress.value;
  const share = progress ? progress.step / progress.steps : 0;
  return (
    <div
      class="training-progress"
      role="progressbar"
      aria-label="Training"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
    >
      <div style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** What went wrong, what is to be known, and, for those who do not see the curves, what each epoch came to. */
function Notes() {
  const model = useModel();
  const { train } = model;
  const problem = train.problem.value;
  const last = train.epochs.value.at(-1);
  const layer = train.onShow.value?.report.network.layers.find(({ name }) => name === problem?.layer);
  return (
    <>
      {problem && (
        <p class="problem" role="alert">
          {problem.message}{' '}
          {layer?.source && (
            <button type="button" class="link" onClick={() => layer.source && model.reveal(layer.source)}>
              Show {layer.name}
            </button>
          )}
        </p>
      )}
      {train.isOutdated.value && (
        <p class="hint" role="status">
          The text has changed since training began; training goes on with the network as it was.
        </p>
      )}
      <p class="visually-hidden" role="status">
        {last &&
          `Epoch ${last.epoch}: loss ${formatValue(last.loss)}, test accuracy ${formatPercent(last.testAccuracy)}`}
      </p>
    </>
  );
}

/** Powers of ten by which the rate can be changed. */
const FURTHEST = 2;

/** The learning rate, and the epoch that is looked at. */
function Dials({ subject: { settings } }: { readonly subject: Subject }) {
  const { train } = useModel();
  const snapshots = train.snapshots.value;
  const replayed = train.replayed.value;
  const exponent = train.rateExponent.value;
  const { step = 0, steps = 1, epochs = settings.epochs } = train.progress.value ?? {};
  const rate = rateAt(settings, (step / steps) * epochs) * 10 ** exponent;
  const found = snapshots.findIndex(({ epoch }) => epoch === replayed);
  const at = found < 0 ? snapshots.length : found;
  const canChange = train.isUnderWay.value && train.started.value !== null;
  return (
    <div class="dials">
      <label class="slider">
        Rate {formatValue(rate)}
        <input
          type="range"
          min={-FURTHEST}
          max={FURTHEST}
          step={0.1}
          value={exponent}
          disabled={!canChange}
          aria-valuetext={formatValue(rate)}
          onInput={({ currentTarget }) => train.changeRate(currentTarget.valueAsNumber)}
        />
        {exponent !== 0 && canChange && (
          <button type="button" class="link" onClick={() => train.changeRate(0)}>
            as written
          </button>
        )}
      </label>
      {snapshots.length > 1 && (
        <label class="slider">
          Weights of {replayed === null ? 'now' : replayed === 0 ? 'the beginning' : `epoch ${replayed}`}
          <input
            type="range"
            class="epochs"
            min={0}
            max={snapshots.length}
            value={at}
            aria-valuetext={replayed === null ? 'now' : `epoch ${replayed}`}
            onInput={({ currentTarget }) => train.replay(snapshots[currentTarget.valueAsNumber]?.epoch ?? null)}
          />
        </label>
      )}
    </div>
  );
}

/** The filters of the first layer that looks at the picture itself. */
function FormingFilters({ subject: { report } }: { readonly subject: Subject }) {
  const model = useModel();
  const { network, facts } = report;
  const index = facts.findIndex(({ weights: [first] }) => {
    const [, depth, height = 1, width = 1] = first?.shape ?? [];
    return (depth === 1 || depth === 3) && height * width > 1;
  });
  const layer = network.layers[index]?.name;
  const version = layer === undefined ? undefined : model.output(layer).value?.version;
  if (layer === undefined || version === undefined) return null;
  return (
    <div class="forming">
      <ColourFilters layer={layer} version={version} />
    </div>
  );
}
