import type { Question } from '../worker-protocol.js';
import type { Working } from './use-work.js';

interface WorkBarProps {
  readonly work: Pick<Working<Question>, 'fraction' | 'cancelled' | 'cancel' | 'again'>;
  /** What is worked out, for those who cannot see the bar. */
  readonly label: string;
}

/** How far an answer is, and what gives it up; it shows only what takes a while. */
export function WorkBar({ work, label }: WorkBarProps) {
  if (work.cancelled)
    return (
      <p class="work">
        <span class="hint">Cancelled</span>{' '}
        <button type="button" class="link" onClick={work.again}>
          Work it out
        </button>
      </p>
    );
  if (work.fraction === null) return null;
  const percent = Math.floor(work.fraction * 100);
  return (
    <p class="work delayed">
      <progress aria-label={label} max={100} value={percent} /> <span class="hint">{percent} %</span>{' '}
      <button type="button" class="link" onClick={work.cancel}>
        Cancel
      </button>
    </p>
  );
}
