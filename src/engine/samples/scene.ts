import { type Colour, cloudNoise, hex, mix, noise, type Shader, smoothStep } from './paint.js';

const zenith = hex('#2f7fd0');
const horizon = hex('#bfe3f5');
const sun = hex('#fff3b0');
const glow = hex('#ffe08a');
const cloud = hex('#ffffff');
const farHill = hex('#7fa8a0');
const middleHill = hex('#5d9a5b');
const meadow = hex('#8cc152');
const meadowNear = hex('#4f8f2f');
const path = hex('#d9c08c');
const wall = hex('#f3e3c3');
const wallShade = hex('#d4b98c');
const roof = hex('#b8402f');
const roofShade = hex('#8f2c22');
const windowGlass = hex('#3d5f86');
const door = hex('#6b3f22');
const white = hex('#faf6ee');
const trunk = hex('#6d4526');
const leafLight = hex('#5fae3c');
const leafDark = hex('#245c22');

const sunX = 0.2;
const sunY = 0.18;

/** A summer's day: sun, clouds, two ranges of hills, a meadow with a path, a house with a red roof, and a tree. */
export const scene: Shader = (x, y) => tree(x, y) ?? house(x, y) ?? land(x, y) ?? sky(x, y);

function sky(x: number, y: number): Colour {
  const distance = Math.hypot(x - sunX, y - sunY);
  if (distance < 0.075) return sun;
  let colour = mix(zenith, horizon, y / 0.58);
  colour = mix(colour, glow, 0.75 * Math.exp(-((distance - 0.075) * 11)));
  const cover = smoothStep(0.52, 0.72, cloudNoise(x * 4.2 + 1.3, y * 9 + 0.4)) * smoothStep(0.5, 0.2, y);
  return mix(colour, cloud, cover * 0.9);
}

const farRidge = (x: number): number => 0.5 - 0.09 * Math.sin(x * 4.6 + 0.6) - 0.025 * Math.sin(x * 13 + 1);
const middleRidge = (x: number): number => 0.57 - 0.06 * Math.sin(x * 5.4 + 3.6) - 0.012 * Math.sin(x * 17);
const meadowEdge = (x: number): number => 0.66 - 0.03 * Math.sin(x * 3.3 + 0.3);

function land(x: number, y: number): Colour | undefined {
  if (y > meadowEdge(x)) {
    const depth = (y - meadowEdge(x)) / (1 - meadowEdge(x));
    const centre = 0.585 - 0.23 * depth + 0.09 * Math.sin(depth * 4.4);
    const halfWidth = 0.014 + 0.085 * depth * depth + 0.02 * depth;
    const grain = noise(x * 60, (y * 110) / (0.4 + depth)) - 0.5;
    if (Math.abs(x - centre) < halfWidth && y > 0.715) return mix(path, wallShade, 0.4 + 0.5 * grain);
    return mix(mix(meadow, meadowNear, depth), leafDark, 0.22 * grain + 0.08);
  }
  if (y > middleRidge(x))
    return mix(middleHill, leafDark, 0.35 * cloudNoise(x * 30, y * 45) + (y - middleRidge(x)) * 1.4);
  if (y > farRidge(x)) return mix(farHill, horizon, 0.25 + (y - farRidge(x)) * 1.2);
  return undefined;
}

/** The house's front, its lit gable side, roof, chimney, door and windows. */
function house(x: number, y: number): Colour | undefined {
  const left = 0.5;
  const right = 0.78;
  const eaves = 0.56;
  const ground = 0.735;
  const ridge = 0.445;
  const inside = (x0: number, y0: number, x1: number, y1: number) => x >= x0 && x < x1 && y >= y0 && y < y1;
  // The roof is a trapezoid, wider than the wall.
  const slope = (eaves + 0.008 - y) / (eaves - ridge);
  if (slope >= 0 && slope <= 1.07 && x > left - 0.025 + slope * 0.06 && x < right + 0.025 - slope * 0.06) {
    const tile = Math.floor((y - ridge) / 0.021) % 2 === 0 ? 0.15 : 0.4;
    return mix(roof, roofShade, tile + 0.2 * slope);
  }
  if (inside(0.69, 0.395, 0.73, 0.47)) return y < 0.41 ? roofShade : mix(roof, wallShade, 0.45);
  if (!inside(left, eaves, right, ground)) return undefined;
  if (inside(0.565, 0.64, 0.615, ground)) return x > 0.604 && Math.abs(y - 0.69) < 0.005 ? glow : door;
  for (const windowX of [0.515, 0.65, 0.715])
    if (inside(windowX - 0.006, 0.594, windowX + 0.046, 0.666) && !(windowX === 0.515 && x > 0.56)) {
      const pane = inside(windowX, 0.6, windowX + 0.04, 0.66);
      const bar = Math.abs(x - windowX - 0.02) < 0.003 || Math.abs(y - 0.63) < 0.003;
      return pane && !bar ? mix(windowGlass, horizon, (x - windowX) * 6 + (0.66 - y) * 4) : white;
    }
  const shadowOfEaves = smoothStep(eaves + 0.03, eaves, y) * 0.7;
  return mix(wall, wallShade, shadowOfEaves + (x > right - 0.03 ? 0.5 : 0));
}

/** The crown: circles around the trunk's top. */
const crown: readonly (readonly [number, number, number])[] = [
  [0.235, 0.42, 0.105],
  [0.155, 0.5, 0.085],
  [0.315, 0.5, 0.088],
  [0.2, 0.545, 0.08],
  [0.275, 0.55, 0.08],
];

/** Around the tree and its shadow. */
const around = { left: 0.04, right: 0.46, top: 0.29, bottom: 0.86 };

function tree(x: number, y: number): Colour | undefined {
  if (x < around.left || x > around.right || y < around.top || y > around.bottom) return undefined;
  const ragged = (noise(x * 45, y * 45) - 0.5) * 0.035;
  let light = -1;
  for (const [cx, cy, radius] of crown) {
    const distance = Math.hypot(x - cx, y - cy) + ragged;
    // Lit from the sun's side: upper left.
    if (distance < radius) light = Math.max(light, 0.5 + ((cx - x) * 0.6 + (cy - y)) / radius / 1.9);
  }
  if (light >= 0) return mix(leafDark, leafLight, light * 0.85 + (noise(x * 70, y * 70) - 0.5) * 0.55);
  const spread = 0.017 + 0.03 * smoothStep(0.76, 0.82, y);
  if (y > 0.56 && y < 0.81 && Math.abs(x - 0.236) < spread) return mix(trunk, leafDark, 0.1 + (x - 0.22) * 14);
  // Its shadow on the meadow, away from the sun.
  if (Math.hypot((x - 0.29) / 0.16, (y - 0.815) / 0.028) < 1) return mix(meadowNear, leafDark, 0.55);
  return undefined;
}
