import { decimals, grouped } from '../../network/arithmetic.js';
import type { LayerFacts } from '../../network/check.js';
import { rulesOf } from '../../network/frameworks.js';
import { formatShape, type Shape } from '../../network/shape.js';
import type { AnalysedNetwork } from '../findings/analysis.js';

/** How tables say what is known of a network. */

/** What an error leaves unknown. */
export const UNKNOWN = '?';

/** `ResNet18 (like PyTorch)` */
export const headingOf = ({ network }: AnalysedNetwork): string =>
  network.framework ? `${network.name} (like ${rulesOf(network.framework).title})` : network.name;

export const shapeText = (shape: Shape | null): string => (shape ? formatShape(shape) : UNKNOWN);
export const countText = (count: number | null | undefined): string =>
  typeof count === 'number' ? grouped(count) : UNKNOWN;

/** `14×14 stride 2 from −3`: how much of the picture a unit sees, how far apart units look, where the first begins. */
export function fieldText(facts: LayerFacts | undefined): string {
  if (!facts?.field) return UNKNOWN;
  const { y, x } = facts.field;
  const pair = (a: number, b: number) => (a === b ? decimals(a) : `(${decimals(a)}, ${decimals(b)})`);
  const from = y.start === 0 && x.start === 0 ? '' : ` from ${pair(y.start, x.start)}`;
  return `${y.size}×${x.size} stride ${pair(y.stride, x.stride)}${from}`;
}
