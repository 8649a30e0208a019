import type { ComponentChildren } from 'preact';
import { formatValue } from '../../format.js';

/** The last line: what comes out. */
export const Result = ({ children, value }: { readonly children: ComponentChildren; readonly value: number }) => (
  <p class="result" data-result={value}>
    {children} = <strong>{formatValue(value)}</strong>
  </p>
);
