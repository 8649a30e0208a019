import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { EngineClient } from '../engine-client.js';
import type { LayerOutput } from '../worker-protocol.js';
import { placesOf, stepPlace } from './places.js';
import type { Unit, UnitOf, UnitReport } from './unit.js';

/** How fast the filter slides, in places a second; the fastest crosses any map in about ten seconds. */
export const PACES = { slow: 2, normal: 6, fast: 'ten seconds' } as const;

export type Pace = keyof typeof PACES;

const MILLISECONDS_OF_FAST = 10_000;
/** Between two pictures of the fastest pace. */
const FRAME = 50;

/** The unit that is looked at, and the filter's way over the map. */
export class UnitModel {
  readonly unit: Signal<UnitOf | null>;
  /** How its number comes about; that of the unit before until the answer is there. */
  readonly report = signal<UnitReport | null>(null);
  readonly isPlaying = signal(false);
  readonly pace = signal<Pace>('normal');
  /** Up to which place, counted row by row, the map is filled in; null for the whole map. */
  readonly filled = signal<number | null>(null);

  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly outputOf: (layer: string) => ReadonlySignal<LayerOutput | null>,
    saved: UnitOf | null,
  ) {
    this.unit = signal(saved);
    effect(() => this.ask());
    effect(() => this.keepInside());
    effect(() => this.play());
  }

  /** The output of the unit's layer. */
  readonly output = computed<LayerOutput | null>(() => {
    const unit = this.unit.value;
    return unit ? this.outputOf(unit.layer).value : null;
  });

  look(unit: UnitOf): void {
    if (unit.layer !== this.unit.peek()?.layer) this.report.value = null;
    this.isPlaying.value = false;
    this.filled.value = null;
    this.unit.value = unit;
  }

  close(): void {
    this.isPlaying.value = false;
    this.filled.value = null;
    this.unit.value = null;
    this.report.value = null;
  }

  /** Moves by rows and columns, or to another map; at the border it stays. */
  move(by: Partial<Unit>): void {
    const [unit, shape] = [this.unit.peek(), this.output.peek()?.shape];
    if (!unit || !shape) return;
    const within = (value: number, length: number) => Math.max(0, Math.min(value, length - 1));
    const row = within(unit.row + (by.row ?? 0), shape.height);
    const column = within(unit.column + (by.column ?? 0), shape.width);
    this.unit.value = { ...unit, channel: within(unit.channel + (by.channel ?? 0), shape.channels), row, column };
    if (this.filled.peek() !== null) this.filled.value = row * shape.width + column;
  }

  /** To the next or an earlier place of the filter's way, row by row; the map is filled in up to there. */
  step(by: number): void {
    const [unit, shape] = [this.unit.peek(), this.output.peek()?.shape];
    if (!unit || !shape) return;
    const place = stepPlace(shape, unit, by);
    this.unit.value = { ...unit, row: Math.floor(place / shape.width), column: place % shape.width };
    this.filled.value = place;
  }

  /** Slides on from here, or from the start where the filter has come to the end. */
  toggle(): void {
    const [unit, shape] = [this.unit.peek(), this.output.peek()?.shape];
    if (!unit || !shape) return;
    const isAtEnd = unit.row === shape.height - 1 && unit.column === shape.width - 1;
    if (!this.isPlaying.peek()) {
      if (isAtEnd || this.filled.peek() === null) this.step(Number.NEGATIVE_INFINITY);
    }
    this.isPlaying.value = !this.isPlaying.peek();
  }

  /** To the first place, the map empty but for it. */
  rewind(): void {
    this.isPlaying.value = false;
    this.step(Number.NEGATIVE_INFINITY);
  }

  /** The whole map again. */
  fill(): void {
    this.isPlaying.value = false;
    this.filled.value = null;
  }

  private play(): void {
    clearInterval(this.timer);
    if (!this.isPlaying.value) return;
    const shape = this.output.value?.shape;
    if (!shape) return;
    const pace = PACES[this.pace.value];
    const [interval, places] =
      pace === 'ten seconds' ? [FRAME, Math.ceil((placesOf(shape) * FRAME) / MILLISECONDS_OF_FAST)] : [1000 / pace, 1];
    this.timer = setInterval(() => {
      this.step(places);
      if (this.filled.peek() === placesOf(shape) - 1) this.isPlaying.value = false;
    }, interval);
  }

  private ask(): void {
    const [unit, output] = [this.unit.value, this.output.value];
    if (!unit || !output) return;
    const { layer, ...place } = unit;
    void this.engine.ask('unit', { layer, version: output.version, unit: place }).then((report) => {
      // The unit may have moved on: an answer about another layer would not fit, one about a neighbour is soon replaced.
      if (report && this.unit.peek()?.layer === layer) this.report.value = report;
    });
  }

  /** An edit may leave a smaller map, or fewer of them. */
  private keepInside(): void {
    const [unit, shape] = [this.unit.value, this.output.value?.shape];
    if (!unit || !shape) return;
    const isInside = unit.row < shape.height && unit.column < shape.width && unit.channel < shape.channels;
    if (!isInside) this.move({});
  }
}
