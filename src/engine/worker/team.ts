import { BYTES_PER_NUMBER, type Shape } from '../../network/shape.js';
import { bytesOfRows, type Rows } from '../plan.js';
import type { Team } from '../predictor.js';
import { type Sharing, shareRows, type Transfer } from './share.js';

/** Rows on their way from one worker to another. */
interface Delivery {
  /** The request for which they were computed, and the layer whose activation they are of. */
  readonly request: number;
  readonly layer: number;
  readonly rows: Float32Array;
}

/** One of the workers that compute a network together: it knows who needs what, and what has come already. */
export class TeamMember implements Team {
  readonly #part: number;
  readonly #ports: readonly (MessagePort | null)[];
  readonly #come = new Map<string, Float32Array>();
  readonly #awaited = new Map<string, (rows: Float32Array) => void>();
  #request = 0;
  #sharing: Sharing | undefined;
  #shapeOf: (layer: number) => Shape = () => ({ height: 0, width: 0, channels: 0 });
  #held: (layer: number) => Rows = () => ({ from: 0, to: 0 });

  /** `ports` by number; null for its own. */
  constructor(ports: readonly (MessagePort | null)[]) {
    this.#ports = ports;
    this.#part = ports.indexOf(null);
    for (const [from, port] of ports.entries())
      if (port) port.onmessage = ({ data }) => this.#receive(from, data as Delivery);
  }

  readonly join: Team['join'] = (checked, firsts, fusions, options) => {
    this.#sharing = shareRows(checked, firsts, fusions, options, this.#ports.length);
    this.#shapeOf = (layer) => checked.facts[layer]?.output as Shape;
    const share = this.#sharing.shareOf(this.#part);
    this.#held = share.held;
    return share;
  };

  /** What comes for earlier requests, which were stopped, is dropped. */
  begin(request: number): void {
    this.#request = request;
    for (const key of this.#come.keys()) if (Number.parseInt(key, 10) < request) this.#come.delete(key);
  }

  readonly give: Team['give'] = (layer, read) => {
    for (const { from, to, rows } of this.#transfers(layer)) {
      if (from !== this.#part) continue;
      const numbers = new Float32Array(bytesOfRows(rows, this.#shapeOf(layer)) / BYTES_PER_NUMBER);
      read(this.#skipped(layer, rows), numbers);
      const delivery: Delivery = { request: this.#request, layer, rows: numbers };
      this.#ports[to]?.postMessage(delivery, [numbers.buffer]);
    }
  };

  readonly take: Team['take'] = async (layer, write, signal) => {
    for (const { from, to, rows } of this.#transfers(layer))
      if (to === this.#part)
        write(this.#skipped(layer, rows), await this.#await(keyOf(this.#request, layer, from), signal));
  };

  #transfers(layer: number): readonly Transfer[] {
    return this.#sharing?.transfers(layer) ?? [];
  }

  #skipped(layer: number, { from }: Rows): number {
    return bytesOfRows({ from: this.#held(layer).from, to: from }, this.#shapeOf(layer));
  }

  #receive(from: number, { request, layer, rows }: Delivery): void {
    if (request < this.#request) return;
    const key = keyOf(request, layer, from);
    const waiting = this.#awaited.get(key);
    if (waiting) waiting(rows);
    else this.#come.set(key, rows);
  }

  #await(key: string, signal: AbortSignal | undefined): Promise<Float32Array> {
    const come = this.#come.get(key);
    if (come) {
      this.#come.delete(key);
      return Promise.resolve(come);
    }
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const end = () => {
        this.#awaited.delete(key);
        signal?.removeEventListener('abort', stop);
      };
      const stop = () => {
        end();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop);
      this.#awaited.set(key, (rows) => {
        end();
        resolve(rows);
      });
    });
  }
}

const keyOf = (request: number, layer: number, from: number): string => `${request} ${layer} ${from}`;
