import type { Shape } from '../../network/shape.js';
import type { Augmentation } from '../../network/training.js';
import type { Random } from '../random.js';

/**
 * Changes a picture by chance, in place: moved, turned, grown and mirrored in one go (bilinear, its edge going on beyond the
 * border), then with noise. Numbers are 0 to 1, NHWC.
 */
export function augment(
  pixels: Float32Array,
  { height, width, channels }: Shape,
  { shift, rotate, scale, flip, noise }: Augmentation,
  random: Random,
): void {
  const around = (most: number) => (2 * random.uniform() - 1) * most;
  const [right, down] = [around(shift), around(shift)];
  const angle = (around(rotate) * Math.PI) / 180;
  const grown = 1 + around(scale);
  const isMirrored = random.uniform() < 0.5 && flip;
  if (shift > 0 || rotate > 0 || scale > 0 || isMirrored) {
    const source = pixels.slice();
    const [cos, sin] = [Math.cos(angle) / grown, Math.sin(angle) / grown];
    const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const dx = (x - middleX - right) * (isMirrored ? -1 : 1);
        const dy = y - middleY - down;
        const fromX = Math.min(width - 1, Math.max(0, middleX + cos * dx + sin * dy));
        const fromY = Math.min(height - 1, Math.max(0, middleY - sin * dx + cos * dy));
        const left = Math.floor(fromX);
        const top = Math.floor(fromY);
        const shareX = fromX - left;
        const shareY = fromY - top;
        const a = (top * width + left) * channels;
        const b = a + (left + 1 < width ? channels : 0);
        const below = top + 1 < height ? width * channels : 0;
        for (let c = 0; c < channels; c++) {
          const upper = (source[a + c] as number) * (1 - shareX) + (source[b + c] as number) * shareX;
          const lower = (source[a + below + c] as number) * (1 - shareX) + (source[b + below + c] as number) * shareX;
          pixels[(y * width + x) * channels + c] = upper * (1 - shareY) + lower * shareY;
        }
      }
  }
  if (noise > 0)
    for (let i = 0; i < pixels.length; i++)
      pixels[i] = Math.min(1, Math.max(0, (pixels[i] as number) + noise * random.normal()));
}
