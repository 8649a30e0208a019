import type { Picture } from '../picture.js';
import { drawDigit } from './digits.js';
import { paint, type Shader } from './paint.js';
import { bricks, rings, shapes, stripes } from './patterns.js';
import { scene } from './scene.js';

/** A picture that ships with the product, drawn at any size by its own code; always the same. */
export interface SamplePicture {
  readonly id: string;
  readonly title: string;
  readonly draw: (width: number, height: number) => Picture;
}

const painted = (id: string, title: string, shader: Shader): SamplePicture => ({
  id,
  title,
  draw: (width, height) => paint(width, height, shader),
});

/** The sample pictures, the default first. */
export const samples: readonly SamplePicture[] = [
  painted('scene', "A summer's day", scene),
  painted('shapes', 'Shapes', shapes),
  painted('stripes', 'Stripes', stripes),
  painted('rings', 'Rings', rings),
  painted('bricks', 'Bricks', bricks),
  ...Array.from({ length: 10 }, (_, digit) => ({
    id: `digit-${digit}`,
    title: `Digit ${digit}`,
    draw: (width: number, height: number) => drawDigit(digit, 1, width, height),
  })),
];
