import { EngineError } from '../error.js';
import type { Steps } from '../ops/op.js';
import { assemble, FunctionBuilder } from './assembler.js';

/** What a module exports, by name: functions over addresses and counts. */
export type Functions = Readonly<Record<string, (...numbers: number[]) => void>>;

/** Functions that are compiled together. */
export interface Code {
  /** Equal keys have equal functions. */
  readonly key: string;
  readonly functions: () => Readonly<Record<string, FunctionBuilder>>;
}

const PAGE = 65536;
/** Codes of one module: instances cost time, here and when the memory grows; large modules make others wait. */
const TOGETHER = 8;
/** Blocks begin and end at multiples of a cache line; an op may read or write up to a vector beyond its last number. */
const LINE = 64;
const SLACK = 16;

export const blockBytes = (bytes: number): number => Math.ceil((bytes + SLACK) / LINE) * LINE;

interface Block {
  readonly address: number;
  readonly bytes: number;
}

/** One linear memory, the blocks allocated in it, and the compiled functions that work on it. */
export class Machine {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  readonly #compiled = new Map<string, Functions>();
  /** By address. */
  #blocks: Block[] = [];
  #numbers = new Float32Array(this.#memory.buffer);
  /** Numbers kept from run to run, a layer's packed weights: their addresses by the weights' key, then by the op's. */
  readonly #constants = new Map<string, Map<string, number>>();
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

  /**
   * The address of a block of memory that nobody else uses; what it holds is undefined. Where the memory must grow, it grows by what
   * will be asked for next as well: growing costs time, and garbage collections.
   */
  private allocate(bytes: number, soon = 0): number {
    const size = blockBytes(bytes);
    let address = LINE;
    let place = 0;
    for (const block of this.#blocks) {
      if (block.address - address >= size) break;
      address = block.address + block.bytes;
      place++;
    }
    const missing = address + size - this.#memory.buffer.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE), Math.ceil(soon / PAGE));
    this.#blocks.splice(place, 0, { address, bytes: size });
    return address;
  }

  #grow(pages: number, more: number): void {
    try {
      this.#memory.grow(pages + more);
    } catch (error) {
      if (more === 0) throw new EngineError('The network needs more memory than this machine gives', { cause: error });
      this.#grow(pages, 0);
    }
  }

  private free(address: number): void {
    this.#blocks = this.#blocks.filter((block) => block.address !== address);
  }

  /** The address of numbers that `pack` has written once for these keys. */
  *constants(
    weightsKey: string,
    opKey: string,
    { count, soon }: { readonly count: number; readonly soon: number },
    pack: (address: number) => Steps,
  ): Generator<void, number, void> {
    const known = this.#constants.get(weightsKey)?.get(opKey);
    if (known !== undefined) return known;
    const address = this.allocate(count * 4, soon);
    let isDone = false;
    try {
      yield* pack(address);
      isDone = true;
    } finally {
      if (!isDone) this.free(address);
    }
    const ofWeights = this.#constants.get(weightsKey) ?? new Map<string, number>();
    const packedMeanwhile = ofWeights.get(opKey);
    if (packedMeanwhile !== undefined) {
      this.free(address);
      return packedMeanwhile;
    }
    this.#constants.set(weightsKey, ofWeights.set(opKey, address));
    return address;
  }

  /** Frees the constants made of other weights than these, unless a run is under way that may read them. */
  retainConstants(weightsKeys: ReadonlySet<string>): void {
    if (this.#users > 0) return;
    for (const [weightsKey, addresses] of this.#constants) {
      if (weightsKeys.has(weightsKey)) continue;
      for (const address of addresses.values()) this.free(address);
      this.#constants.delete(weightsKey);
    }
  }

  /** Forgets all packed weights, but keeps the memory, which it costs time to get, and the functions. */
  clear(): void {
    this.retainConstants(new Set());
  }

  /** Compiles what is not yet, several in one module, in steps. */
  *compile(codes: readonly Code[]): Steps {
    const missing = new Map(codes.filter(({ key }) => !this.#compiled.has(key)).map((code) => [code.key, code]));
    const all = [...missing.values()];
    for (let first = 0; first < all.length; first += TOGETHER) {
      this.#compile(all.slice(first, first + TOGETHER));
      yield;
    }
  }

  #compile(codes: readonly Code[]): void {
    const functions: Record<string, FunctionBuilder> = {};
    for (const [i, code] of codes.entries())
      for (const [name, builder] of Object.entries(code.functions())) functions[`${i} ${name}`] = builder;
    const module = new WebAssembly.Module(assemble(functions));
    const { exports } = new WebAssembly.Instance(module, { engine: { memory: this.#memory } });
    const compiled = codes.map((): Record<string, (...numbers: number[]) => void> => ({}));
    for (const [name, run] of Object.entries(exports as Functions)) {
      const [i = 0, own = ''] = name.split(' ');
      (compiled[Number(i)] as (typeof compiled)[0])[own] = run;
    }
    for (const [i, { key }] of codes.entries()) this.#compiled.set(key, compiled[i] as Functions);
  }

  /** Functions that were compiled, or are now: once a key. */
  functions(key: string, functions: Code['functions']): Functions {
    if (!this.#compiled.has(key)) this.#compile([{ key, functions }]);
    return this.#compiled.get(key) as Functions;
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
