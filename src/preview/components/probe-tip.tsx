import './probe-tip.css';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { probed } from './probe.js';

const OFFSET = 14;

/** The exact number under the pointer, beside it. */
export function ProbeTip() {
  const tip = useRef<HTMLDivElement>(null);
  const probe = probed.value;
  useLayoutEffect(() => {
    const element = tip.current;
    if (!element || !probe) return;
    // On the other side of the pointer where it would leave the panel.
    const { offsetWidth, offsetHeight } = element;
    const left = probe.x + OFFSET + offsetWidth > innerWidth ? probe.x - OFFSET - offsetWidth : probe.x + OFFSET;
    const top = probe.y + OFFSET + offsetHeight > innerHeight ? probe.y - OFFSET - offsetHeight : probe.y + OFFSET;
    element.style.translate = `${Math.max(0, left)}px ${Math.max(0, top)}px`;
  }, [probe]);
  return probe ? (
    <div ref={tip} class="probe" role="tooltip">
      {probe.text}
    </div>
  ) : null;
}
