import type { Unit } from '../../unit/unit.js';
import type { UnitModel } from '../../unit/unit-model.js';

const MOVES: Readonly<Record<string, Partial<Unit>>> = {
  ArrowUp: { row: -1 },
  ArrowDown: { row: 1 },
  ArrowLeft: { column: -1 },
  ArrowRight: { column: 1 },
  PageUp: { channel: -1 },
  PageDown: { channel: 1 },
  Home: { column: Number.NEGATIVE_INFINITY },
  End: { column: Number.POSITIVE_INFINITY },
};

/** Arrow keys move the unit over its map, Page Up and Down go to the neighbouring maps, the space bar plays. */
export function moveByKeys(event: KeyboardEvent, units: UnitModel): void {
  const move = MOVES[event.key];
  if (!move && event.key !== ' ') return;
  event.preventDefault();
  if (move) units.move(move);
  else units.toggle();
}
