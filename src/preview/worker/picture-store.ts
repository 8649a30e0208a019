import { type Picture, pictureTensor, type RunInput, resizePicture, samples } from '../../engine/index.js';
import { requireMemory } from '../../engine/memory.js';
import type { Shape } from '../../network/shape.js';
import { decodePicture } from '../decode-picture.js';
import { type Pictures, rasterisePicture } from '../raster.js';
import type { PictureSource, Questions, SampleTitle, WorkerRequest } from '../worker-protocol.js';

type RunRequest = Extract<WorkerRequest, { type: 'run' }>;

/** The pictures a network may look at: the samples, and what the user brought. */
export class PictureStore {
  private readonly files = new Map<number, Picture>();
  /** The sample that was drawn last: at 224×224 that takes longer than many a network. */
  private drawn: { readonly id: string; readonly picture: Picture } | undefined;
  /** The picture as the last network saw it: most edits leave it as it is. */
  private last: RunInput | undefined;

  samples(): readonly SampleTitle[] {
    return samples.map(({ id, title }) => ({ id, title }));
  }

  /** All of them, the built-in ones first. */
  sources(): readonly PictureSource[] {
    const own = [...this.files.keys()].map((id) => ({ type: 'file', id }) as const);
    return [...samples.map(({ id }) => ({ type: 'sample', id }) as const), ...own];
  }

  thumbnail({ id, side }: Questions['thumbnail']['ask']): Pictures | null {
    const picture = samples.find((sample) => sample.id === id)?.draw(side, side);
    return picture ? thumbnailOf(picture, side) : null;
  }

  async decode({ id, bytes, side }: Questions['decode']['ask']): Promise<Questions['decode']['answer']> {
    try {
      const picture = await decodePicture(bytes);
      this.files.set(id, picture);
      return { thumbnail: thumbnailOf(picture, side) };
    } catch {
      return { problem: 'the file is damaged' };
    }
  }

  drop({ id }: Questions['drop']['ask']): null {
    this.files.delete(id);
    return null;
  }

  /** The picture in the size and scale of the network's input. */
  inputFor({ network, facts, picture, memoryLimit }: RunRequest): RunInput {
    // Before the picture is enlarged to an input that would not fit.
    requireMemory({ network, facts }, 1, memoryLimit);
    const [input] = network.layers;
    if (input?.kind !== 'input' || !input.attributes) throw new Error('it has no input');
    const { size, mean, std, scale } = input.attributes;
    const id = JSON.stringify([picture, size, mean, std, scale]);
    if (this.last?.id !== id) this.last = { id, tensor: pictureTensor(this.find(picture, size), input.attributes) };
    return this.last;
  }

  private find(source: PictureSource, { width, height }: Shape): Picture {
    if (source.type === 'sample' && this.drawn?.id === source.id) {
      const { picture } = this.drawn;
      if (picture.width === width && picture.height === height) return picture;
    }
    const picture =
      source.type === 'file'
        ? this.files.get(source.id)
        : samples.find(({ id }) => id === source.id)?.draw(width, height);
    if (!picture) throw new Error('the picture is gone');
    if (source.type === 'sample') this.drawn = { id: source.id, picture };
    return picture;
  }
}

function thumbnailOf(picture: Picture, side: number): Pictures {
  const small = resizePicture(picture, { height: side, width: side, channels: 3 });
  return rasterisePicture(small, (value) => value);
}
