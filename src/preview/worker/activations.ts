import { detailsOf, type LayerDetails } from '../details.js';
import { type MapRequest, type Pictures, rasteriseMaps } from '../raster.js';
import { type ChannelStatistics, statisticsOf, type Volume } from '../statistics.js';
import type { LayerOutput } from '../worker-protocol.js';

interface Kept {
  readonly version: number;
  readonly volume: Volume;
  /** Worked out for the layers that are looked at: over all of a large network it takes as long as half the run. */
  statistics: ReturnType<typeof statisticsOf> | undefined;
}

const statisticsIn = (kept: Kept) => {
  kept.statistics ??= statisticsOf(kept.volume);
  return kept.statistics;
};

/** The layers' outputs of the last run and of the one under way, for the page to ask about by version. */
export class Activations {
  private byData = new WeakMap<Float32Array, Kept>();
  private byVersion = new Map<number, Kept>();
  private lastVersion = 0;

  /** Takes a layer's output. The same numbers (the engine hands out the same array when it did not run the layer again) keep their version. */
  keep(volume: Volume, { milliseconds, algorithm }: Pick<LayerOutput, 'milliseconds' | 'algorithm'>): LayerOutput {
    let kept = this.byData.get(volume.data);
    if (!kept) {
      kept = { version: ++this.lastVersion, volume, statistics: undefined };
      this.byData.set(volume.data, kept);
    }
    this.byVersion.set(kept.version, kept);
    const { height, width, channels } = volume;
    const shape = { height, width, channels };
    return { version: kept.version, shape, milliseconds, algorithm };
  }

  /** Lets go of all numbers but these: the arrays that they were in, which nobody reads any more. */
  retain(data: Iterable<Float32Array | undefined>): Float32Array[] {
    const wanted = new Set(data);
    const others = [...this.byVersion.values()].filter(({ volume }) => !wanted.has(volume.data));
    for (const { volume } of others) this.release(volume);
    return others.map(({ volume }) => volume.data);
  }

  release({ data }: Volume): void {
    const version = this.byData.get(data)?.version;
    if (version !== undefined) this.byVersion.delete(version);
    // Other numbers in the same array are another version.
    this.byData.delete(data);
  }

  /** `beside`: the colours are right for the numbers of both. */
  maps(version: number, request: MapRequest, beside?: number): Pictures | null {
    const kept = this.byVersion.get(version);
    const other = beside === undefined ? undefined : this.byVersion.get(beside);
    if (!kept) return null;
    const own = statisticsIn(kept).perChannel;
    const extremes = other ? extremesOfBoth(own, statisticsIn(other).perChannel) : own;
    return rasteriseMaps(kept.volume, extremes, request);
  }

  details(version: number): LayerDetails | null {
    const kept = this.byVersion.get(version);
    return kept ? detailsOf(kept.volume, statisticsIn(kept).layer) : null;
  }

  volume(version: number): Volume | null {
    return this.byVersion.get(version)?.volume ?? null;
  }

  values(version: number, channel: number | 'all'): Float32Array<ArrayBuffer> | null {
    const volume = this.volume(version);
    if (!volume) return null;
    const { data, channels } = volume;
    if (channel === 'all') return data.slice();
    const values = new Float32Array(data.length / channels);
    for (let pixel = 0; pixel < values.length; pixel++) values[pixel] = data[pixel * channels + channel] as number;
    return values;
  }
}

const extremesOfBoth = (a: ChannelStatistics, b: ChannelStatistics): ChannelStatistics => ({
  min: a.min.map((value, channel) => Math.min(value, b.min[channel] ?? value)),
  max: a.max.map((value, channel) => Math.max(value, b.max[channel] ?? value)),
});
