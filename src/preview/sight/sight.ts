import type { Run } from '../../engine/index.js';
import type { CheckedNetwork } from '../../network/check.js';
import { overlay, type Pictures, rasteriseMaps, spotlight } from '../raster.js';
import { statisticsOf, type Volume } from '../statistics.js';
import { type Sensitivity, sensitivityOf } from '../unit/sensitivity.js';
import type { Unit } from '../unit/unit.js';
import { classMap, classMapEnd } from './class-map.js';
import { occlusionOf } from './occlusion.js';
import { overPicture, regionOf } from './over-picture.js';
import { defaultSide } from './side.js';
import type { Work } from './work.js';

/** A way to see what of the picture a unit's number hangs on. */
export type Sight =
  | { readonly type: Sensitivity }
  /** `side` of the square that covers, in pixels; null for the usual one. */
  | { readonly type: 'occlusion'; readonly side: number | null }
  /** Where the unit's whole map answers: `share` of its largest number, between 0 and 1. */
  | { readonly type: 'region'; readonly share: number };

export interface SightPicture {
  readonly pictures: Pictures;
  /** The least and the largest number that the picture shows. */
  readonly least: number;
  readonly most: number;
  /** Of the square that covered the picture. */
  readonly side?: number;
  /** How much of the picture is in the region, between 0 and 1. */
  readonly covered?: number;
}

export interface Subject {
  readonly checked: Pick<CheckedNetwork, 'network' | 'facts'>;
  /** Complete. */
  readonly run: Run;
  /** What it ran on, in the colours of the picture. */
  readonly picture: Pictures;
}

/** Larger pictures are averaged down. */
const LONGEST_PICTURE = 1024;

export async function sightOf(
  { checked, run, picture }: Subject,
  layer: number,
  unit: Unit,
  way: Sight,
  work: Work,
): Promise<SightPicture | null> {
  switch (way.type) {
    case 'gradient':
    case 'guided': {
      const volume = await sensitivityOf(checked, run, layer, unit, way.type, work);
      if (!volume) return null;
      const request = { channels: [0], contrast: 'layer', scheme: 'dark', longest: LONGEST_PICTURE } as const;
      const { perChannel } = statisticsOf(volume);
      return { pictures: rasteriseMaps(volume, perChannel, request), ...extremesOf(volume) };
    }
    case 'occlusion': {
      const side = way.side ?? defaultSide(picture);
      const volume = await occlusionOf(checked, run, layer, unit, side, work);
      return volume && { pictures: overlay(picture, volume), side, ...extremesOf(volume) };
    }
    case 'region': {
      const [activation, field] = [run[layer]?.activation, checked.facts[layer]?.field];
      if (!activation || !field) return null;
      const map = overPicture(activation, unit.channel, field, picture);
      const region = regionOf(map, way.share);
      const covered = region.reduce((sum, inside) => sum + inside, 0) / region.length;
      return { pictures: spotlight(picture, region), covered, ...extremesOf(map) };
    }
  }
}

/** Null where the network does not end in the average of maps. */
export function sightOfClass({ checked, run, picture }: Subject, index: number): SightPicture | null {
  const end = classMapEnd(checked);
  const map = end && classMap(end, run, index);
  const field = end && checked.facts[end.maps]?.field;
  if (!map || !field) return null;
  return { pictures: overlay(picture, overPicture(map, 0, field, picture)), ...extremesOf(map) };
}

function extremesOf(volume: Volume): { readonly least: number; readonly most: number } {
  const { min, max } = statisticsOf(volume).layer;
  return { least: min, most: max };
}
