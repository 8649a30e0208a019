import { builtInDatasets, resizePicture, type SplitDataset, withTest } from '../../engine/index.js';
import { openPictures } from '../../formats/pictures/open.js';
import { type PictureFiles, PicturesError, type Reading } from '../../formats/pictures/source.js';
import type { Shape } from '../../network/shape.js';
import { isBuiltInDataset } from '../../network/training.js';
import { decodePicture } from '../decode-picture.js';
import { checkPicture } from '../picture-file.js';
import type { DataAnswer, DataAsk } from './data-protocol.js';

/** The files beside a network, by asking whoever can read them; when the signal aborts, nobody waits for an answer any more. */
export class AskedFiles implements PictureFiles {
  private readonly waiting = new Map<number, (answer: DataAnswer) => void>();
  private nextId = 0;

  constructor(
    private readonly send: (id: number, ask: DataAsk) => void,
    private readonly signal: AbortSignal,
  ) {}

  async look(path: string) {
    const answer = await this.ask({ type: 'look', path });
    return answer.type === 'found' ? answer.found : null;
  }

  async read(path: string, part?: { readonly from: number; readonly length: number }) {
    const answer = await this.ask({ type: 'read', path, part: part ?? null });
    return answer.type === 'bytes' ? answer.bytes : new Uint8Array();
  }

  receive(id: number, answer: DataAnswer): void {
    this.waiting.get(id)?.(answer);
    this.waiting.delete(id);
  }

  private ask(ask: DataAsk): Promise<DataAnswer> {
    const { signal } = this;
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const give = () => {
        this.waiting.delete(id);
        reject(signal.reason);
      };
      signal.addEventListener('abort', give, { once: true });
      this.waiting.set(id, (answer) => {
        signal.removeEventListener('abort', give);
        if (answer.type === 'problem') reject(new PicturesError(answer.problem));
        else resolve(answer);
      });
      this.send(id, ask);
    });
  }
}

/** The pictures of a `training` block: drawn, or read from the files beside the network. */
export async function openDataset(name: string, shape: Shape, reading: Reading): Promise<SplitDataset> {
  if (isBuiltInDataset(name)) return builtInDatasets[name](shape);
  return withTest(
    await openPictures(name, {
      ...reading,
      shape,
      decode: async (bytes, file, size, to) => {
        const check = checkPicture(bytes);
        if ('problem' in check) throw new PicturesError(`${file} cannot be shown: ${check.problem}`);
        const picture = await decodePicture(bytes).catch(() => {
          throw new PicturesError(`${file} is damaged and cannot be shown`);
        });
        to.set(resizePicture(picture, size).data);
      },
    }),
  );
}
