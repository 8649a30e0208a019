import { ImportError } from '../format.js';

/** Numbers that a file holds packed, as they are. */
type Packed = Float32Array | Float64Array;

/** One value of a field: text as written, a number or word, bytes, packed numbers, or a message. */
export type FieldValue = string | number | boolean | Uint8Array | Packed | Message;

const isPacked = (value: FieldValue): value is Packed => value instanceof Float32Array || value instanceof Float64Array;

/**
 * A protobuf message, be it read from text or from bytes: the values of each field in order, asked for by type. What is of
 * another type throws an {@link ImportError} that names the message and the field.
 */
export class Message {
  private readonly fields = new Map<string, FieldValue[]>();

  /** `where` names it in error messages: `layer conv1`, `line 12`. */
  constructor(public where: string) {}

  append(field: string, value: FieldValue): void {
    const values = this.fields.get(field);
    if (values) values.push(value);
    else this.fields.set(field, [value]);
  }

  has(field: string): boolean {
    return this.fields.has(field);
  }

  get fieldNames(): Iterable<string> {
    return this.fields.keys();
  }

  values(field: string): readonly FieldValue[] {
    return this.fields.get(field) ?? [];
  }

  text(field: string, byDefault = ''): string {
    const value = this.last(field);
    if (value === undefined) return byDefault;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.wrong(field, 'a text');
  }

  texts(field: string): readonly string[] {
    return this.values(field).map((value) => {
      if (typeof value !== 'string') throw this.wrong(field, 'a text');
      return value;
    });
  }

  number(field: string, byDefault: number): number {
    const value = this.last(field);
    return value === undefined ? byDefault : this.toNumber(field, value);
  }

  numbers(field: string): readonly number[] {
    const numbers: number[] = [];
    for (const value of this.values(field))
      if (isPacked(value)) for (const one of value) numbers.push(one);
      else numbers.push(this.toNumber(field, value));
    return numbers;
  }

  /** All numbers of a field of many, without a copy where the file holds them in one piece. */
  floats(field: string): Float32Array {
    const values = this.values(field);
    const [first] = values;
    if (values.length === 1 && first instanceof Float32Array) return first;
    return Float32Array.from(this.numbers(field));
  }

  flag(field: string, byDefault: boolean): boolean {
    const value = this.last(field);
    if (value === undefined) return byDefault;
    if (typeof value === 'boolean') return value;
    if (value === 'true' || value === 't' || value === 1 || value === '1') return true;
    if (value === 'false' || value === 'f' || value === 0 || value === '0') return false;
    throw this.wrong(field, 'true or false');
  }

  bytes(field: string): Uint8Array {
    const value = this.last(field);
    if (value === undefined) return new Uint8Array();
    if (value instanceof Uint8Array) return value;
    throw this.wrong(field, 'bytes');
  }

  /** An empty one where there is none: all its fields have their defaults. */
  message(field: string): Message {
    const value = this.last(field);
    if (value === undefined) return new Message(`${this.where}, ${field}`);
    if (value instanceof Message) return value;
    throw this.wrong(field, 'a message { … }');
  }

  messages(field: string): readonly Message[] {
    return this.values(field).map((value) => {
      if (!(value instanceof Message)) throw this.wrong(field, 'a message { … }');
      return value;
    });
  }

  /** Of a field that is repeated although there may be one, the last counts, as protobuf has it. */
  private last(field: string): FieldValue | undefined {
    return this.fields.get(field)?.at(-1);
  }

  private toNumber(field: string, value: FieldValue): number {
    const number = typeof value === 'string' ? readNumber(value) : typeof value === 'number' ? value : Number.NaN;
    if (Number.isNaN(number) && value !== 'nan') throw this.wrong(field, 'a number');
    return number;
  }

  private wrong(field: string, expected: string): ImportError {
    return new ImportError(`${this.where}: ${field} is not ${expected}`);
  }
}

/** As protobuf's text format writes numbers: `1`, `-0x1f`, `1e-5`, `.5`, `0.75f`. */
function readNumber(text: string): number {
  if (/^[-+]?0x[\da-f]+$/i.test(text)) return Number(text.replace(/^[-+]/, '')) * (text.startsWith('-') ? -1 : 1);
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?f?$/i.test(text) ? Number.parseFloat(text) : Number.NaN;
}
