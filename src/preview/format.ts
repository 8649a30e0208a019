/** Numbers as the panel prints them. */

/** As precise as a measurement deserves: `0.4 ms`, `12 ms`, `1.2 s`. */
export function formatTime(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  // Browsers measure in steps of a tenth of a millisecond.
  if (milliseconds < 0.1) return '< 0.1 ms';
  return `${milliseconds.toFixed(milliseconds >= 10 ? 0 : 1)} ms`;
}

/** Four significant digits: enough to tell neighbours apart, short enough to read. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return text.replaceAll('-', '−');
}

export const formatPercent = (share: number): string => {
  const percent = share * 100;
  return percent > 0 && percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
};

/** For cells of a table, whose numbers go up to `largest`: equally many decimals in all of them, three digits or so. */
export function formatCompact(value: number, largest: number): string {
  if (!Number.isFinite(value)) return formatValue(value);
  if (value === 0) return '0';
  const decimals = largest >= 100 ? 0 : largest >= 10 ? 1 : largest >= 0.1 ? 2 : 3;
  const text = largest < 0.01 ? value.toExponential(0) : value.toFixed(decimals);
  return (decimals === 3 ? text.replace('0.', '.') : text).replaceAll('-', '−');
}

/** `0.41 − 0.11 + 0.93`, from numbers of either sign. */
export const formatSum = (terms: readonly number[]): string =>
  terms
    .map((term, i) => {
      const text = formatValue(term);
      if (i === 0) return text;
      return text.startsWith('−') ? `− ${text.slice(1)}` : `+ ${text}`;
    })
    .join(' ');

/** Of many channels, so many are named. */
const MOST_NAMED = 12;

/** `3, 7, 12`; of many channels only the first. */
export const channelNames = (channels: readonly number[]): string =>
  [...channels.slice(0, MOST_NAMED), ...(channels.length > MOST_NAMED ? ['…'] : [])].join(', ');
