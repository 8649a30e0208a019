import './header.css';
import type { NetworkReport } from '../../language/protocol.js';
import { grouped } from '../../network/arithmetic.js';
import { rulesOf } from '../../network/frameworks.js';
import { formatShape } from '../../network/shape.js';
import { formatTime } from '../format.js';
import { TrainButton } from '../train/train-section.js';
import { Banner } from './banner.js';
import { ChangesView } from './changes/changes.js';
import { useModel } from './context.js';

/** The network's name and its totals, and how its run is getting on. */
export function Header({ report }: { readonly report: NetworkReport }) {
  const { network, totals, facts } = report;
  const output = facts.at(-1)?.output;
  const weights = useModel().weights.inForce.value;
  return (
    <header class="header">
      <div class="title">
        <NetworkName report={report} />
        {network.framework && <span class="framework">like {rulesOf(network.framework).title}</span>}
        <TrainButton />
        <RunStatus />
      </div>
      <dl class="facts">
        <Fact name="Parameters" value={totals.params === null ? '?' : grouped(totals.params)} />
        <Fact name="MACs" value={totals.macs === null ? '?' : grouped(totals.macs)} />
        <Fact name="Output" value={output ? formatShape(output) : '?'} />
        {weights && <Fact name="Weights" value={weights.name} />}
      </dl>
      {weights?.problem && (
        <p class="hint" role="status">
          {weights.problem}
        </p>
      )}
      <ChangesView />
      <Banner />
      <ProgressBar />
    </header>
  );
}

const Fact = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
);

/** The name; a choice where the file has several networks. */
function NetworkName({ report }: { readonly report: NetworkReport }) {
  const model = useModel();
  const names = model.document.value?.networks?.map(({ network }) => network.name) ?? [];
  const { name } = report.network;
  if (names.length < 2) return <h1>{name}</h1>;
  return (
    <h1>
      <select
        aria-label="Network"
        value={model.current.value?.network.name ?? name}
        onChange={({ currentTarget }) => model.chooseNetwork(currentTarget.value)}
      >
        {names.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </h1>
  );
}

function RunStatus() {
  const model = useModel();
  const run = model.run.value;
  switch (run.type) {
    case 'running':
      return (
        <span class="status delayed">
          <span>
            {run.layer ? `Running ${run.layer}` : 'Running'}, {Math.floor(run.fraction * 100)} %
          </span>
          <button type="button" class="link" onClick={() => model.cancel()}>
            Cancel
          </button>
        </span>
      );
    case 'done':
      return (
        <span class="status" title="The time of the last forward pass">
          {formatTime(run.milliseconds)}
        </span>
      );
    case 'cancelled':
      return (
        <span class="status">
          <span>Cancelled</span>
          <button type="button" class="link" onClick={() => model.retry()}>
            Run
          </button>
        </span>
      );
    default:
      return null;
  }
}

function ProgressBar() {
  const run = useModel().run.value;
  if (run.type !== 'running') return null;
  return (
    <div
      class="progress delayed"
      role="progressbar"
      aria-label="Running the network"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(run.fraction * 100)}
    >
      <div style={{ width: `${run.fraction * 100}%` }} />
    </div>
  );
}
