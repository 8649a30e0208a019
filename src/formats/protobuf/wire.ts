import protobuf from 'protobufjs/minimal.js';
import { ImportError } from '../format.js';
import { shortest } from '../numbers.js';
import { Message } from './message.js';

/** Protobuf's bytes, read into {@link Message}s and written from plain objects by the same description of their fields. */

type Scalar = 'int' | 'float' | 'double' | 'bool' | 'string' | 'bytes';

/** A field's number and what it holds: a scalar, the words of an enumeration by number, or a message. */
type Field = readonly [id: number, type: Scalar | readonly string[] | (() => Schema)];

/** The fields of a message by name. Those that are not listed are skipped. */
export type Schema = Readonly<Record<string, Field>>;

/** Deeper nesting is nobody's network. */
const DEEPEST = 32;
/** Numbers that are not floats, and messages: each takes more memory than the file gives it. */
const MOST_VALUES = 20_000_000;

const byId = new WeakMap<Schema, ReadonlyMap<number, readonly [string, Field[1]]>>();

function fieldsOf(schema: Schema): ReadonlyMap<number, readonly [string, Field[1]]> {
  let fields = byId.get(schema);
  if (!fields) {
    fields = new Map(Object.entries(schema).map(([name, [id, type]]) => [id, [name, type]]));
    byId.set(schema, fields);
  }
  return fields;
}

interface Budget {
  values: number;
}

/**
 * Reads a message. `nameOf` gives messages a name for errors once they are read. Bytes are views of `bytes`, not copies.
 * Throws an {@link ImportError} for a file cut short, lengths beyond it, wrong types and nesting beyond reason.
 */
export function decode(bytes: Uint8Array, schema: Schema, where: string): Message {
  // Node's buffers would be read by another reader of the library, whose slices are Buffers.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new protobuf.Reader(plain);
  try {
    return readMessage(reader, reader.len, schema, where, 0, { values: 0 });
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(`${where}: the file is damaged or cut short at byte ${reader.pos} of ${reader.len}`);
  }
}

function readMessage(
  reader: protobuf.Reader,
  end: number,
  schema: Schema,
  where: string,
  depth: number,
  budget: Budget,
): Message {
  if (depth > DEEPEST) throw new ImportError(`${where}: messages are nested deeper than ${DEEPEST} levels`);
  const message = new Message(where);
  const fields = fieldsOf(schema);
  while (reader.pos < end) {
    const tag = reader.uint32();
    const wire = tag & 7;
    const field = fields.get(tag >>> 3);
    if (!field) {
      reader.skipType(wire);
      continue;
    }
    const [name, type] = field;
    if (typeof type === 'function') {
      expectWire(wire, 2, message, name);
      const until = endOf(reader, end, message, name);
      spend(budget, 1, message, name);
      message.append(name, readMessage(reader, until, type(), `${where}, ${name}`, depth + 1, budget));
    } else if (type === 'string' || type === 'bytes') {
      expectWire(wire, 2, message, name);
      const until = endOf(reader, end, message, name);
      const slice = reader.buf.subarray(reader.pos, until);
      reader.pos = until;
      spend(budget, 1, message, name);
      message.append(name, type === 'bytes' ? slice : new TextDecoder().decode(slice));
    } else if (wire === 2) readPacked(reader, endOf(reader, end, message, name), type, message, name, budget);
    else {
      spend(budget, 1, message, name);
      message.append(name, readScalar(reader, wire, type, message, name));
    }
  }
  if (reader.pos !== end) throw new ImportError(`${where}: it is damaged: a field goes beyond its message`);
  return message;
}

function expectWire(found: number, expected: number, message: Message, field: string): void {
  if (found !== expected) throw new ImportError(`${message.where}: ${field} is stored as another type`);
}

function spend(budget: Budget, values: number, message: Message, field: string): void {
  budget.values += values;
  if (budget.values > MOST_VALUES)
    throw new ImportError(`${message.where}: ${field}: the file holds more than ${MOST_VALUES} values and messages`);
}

/** Where the length before a field's bytes says that they end. */
function endOf(reader: protobuf.Reader, end: number, message: Message, field: string): number {
  const length = reader.uint32();
  if (length > end - reader.pos)
    throw new ImportError(
      `${message.where}: ${field} says it has ${length} bytes, but there are ${end - reader.pos} left`,
    );
  return reader.pos + length;
}

function readPacked(
  reader: protobuf.Reader,
  end: number,
  type: Exclude<Field[1], () => Schema>,
  message: Message,
  field: string,
  budget: Budget,
): void {
  if (type === 'float' || type === 'double') {
    const size = type === 'float' ? 4 : 8;
    const count = (end - reader.pos) / size;
    if (!Number.isInteger(count)) throw new ImportError(`${message.where}: ${field} ends in the middle of a number`);
    const view = new DataView(reader.buf.buffer, reader.buf.byteOffset + reader.pos, count * size);
    const values = type === 'float' ? new Float32Array(count) : new Float64Array(count);
    for (let i = 0; i < count; i++)
      values[i] = type === 'float' ? view.getFloat32(i * size, true) : view.getFloat64(i * size, true);
    reader.pos = end;
    message.append(field, values);
    return;
  }
  while (reader.pos < end) {
    spend(budget, 1, message, field);
    message.append(field, readScalar(reader, 0, type, message, field));
  }
}

function readScalar(
  reader: protobuf.Reader,
  wire: number,
  type: Exclude<Field[1], () => Schema>,
  message: Message,
  field: string,
): string | number | boolean {
  const expected = type === 'float' ? 5 : type === 'double' ? 1 : 0;
  expectWire(wire, expected, message, field);
  if (type === 'float') return shortest(reader.float());
  if (type === 'double') return reader.double();
  if (type === 'bool') return reader.bool();
  const value = Number(reader.int64());
  return typeof type === 'string' ? value : (type[value] ?? `${value}`);
}

/** What a message is written from: fields by name, lists where a field repeats; undefined ones are left out. */
export interface Plain {
  readonly [field: string]: PlainValue | readonly PlainValue[] | Float32Array | undefined;
}
type PlainValue = string | number | boolean | Uint8Array | Plain;

/** The bytes of a message. Numbers of a repeated field are packed. */
export function encode(plain: Plain, schema: Schema): Uint8Array {
  const writer = new protobuf.Writer();
  writeMessage(writer, plain, schema);
  return writer.finish();
}

function writeMessage(writer: protobuf.Writer, plain: Plain, schema: Schema): void {
  for (const [name, value] of Object.entries(plain)) {
    if (value === undefined) continue;
    const field = schema[name];
    if (!field) throw new Error(`There is no field ${name}`);
    const [id, type] = field;
    if (value instanceof Float32Array) {
      writer.uint32((id << 3) | 2).uint32(value.length * 4);
      writer.raw(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (Array.isArray(value)) {
      if (value.length > 0 && (type === 'int' || type === 'float')) {
        writer.uint32((id << 3) | 2).fork();
        for (const one of value) writeScalar(writer, type, one);
        writer.ldelim();
      } else for (const one of value) writeField(writer, id, type, one);
    } else writeField(writer, id, type, value as PlainValue);
  }
}

function writeField(writer: protobuf.Writer, id: number, type: Field[1], value: PlainValue): void {
  if (typeof type === 'function') {
    writer.uint32((id << 3) | 2).fork();
    writeMessage(writer, value as Plain, type());
    writer.ldelim();
    return;
  }
  const wire = type === 'string' || type === 'bytes' ? 2 : type === 'float' ? 5 : type === 'double' ? 1 : 0;
  writer.uint32((id << 3) | wire);
  writeScalar(writer, type, value);
}

function writeScalar(writer: protobuf.Writer, type: Exclude<Field[1], () => Schema>, value: PlainValue): void {
  if (type === 'string') writer.string(value as string);
  else if (type === 'bytes') writer.bytes(value as Uint8Array);
  else if (type === 'float') writer.float(value as number);
  else if (type === 'double') writer.double(value as number);
  else if (type === 'bool') writer.bool(value as boolean);
  else if (type === 'int') writer.int64(value as number);
  else writer.int32(type.indexOf(value as string));
}
