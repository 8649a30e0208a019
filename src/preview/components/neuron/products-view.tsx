import type { ComponentChildren } from 'preact';
import { grouped } from '../../../network/arithmetic.js';
import { rangeOf } from '../../colours.js';
import { formatSum, formatValue } from '../../format.js';
import { channelSums } from '../../unit/products.js';
import type { Products, UnitReport } from '../../unit/unit.js';
import { Matrix } from './matrix.js';
import { Result } from './result.js';

/** So many channels are worked out in full; of more, those that count most. */
const CHANNELS_IN_FULL = 3;
/** A sum of more terms is written shorter. */
const MOST_TERMS = 6;

interface ProductsViewProps {
  readonly report: UnitReport;
  readonly working: Products;
  readonly channel: number;
  readonly choose: (channel: number) => void;
  readonly nameOf: (channel: number) => string;
}

/** Patch times filter, number by number: the products, what they sum up to in each channel, and the bias. */
export function ProductsView({ report, working, channel, choose, nameOf }: ProductsViewProps) {
  const { height, width, bias } = working;
  const first = report.reading?.channels[0] ?? 0;
  const sums = channelSums(working);
  const sum = sums.reduce((total, each) => total + each, 0);
  const single = height * width === 1;
  return (
    <div class="working">
      <p>
        {height}×{width}×{sums.length} = <strong>{grouped(working.values.length)} products</strong>
        {bias === null ? ', no bias' : ' + bias'}
        {single ? '' : sums.length > 1 ? ', channel by channel' : ''}
      </p>
      {single ? (
        <AllPixels working={working} />
      ) : (
        <>
          <InFull
            working={working}
            channels={inFull(sums, channel - first)}
            first={first}
            nameOf={nameOf}
            sums={sums}
          />
          {sums.length > CHANNELS_IN_FULL && (
            <ChannelBars sums={sums} first={first} channel={channel} choose={choose} />
          )}
        </>
      )}
      <Result value={sum + (bias ?? 0)}>
        {sums.length > MOST_TERMS && `Σ of ${grouped(sums.length)} channels: `}
        {formatSum([...(sums.length > MOST_TERMS ? [sum] : sums), ...(bias === null ? [] : [bias])])}
        {bias === null ? '' : ' (bias)'}
      </Result>
    </div>
  );
}

/** All channels where there are few, in order; else the one that is shown. */
const inFull = (sums: readonly number[], shown: number): number[] =>
  sums.length <= CHANNELS_IN_FULL ? [...sums.keys()] : [shown];

interface InFullProps {
  readonly working: Products;
  readonly channels: readonly number[];
  readonly first: number;
  readonly sums: readonly number[];
  readonly nameOf: (channel: number) => string;
}

function InFull({ working, channels, first, sums, nameOf }: InFullProps) {
  const { height, width, values, weights, outside } = working;
  const area = height * width;
  const products = values.map((value, i) => value * (weights[i] as number));
  const ranges = { values: rangeOf(values), weights: rangeOf(weights), products: rangeOf(products) };
  return (
    <div class="in-full">
      {channels.map((channel) => {
        const part = (numbers: Float32Array) => numbers.subarray(channel * area, (channel + 1) * area);
        const name = nameOf(first + channel);
        return (
          <div key={channel} class="product-row" data-channel-sum={sums[channel]}>
            <Labelled text={`input ${name}`}>
              <Matrix
                {...{ height, width, outside }}
                numbers={part(values)}
                range={ranges.values}
                label={`What the window sees of channel ${name}`}
              />
            </Labelled>
            <span class="operator">×</span>
            <Labelled text="filter">
              <Matrix
                {...{ height, width }}
                numbers={part(weights)}
                range={ranges.weights}
                label={`The filter for channel ${name}`}
              />
            </Labelled>
            <span class="operator">=</span>
            <Labelled text="products">
              <Matrix
                {...{ height, width, outside }}
                numbers={part(products)}
                range={ranges.products}
                label={`Products of channel ${name}`}
              />
            </Labelled>
            <span class="operator">
              Σ <strong>{formatValue(sums[channel] as number)}</strong>
            </span>
          </div>
        );
      })}
    </div>
  );
}

const Labelled = ({ text, children }: { readonly text: string; readonly children: ComponentChildren }) => (
  <div class="labelled">
    <span class="hint">{text}</span>
    {children}
  </div>
);

/** A dot product along the channels: a pixel's numbers, the weights and the products, in rows. */
function AllPixels({ working: { values, weights } }: { readonly working: Products }) {
  const products = values.map((value, i) => value * (weights[i] as number));
  const width = Math.min(values.length, values.length <= 64 ? 16 : 32);
  const rows = Math.ceil(values.length / width);
  const grid = (numbers: Float32Array, text: string) => (
    <Labelled text={text}>
      <Matrix height={rows} width={width} numbers={numbers} label={text} />
    </Labelled>
  );
  return (
    <div class="in-full dot-product">
      {grid(values, `${grouped(values.length)} inputs`)}
      {grid(weights, '× weights')}
      {grid(products, '= products')}
    </div>
  );
}

interface ChannelBarsProps {
  readonly sums: readonly number[];
  readonly first: number;
  readonly channel: number;
  readonly choose: (channel: number) => void;
}

const BAR_HEIGHT = 44;

/** What each channel adds to the sum, as bars up and down; the slider below chooses the one worked out above. */
function ChannelBars({ sums, first, channel, choose }: ChannelBarsProps) {
  const most = Math.max(...sums.map(Math.abs)) || 1;
  const half = BAR_HEIGHT / 2;
  return (
    <div class="channel-bars">
      <svg viewBox={`0 0 ${sums.length} ${BAR_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="axis" d={`M0 ${half}H${sums.length}`} />
        {sums.map((sum, i) => {
          const length = (Math.abs(sum) / most) * half;
          return (
            <rect
              key={i}
              class={`${sum < 0 ? 'negative' : 'positive'}${first + i === channel ? ' chosen' : ''}`}
              x={i}
              width={0.8}
              y={sum < 0 ? half : half - length}
              height={length}
            />
          );
        })}
      </svg>
      <input
        type="range"
        aria-label="Channel of the input"
        min={first}
        max={first + sums.length - 1}
        value={channel}
        onInput={({ currentTarget }) => choose(currentTarget.valueAsNumber)}
      />
      <span class="hint">
        what each of the {grouped(sums.length)} channels adds; above, channel {channel}
      </span>
    </div>
  );
}
