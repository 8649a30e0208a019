import { formatBytes } from '../network/arithmetic.js';
import { type CheckedNetwork, sizeOf } from '../network/check.js';
import { BYTES_PER_NUMBER, volumeOf } from '../network/shape.js';
import { EngineError } from './error.js';
import type { Plan } from './plan.js';

/** What a run keeps, in bytes. */
export interface MemoryNeeded {
  readonly activations: number;
  readonly weights: number;
  readonly total: number;
}

/** The memory of a run that keeps every layer's activation, known before anything is allocated. */
export function memoryNeeded({ facts }: Pick<CheckedNetwork, 'facts'>, batch = 1): MemoryNeeded {
  let activations = 0;
  let weights = 0;
  for (const { output, weights: specs } of facts) {
    if (!output) continue;
    activations += batch * volumeOf(output) * BYTES_PER_NUMBER;
    for (const spec of specs) weights += sizeOf(spec) * BYTES_PER_NUMBER;
  }
  return { activations, weights, total: activations + weights };
}

/** Throws an {@link EngineError} where a run, by this plan if there is one, would take more than `limit` bytes. */
export function requireMemory(
  checked: Pick<CheckedNetwork, 'network' | 'facts'>,
  batch: number,
  limit: number,
  { arenaBytes, constantBytes }: Pick<Plan, 'arenaBytes' | 'constantBytes'> = { arenaBytes: 0, constantBytes: 0 },
): void {
  const { activations, weights } = memoryNeeded(checked, batch);
  refuseAbove(limit, checked.network.name, { activations, weights, computing: arenaBytes + constantBytes });
}

/** Throws an {@link EngineError} where these parts of a network's memory sum up to more than `limit` bytes. */
export function refuseAbove(limit: number, name: string, parts: Readonly<Record<string, number>>): void {
  const used = Object.entries(parts).filter(([, bytes]) => bytes > 0);
  const total = used.reduce((sum, [, bytes]) => sum + bytes, 0);
  if (total <= limit) return;
  const list = used.map(([part, bytes]) => `${part} ${formatBytes(bytes)}`).join(', ');
  throw new EngineError(
    `${name} needs ${formatBytes(total)} (${list}), more than the ${formatBytes(limit)} it may take`,
  );
}
