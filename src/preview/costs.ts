import type { NetworkReport } from '../language/protocol.js';
import { BYTES_PER_NUMBER, volumeOf } from '../network/shape.js';
import type { LayerOutput } from './worker-protocol.js';

/** What a layer costs. */
export interface LayerCost {
  readonly index: number;
  readonly name: string;
  readonly macs: number;
  readonly params: number;
  /** Of its activation. */
  readonly bytes: number;
  /** Of its last run; 0 until it has run. */
  readonly milliseconds: number;
  /** Bytes read and written at least: inputs, weights, output. */
  readonly traffic: number;
}

/** What a chart of bars compares. */
export const measures = {
  milliseconds: 'Time',
  macs: 'MACs',
  params: 'Parameters',
  bytes: 'Activation memory',
} as const;

export type Measure = keyof typeof measures;

/** Every layer's cost; what is unknown counts as nothing. */
export function costsOf(
  { network, facts }: Pick<NetworkReport, 'network' | 'facts'>,
  outputOf: (layer: string) => Pick<LayerOutput, 'milliseconds'> | null,
): LayerCost[] {
  return network.layers.map(({ name, kind }, index) => {
    const { output, inputs = [], params, buffers, macs } = facts[index] ?? {};
    const bytes = output ? volumeOf(output) * BYTES_PER_NUMBER : 0;
    const read = inputs.reduce((sum, input) => sum + (input ? volumeOf(input) : 0), 0);
    const weights = (params ?? 0) + (buffers ?? 0);
    return {
      index,
      name,
      macs: macs ?? 0,
      params: params ?? 0,
      bytes,
      milliseconds: kind === 'input' ? 0 : (outputOf(name)?.milliseconds ?? 0),
      traffic: bytes + (read + weights) * BYTES_PER_NUMBER,
    };
  });
}

/** A layer in the roofline model (Williams, Waterman & Patterson 2009). */
interface RooflinePoint {
  readonly name: string;
  /** FLOPs a byte, two FLOPs a MAC. */
  readonly intensity: number;
  /** GFLOPs a second. */
  readonly rate: number;
}

export interface Roofline {
  readonly points: readonly RooflinePoint[];
  /** The best that was measured: GFLOPs a second, and gigabytes a second. */
  readonly peak: number;
  readonly bandwidth: number;
}

/** Shorter times say little: browsers measure in steps of a tenth of a millisecond. */
const SHORTEST = 0.2;

/** Where the layers that compute lie; null while none was measured. */
export function rooflineOf(costs: readonly LayerCost[]): Roofline | null {
  const measured = costs.filter(({ milliseconds, macs }) => milliseconds >= SHORTEST && macs > 0);
  if (measured.length === 0) return null;
  const points = measured.map(({ name, macs, traffic, milliseconds }) => ({
    name,
    intensity: (2 * macs) / traffic,
    rate: (2 * macs) / milliseconds / 1e6,
  }));
  return {
    points,
    peak: Math.max(...points.map(({ rate }) => rate)),
    bandwidth: Math.max(...points.map(({ rate, intensity }) => rate / intensity)),
  };
}
