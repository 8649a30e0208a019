import { type Colour, cloudNoise, hex, mix, noise, type Shader, smoothStep } from './paint.js';

/** Four quarters of stripes: vertical, horizontal and the two diagonals, of different widths. What an edge filter answers to. */
export const stripes: Shader = (x, y) => {
  const right = x >= 0.5;
  const lower = y >= 0.5;
  const phase = right ? (lower ? (x - y) * 14 : y * 12) : lower ? (x + y) * 20 : x * 16;
  const value = 0.5 + 0.5 * Math.sin(phase * 2 * Math.PI);
  return [value, value, value];
};

/** Concentric rings whose frequency grows outwards: every orientation and scale in one picture. */
export const rings: Shader = (x, y) => {
  const radius = Math.hypot(x - 0.5, y - 0.5);
  const value = 0.5 + 0.5 * Math.cos(90 * radius * radius);
  return [value, value, value];
};

const paper = hex('#f4efe6');
const disc = hex('#d6453d');
const square = hex('#2c6fbb');
const triangle = hex('#f2b632');
const ink = hex('#26282b');

/** A disc, a square, a triangle and a cross on paper: round, straight, slanted edges, and corners. */
export const shapes: Shader = (x, y) => {
  if (Math.hypot(x - 0.27, y - 0.28) < 0.17) return disc;
  if (Math.max(Math.abs(x - 0.73), Math.abs(y - 0.28)) < 0.16) return square;
  if (y > 0.57 && y < 0.91 && Math.abs(x - 0.27) < (y - 0.57) * 0.56) return triangle;
  const across = Math.abs(x - 0.73);
  const down = Math.abs(y - 0.74);
  if (Math.min(across, down) < 0.05 && Math.max(across, down) < 0.17) return ink;
  return paper;
};

const mortar = hex('#b9aa98');
const brickLight = hex('#b5573a');
const brickDark = hex('#7d3524');

/** A brick wall: a texture with a grain, a grid and a little of chance. */
export const bricks: Shader = (x, y): Colour => {
  const row = Math.floor(y * 8);
  const u = x * 4 + (row % 2 === 0 ? 0 : 0.5);
  const v = y * 8 - row;
  const column = Math.floor(u);
  const edge = Math.min((u - column) * 2, (1 - u + column) * 2, v, 1 - v);
  const shade = noise(column * 7.3 + 0.5, row * 5.1 + 0.5) * 0.8 + (cloudNoise(x * 40, y * 40) - 0.5) * 0.5;
  return mix(mortar, mix(brickLight, brickDark, shade), smoothStep(0.05, 0.09, edge));
};
