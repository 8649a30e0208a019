/** Points of a curve before two neighbours are made one. */
const MOST_POINTS = 800;

/** Loss and accuracy of every step so far, averaged over as many steps as keep the points few. */
export class CurvePoints {
  /** After how many steps a point stands: the middle of those it is the mean of. */
  readonly steps: number[] = [];
  readonly losses: number[] = [];
  readonly accuracies: number[] = [];
  /** Steps a point. */
  private width = 1;
  private seen = 0;
  private pending = { loss: 0, accuracy: 0, count: 0 };

  add(loss: number, accuracy: number): void {
    this.seen++;
    this.pending.loss += loss;
    this.pending.accuracy += accuracy;
    if (++this.pending.count < this.width) return;
    this.steps.push(this.seen - (this.width - 1) / 2);
    this.losses.push(this.pending.loss / this.width);
    this.accuracies.push(this.pending.accuracy / this.width);
    this.pending = { loss: 0, accuracy: 0, count: 0 };
    if (this.steps.length >= MOST_POINTS) this.halve();
  }

  private halve(): void {
    for (const values of [this.steps, this.losses, this.accuracies]) {
      const half = Math.floor(values.length / 2);
      for (let i = 0; i < half; i++) values[i] = ((values[2 * i] as number) + (values[2 * i + 1] as number)) / 2;
      values.length = half;
    }
    this.width *= 2;
  }
}
