import type { LayerFacts } from '../network/check.js';
import type { Network } from '../network/network.js';
import type { Shape } from '../network/shape.js';
import type { TensorHeader } from '../network/weights-file.js';
import type { Scheme } from './colours.js';
import type { LayerDetails } from './details.js';
import type { MapRequest, Pictures } from './raster.js';
import type { Sight, SightPicture } from './sight/sight.js';
import type { Peak } from './sight/top-samples.js';
import type { Unit, UnitReport } from './unit/unit.js';

/** What the panel's page and its worker say to each other. The worker keeps all activations; the page asks for pictures. */

/** Chooses the random weights. */
export const SEED = 1;

/** What the network looks at: a built-in sample, or a file that was decoded before, by the number it was given. */
export type PictureSource =
  | { readonly type: 'sample'; readonly id: string }
  | { readonly type: 'file'; readonly id: number };

/** What came out of a layer. */
export interface LayerOutput {
  /** Equal as long as the numbers are: what is drawn already need not be drawn again. */
  readonly version: number;
  readonly shape: Shape;
  /** How long the layer took when it last ran. */
  readonly milliseconds: number;
  /** `direct 6×8`, `Winograd F(4×4, 3×3)`, `reference`. */
  readonly algorithm: string;
}

export interface SampleTitle {
  readonly id: string;
  readonly title: string;
}

/** Questions, each with the answer's type; an answer is null where the numbers are no longer kept. */
export interface Questions {
  samples: { readonly ask: object; readonly answer: readonly SampleTitle[] };
  /** A sample in small. */
  thumbnail: { readonly ask: { readonly id: string; readonly side: number }; readonly answer: Pictures | null };
  /** Decodes a picture and keeps it under `id`; the answer is the picture in small. */
  decode: {
    readonly ask: { readonly id: number; readonly bytes: Uint8Array; readonly side: number };
    readonly answer: { readonly thumbnail: Pictures } | { readonly problem: string };
  };
  /**
   * Keeps weights in the form of a file, in place of those before from the same source; equal ids are equal contents. A problem
   * is a sentence without its full stop.
   */
  readWeights: {
    readonly ask: { readonly bytes: Uint8Array; readonly from: 'file' | 'learned' };
    readonly answer: { readonly id: string; readonly tensors: readonly TensorHeader[] } | { readonly problem: string };
  };
  /** Lets go of a picture that was decoded. */
  drop: { readonly ask: { readonly id: number }; readonly answer: null };
  /** `beside`: another output whose maps are to be coloured alike. */
  maps: {
    readonly ask: MapRequest & { readonly version: number; readonly beside?: number };
    readonly answer: Pictures | null;
  };
  /** What a layer makes of another picture. It is kept until the next such question. */
  other: {
    readonly ask: { readonly layer: string; readonly version: number; readonly picture: PictureSource };
    readonly answer: LayerOutput | null;
  };
  /** The numbers of one channel, row by row, or of all channels of a layer of single pixels. */
  values: {
    readonly ask: { readonly version: number; readonly channel: number | 'all' };
    readonly answer: Float32Array | null;
  };
  /** What a layer's output and each of its channels are like. */
  details: { readonly ask: { readonly version: number }; readonly answer: LayerDetails | null };
  /** The filters of a layer of the network that ran last: in colour, or as they look at one channel of their input. */
  filters: {
    readonly ask: { readonly layer: string; readonly channel: number | 'colour'; readonly scheme: Scheme };
    readonly answer: Pictures | null;
  };
  /** How one number of a layer comes about. */
  unit: {
    readonly ask: { readonly layer: string; readonly version: number; readonly unit: Unit };
    readonly answer: UnitReport | null;
  };
  /** What of the picture a unit's number hangs on. */
  sight: {
    readonly ask: { readonly layer: string; readonly version: number; readonly unit: Unit; readonly way: Sight };
    readonly answer: SightPicture | null;
  };
  /** Where the picture speaks for a class and where against it; null also where the network does not end in the average of maps. */
  classMap: {
    readonly ask: { readonly version: number; readonly class: number };
    readonly answer: SightPicture | null;
  };
  /**
   * The pictures on which each channel `from` … `to` − 1 of a layer answers most strongly, and what it sees of them there: all peaks
   * of the first channel, then of the next.
   */
  topSamples: {
    readonly ask: {
      readonly layer: string;
      readonly version: number;
      readonly from: number;
      readonly to: number;
      readonly side: number;
    };
    readonly answer: TopSamples | null;
  };
  /** The picture as the network sees it, in colour: resized, before mean and standard deviation are applied. */
  resized: { readonly ask: { readonly version: number }; readonly answer: Pictures | null };
}

export interface TopSamples {
  /** How many pictures there are, and the channels of the whole layer that are dead on all of them. */
  readonly of: number;
  readonly dead: readonly number[];
  readonly peaks: readonly (readonly (Peak & { readonly source: PictureSource })[])[];
  readonly pictures: Pictures;
}

export type Question = keyof Questions;

/** A question that will be asked of an output as soon as it is there, but for its version. */
export type Wanted =
  | { readonly question: 'maps'; readonly about: MapRequest }
  | { readonly question: 'values'; readonly about: Omit<Questions['values']['ask'], 'version'> };

/** The answer to a question that was not asked yet. */
export interface Ahead {
  readonly wanted: Wanted;
  readonly answer: Questions[Wanted['question']]['answer'];
}

/** Page → worker. */
export type WorkerRequest =
  | {
      readonly type: 'run';
      readonly run: number;
      /** Runs of the same subject are edits of one network: layers that were not touched keep their weights. */
      readonly subject: string;
      readonly network: Network;
      readonly facts: readonly LayerFacts[];
      readonly picture: PictureSource;
      /** The id of the weights file that was read; null for random weights. */
      readonly weights: string | null;
      readonly memoryLimit: number;
      /** What is on the screen, by layer: the answers come with the layers' outputs. */
      readonly wanted: Readonly<Record<string, readonly Wanted[]>>;
    }
  | { readonly type: 'cancel' }
  /** Nobody waits for the answer to a question any more. */
  | { readonly type: 'forget'; readonly id: number }
  | {
      [Q in Question]: {
        readonly type: 'ask';
        readonly id: number;
        readonly question: Q;
        readonly about: Questions[Q]['ask'];
      };
    }[Question];

/** Worker → page. */
export type WorkerReport =
  | {
      readonly type: 'layer';
      readonly run: number;
      readonly layer: string;
      readonly output: LayerOutput;
      readonly ahead: readonly Ahead[];
    }
  | { readonly type: 'progress'; readonly run: number; readonly layer: string; readonly fraction: number }
  | { readonly type: 'done'; readonly run: number; readonly milliseconds: number }
  | { readonly type: 'cancelled'; readonly run: number }
  | { readonly type: 'failed'; readonly run: number; readonly message: string }
  /** How far the answer to a question is, between 0 and 1. */
  | { readonly type: 'answering'; readonly id: number; readonly fraction: number }
  | { readonly type: 'answer'; readonly id: number; readonly answer: Questions[Question]['answer'] };
