import { EngineError } from '../error.js';
import type { Steps } from '../ops/op.js';
import { assemble, FunctionBuilder } from './assembler.js';

/** What a module exports, by name: functions over addresses and counts. */
export type Functions = Readonly<Record<string, (...numbers: number[]) => void>>;

const PAGE = 65536;
/** Blocks begin and end at multiples of a cache line; an op may read or write up to a vector beyond its last number. */
const LINE = 64;
const SLACK = 16;

export const blockBytes = (bytes: number): number => Math.ceil((bytes + SLACK) / LINE) * LINE;

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** Numbers kept from run to run: a layer's packed weights. */
interface Constants {
  readonly weightsKey: string;
  readonly address: number;
}

/** One linear memory, the blocks allocated in it, and the compiled functions that work on it. */
export class Machine {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  readonly #compiled = new Map<string, Functions>();
  /** By address. */
  #blocks: Block[] = [];
  #numbers = new Float32Array(this.#memory.buffer);
  readonly #constants = new Map<string, Constants>();
  /** Runs under way, which know addresses of constants. */
  #users = 0;

  constructor(readonly features: HostFeatures) {}

  /** Begins a run: the address of its arena. */
  begin(arenaBytes: number): number {
    const arena = this.allocate(arenaBytes);
    this.#users++;
    return arena;
  }

  end(arena: number): void {
    this.#users--;
    this.free(arena);
  }

  /** The memory as numbers; a view that is dead after the next allocation, so ask again after every pause. */
  get numbers(): Float32Array {
    if (this.#numbers.buffer !== this.#memory.buffer) this.#numbers = new Float32Array(this.#memory.buffer);
    return this.#numbers;
  }

  /** The address of a block of memory that nobody else uses; what it holds is undefined. */
  private allocate(bytes: number): number {
    const size = blockBytes(bytes);
    let address = LINE;
    let place = 0;
    for (const block of this.#blocks) {
      if (block.address - address >= size) break;
      address = block.address + block.bytes;
      place++;
    }
    const missing = address + size - this.#memory.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE));
    this.#blocks.splice(place, 0, { address, bytes: size });
    return address;
  }

  #grow(pages: number): void {
    try {
      this.#memory.grow(pages);
    } catch (error) {
      throw new EngineError('The network needs more memory than this machine gives', { cause: error });
    }
  }

  private free(address: number): void {
    this.#blocks = this.#blocks.filter((block) => block.address !== address);
  }

  /** The address of numbers that `pack` has written once for this key. */
  *constants(
    key: string,
    weightsKey: string,
    count: number,
    pack: (address: number) => Steps,
  ): Generator<void, number, void> {
    const known = this.#constants.get(key);
    if (known) return known.address;
    const address = this.allocate(count * 4);
    let isDone = false;
    try {
      yield* pack(address);
      isDone = true;
    } finally {
      if (!isDone) this.free(address);
    }
    const packedMeanwhile = this.#constants.get(key);
    if (packedMeanwhile) {
      this.free(address);
      return packedMeanwhile.address;
    }
    this.#constants.set(key, { weightsKey, address });
    return address;
  }

  /** Frees the constants made of other weights than these, unless a run is under way that may read them. */
  retainConstants(weightsKeys: ReadonlySet<string>): void {
    if (this.#users > 0) return;
    for (const [key, { weightsKey, address }] of this.#constants) {
      if (weightsKeys.has(weightsKey)) continue;
      this.free(address);
      this.#constants.delete(key);
    }
  }

  /** Forgets all packed weights, but keeps the memory, which it costs time to get, and the functions. */
  clear(): void {
    this.retainConstants(new Set());
  }

  /** The functions of a module, compiled once a key. */
  functions(key: string, build: () => Readonly<Record<string, FunctionBuilder>>): Functions {
    let functions = this.#compiled.get(key);
    if (!functions) {
      const module = new WebAssembly.Module(assemble(build()));
      const instance = new WebAssembly.Instance(module, { engine: { memory: this.#memory } });
      functions = instance.exports as Functions;
      this.#compiled.set(key, functions);
    }
    return functions;
  }
}

/** What the host's WebAssembly has. */
export interface HostFeatures {
  /** 128-bit vectors, and leave to compile at all, which a page's content security policy may refuse. */
  readonly simd: boolean;
  /** Multiply and add in one instruction (relaxed SIMD: Chromium, Node 22 and later). */
  readonly relaxed: boolean;
}

export function hostFeatures(): HostFeatures {
  const simd = new FunctionBuilder(0, (code) => code.constant(0).set(code.local('v128')));
  const relaxed = new FunctionBuilder(0, (code) => {
    const value = code.local('v128');
    code.multiplyAdd(value, value, value, true);
  });
  return { simd: compiles(simd), relaxed: compiles(relaxed) };
}

function compiles(probe: FunctionBuilder): boolean {
  try {
    new WebAssembly.Module(assemble({ probe }));
    return true;
  } catch {
    return false;
  }
}
