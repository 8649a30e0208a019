/** Protocol buffers, as far as writing an ONNX file goes. Numbers of many megabytes are copied once. */
export interface Bytes {
  readonly length: number;
  readonly parts: readonly Uint8Array[];
}

const join = (parts: readonly Bytes[]): Bytes => ({
  length: parts.reduce((sum, { length }) => sum + length, 0),
  parts: parts.flatMap((part) => part.parts),
});

const bytes = (part: Uint8Array): Bytes => ({ length: part.length, parts: [part] });

function varint(value: number): Bytes {
  const digits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    digits.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes(Uint8Array.from(digits));
}

const tag = (field: number, wireType: number): Bytes => varint(field * 8 + wireType);

const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

export const integer = (field: number, value: number): Bytes => join([tag(field, VARINT), varint(value)]);

export const float = (field: number, value: number): Bytes =>
  join([tag(field, FIXED32), bytes(new Uint8Array(Float32Array.of(value).buffer))]);

export const raw = (field: number, { buffer, byteOffset, byteLength }: Float32Array | BigInt64Array): Bytes =>
  delimited(field, bytes(new Uint8Array(buffer, byteOffset, byteLength)));

export const string = (field: number, value: string): Bytes => delimited(field, bytes(new TextEncoder().encode(value)));

export const message = (field: number, ...fields: readonly Bytes[]): Bytes => delimited(field, join(fields));

const delimited = (field: number, content: Bytes): Bytes =>
  join([tag(field, DELIMITED), varint(content.length), content]);

/** A whole file: the fields of its outermost message. */
export function file(...fields: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const { length, parts } = join(fields);
  const all = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}
