/**
 * Writes WebAssembly modules: functions over i32 addresses and counts and v128 vectors of four float32, which share one
 * imported memory (`engine.memory`) and return nothing. Only the instructions that the ops need are here.
 */

type ValueType = 'i32' | 'v128';

/** A parameter or local variable of a function, by its index. */
export type Local = number & { readonly local: true };

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, v128: 0x7b };

/** Instructions without operands in the code; vector instructions have the prefix 0xfd. */
const plain = {
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32And: 0x71,
  /** `a, b, c → c ≠ 0 ? a : b` */
  select: 0x1b,
} as const;

const vector = {
  equal: 0x41,
  greater: 0x44,
  and: 0x4e,
  /** `a, b → a and not b` */
  andNot: 0x4f,
  or: 0x50,
  bitselect: 0x52,
  sqrt: 0xe3,
  add: 0xe4,
  subtract: 0xe5,
  multiply: 0xe6,
  divide: 0xe7,
  /** The larger; NaN where either is. */
  max: 0xe9,
  /** `a, b → b < a ? b : a`, and its mirror image: one machine instruction each; a NaN in `a` stays. */
  pseudoMin: 0xea,
  pseudoMax: 0xeb,
  /** To the nearest whole number; an even one where two are. */
  nearest: 0x6a,
  absolute: 0xe0,
  /** To whole numbers of 32 bits; their sum; what is left of their bits, moved up by the i32 on the stack. */
  truncate: 0xf8,
  integerAdd: 0xae,
  shiftLeft: 0xab,
  /** `a, b, c → a·b + c`, rounded once or twice as the machine likes (relaxed SIMD). */
  relaxedMadd: 0x105,
} as const;

/** The body of one function. Methods append instructions and return the builder, so that code reads in stack order. */
export class FunctionBuilder {
  readonly #code: number[] = [];
  readonly #locals: ValueType[] = [];
  readonly #parameters: number;

  /** `body` gets the builder and the parameters, all of them i32. */
  constructor(parameters: number, body: (code: FunctionBuilder, ...parameters: Local[]) => void) {
    this.#parameters = parameters;
    body(this, ...Array.from({ length: parameters }, (_, i) => i as Local));
  }

  #emit(...bytes: readonly number[]): this {
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }

  #unsigned(value: number): this {
    pushUnsigned(this.#code, value);
    return this;
  }

  local(type: ValueType): Local {
    this.#locals.push(type);
    return (this.#parameters + this.#locals.length - 1) as Local;
  }

  locals(type: ValueType, count: number): Local[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  get(local: Local): this {
    return this.#emit(0x20).#unsigned(local);
  }

  set(local: Local): this {
    return this.#emit(0x21).#unsigned(local);
  }

  i32(value: number): this {
    return this.#emit(0x41, ...signed(value));
  }

  do(instruction: keyof typeof plain): this {
    return this.#emit(plain[instruction]);
  }

  /** local = local + value */
  increase(local: Local, value: number): this {
    return value === 0 ? this : this.get(local).i32(value).do('i32Add').set(local);
  }

  /** local = local + what another holds */
  add(local: Local, other: Local): this {
    return this.get(local).get(other).do('i32Add').set(local);
  }

  /** Pushes base + index · scale. */
  address(base: Local, index: Local, scale: number): this {
    return this.get(base).get(index).i32(scale).do('i32Mul').do('i32Add');
  }

  /** Runs the body at least once, as long as what the condition pushes is not 0. */
  repeatWhile(condition: () => void, body: () => void): this {
    this.#emit(0x03, 0x40);
    body();
    condition();
    return this.#emit(0x0d, 0x00, 0x0b);
  }

  /** Runs the body `times` times, which must be 1 or more: a constant, or what a local holds. */
  repeat(times: number | { readonly local: Local }, body: (counter: Local) => void): this {
    const counter = this.local('i32');
    this.i32(0).set(counter);
    return this.repeatWhile(
      () => {
        this.get(counter);
        if (typeof times === 'number') this.i32(times);
        else this.get(times.local);
        this.do('i32Ne');
      },
      () => {
        body(counter);
        this.increase(counter, 1);
      },
    );
  }

  /** Runs the body if the number on the stack is not 0. */
  when(body: () => void): this {
    this.#emit(0x04, 0x40);
    body();
    return this.#emit(0x0b);
  }

  /** Replaces vectors on the stack by their result. */
  vector(instruction: keyof typeof vector): this {
    return this.#emit(0xfd).#unsigned(vector[instruction]);
  }

  /** a, b, c → a·b + c in one instruction, where the machine has it. `sum` is the local that holds c and gets the result. */
  multiplyAdd(a: Local, b: Local, sum: Local, relaxed: boolean): this {
    if (relaxed) return this.get(a).get(b).get(sum).vector('relaxedMadd').set(sum);
    return this.get(sum).get(a).get(b).vector('multiply').vector('add').set(sum);
  }

  /** Pushes the vector of four times this number. */
  constant(value: number): this {
    const bytes = new Uint8Array(Float32Array.of(value, value, value, value).buffer);
    return this.#emit(0xfd, 0x0c, ...bytes);
  }

  /** Pushes the vector of four times this whole number, of 8 bits. */
  integers(value: number): this {
    return this.#emit(0xfd, 0x0c, ...Array.from({ length: 16 }, (_, i) => (i % 4 === 0 ? value : 0)));
  }

  /** Pushes the vector of which the first `lanes` numbers have all bits set, the others none. */
  mask(lanes: number): this {
    return this.#emit(0xfd, 0x0c, ...Array.from({ length: 16 }, (_, i) => (i < lanes * 4 ? 0xff : 0)));
  }

  /** Folds the four numbers of a vector in a local to one, which all four then are. */
  across(instruction: 'add' | 'max', value: Local): this {
    for (const partner of [
      [2, 3, 0, 1],
      [1, 0, 3, 2],
    ]) {
      this.get(value).get(value).get(value);
      this.#emit(0xfd, 0x0d, ...partner.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)));
      this.vector(instruction).set(value);
    }
    return this;
  }

  /** Address → the four numbers there. */
  load(offset = 0): this {
    return this.#memory(0x00, offset);
  }

  /** Address → four times the number there. */
  loadSplat(offset = 0): this {
    return this.#memory(0x09, offset);
  }

  /** Loads one number into a lane of a vector in a local. */
  loadLane(address: () => void, value: Local, lane: number, offset = 0): this {
    address();
    this.get(value).#memory(0x56, offset);
    return this.#emit(lane).set(value);
  }

  /** Address, vector → stores its first `lanes` numbers. The vector must be in a local: three need two instructions. */
  store(address: () => void, value: Local, offset = 0, lanes = 4): this {
    const lane = (opcode: number, bytes: number, index: number) => {
      address();
      this.get(value).#memory(opcode, offset + bytes);
      this.#emit(index);
    };
    if (lanes === 4) {
      address();
      return this.get(value).#memory(0x0b, offset);
    }
    if (lanes >= 2) lane(0x5b, 0, 0);
    if (lanes % 2 === 1) lane(0x5a, (lanes - 1) * 4, lanes - 1);
    return this;
  }

  /** Offsets are constants of the instruction; alignment is that of a float32. */
  #memory(opcode: number, offset: number): this {
    return this.#emit(0xfd, opcode, 2).#unsigned(offset);
  }

  get type(): Bytes {
    return [0x60, ...list(Array.from({ length: this.#parameters }, () => [typeCodes.i32])), 0];
  }

  /** In pieces, so that the code is not copied. */
  get body(): readonly Bytes[] {
    const locals = list(this.#locals.map((type) => [1, typeCodes[type]]));
    return [unsigned(locals.length + this.#code.length + 1), locals, this.#code, [0x0b]];
  }
}

type Bytes = readonly number[];

/** The bytes of a module that exports these functions. */
export function assemble(functions: Readonly<Record<string, FunctionBuilder>>): Uint8Array<ArrayBuffer> {
  const names = Object.keys(functions);
  const bodies = Object.values(functions);
  const memoryImport = [...text('engine'), ...text('memory'), 0x02, 0x00, 0x01];
  const pieces: readonly Bytes[] = [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [list(bodies.map(({ type }) => type))]),
    ...section(2, [list([memoryImport])]),
    ...section(3, [list(names.map((_, i) => unsigned(i)))]),
    ...section(7, [list(names.map((name, i) => [...text(name), 0x00, ...unsigned(i)]))]),
    ...section(10, [unsigned(bodies.length), ...bodies.flatMap(({ body }) => body)]),
  ];
  const module = new Uint8Array(lengthOf(pieces));
  let end = 0;
  for (const piece of pieces) {
    module.set(piece, end);
    end += piece.length;
  }
  return module;
}

const section = (id: number, content: readonly Bytes[]): readonly Bytes[] => [
  [id, ...unsigned(lengthOf(content))],
  ...content,
];

const lengthOf = (pieces: readonly Bytes[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

const list = (items: readonly Bytes[]): number[] => [...unsigned(items.length), ...items.flat()];

const text = (value: string): number[] => list(Array.from(value, (character) => [character.charCodeAt(0)]));

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  pushUnsigned(bytes, value);
  return bytes;
}

/** LEB128: seven bits a byte, the lowest first. */
function pushUnsigned(bytes: number[], value: number): void {
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
