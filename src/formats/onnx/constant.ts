import { ImportError, type NamedBytes } from '../format.js';
import { halfToNumber } from '../numbers.js';
import type { Message } from '../protobuf/message.js';
import { dataTypes } from './schema.js';

/** A tensor whose values are in the file; null where the file that holds them is not there. */
export interface Constant {
  readonly dims: readonly number[];
  readonly values: Float32Array | Float64Array | null;
}

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

interface Reader {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
  /** The field that holds values which are not in `raw_data`. */
  readonly field: string;
}

const readers: Readonly<Record<number, Reader>> = {
  [dataTypes.float32]: { bytes: 4, read: (view, at) => view.getFloat32(at, true), field: 'float_data' },
  [dataTypes.float64]: { bytes: 8, read: (view, at) => view.getFloat64(at, true), field: 'double_data' },
  [dataTypes.float16]: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)), field: 'int32_data' },
  [dataTypes.int32]: { bytes: 4, read: (view, at) => view.getInt32(at, true), field: 'int32_data' },
  [dataTypes.int64]: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)), field: 'int64_data' },
  [dataTypes.bool]: { bytes: 1, read: (view, at) => view.getUint8(at), field: 'int32_data' },
};

/** Reads a TensorProto. `files` are those beside the model, for tensors that lie there. */
export function readTensor(tensor: Message, files: readonly NamedBytes[]): Constant {
  const name = tensor.text('name', 'without a name');
  const fail = (message: string) => new ImportError(`tensor ${name}: ${message}`);
  const dims = tensor.numbers('dims');
  const size = sizeOf(dims);
  if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0) || size > 2 ** 32)
    throw fail(`its dims are [${dims.join(', ')}]`);
  const reader = readers[tensor.number('data_type', 0)];
  if (!reader) return { dims, values: null };
  const isFloat = reader.bytes === 4 && reader.field === 'float_data';
  if (tensor.text('data_location', 'DEFAULT') !== 'EXTERNAL' && !tensor.has('raw_data')) {
    const values = isFloat ? tensor.floats('float_data') : Float64Array.from(tensor.numbers(reader.field));
    const numbers = reader.field === 'int32_data' && reader.bytes === 2 ? values.map(halfToNumber) : values;
    if (numbers.length !== size) throw fail(`${numbers.length} values for dims [${dims.join(', ')}]`);
    return { dims, values: numbers };
  }
  const bytes = tensor.has('raw_data') ? tensor.bytes('raw_data') : externalBytes(tensor, files, fail);
  if (!bytes) return { dims, values: null };
  if (bytes.length !== size * reader.bytes)
    throw fail(`${bytes.length} bytes for dims [${dims.join(', ')}], which take ${size * reader.bytes}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = isFloat ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < size; i++) values[i] = reader.read(view, i * reader.bytes);
  return { dims, values };
}

/** Where a tensor lies in a file of its own: its name, without a path. */
export function externalPlace(
  tensor: Message,
): { name: string; offset: number; length: number | undefined } | undefined {
  if (tensor.text('data_location', 'DEFAULT') !== 'EXTERNAL') return undefined;
  const entries = new Map(tensor.messages('external_data').map((entry) => [entry.text('key'), entry.text('value')]));
  const location = entries.get('location') ?? '';
  if (location === '' || /[/\\]|^\.\.?$|\0/.test(location))
    throw new ImportError(
      `tensor ${tensor.text('name')}: its external_data lies at ${JSON.stringify(location)}; only files beside the model are read`,
    );
  const length = entries.get('length');
  return {
    name: location,
    offset: Number(entries.get('offset') ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}

function externalBytes(
  tensor: Message,
  files: readonly NamedBytes[],
  fail: (message: string) => ImportError,
): Uint8Array | undefined {
  const place = externalPlace(tensor);
  const file = place && files.find(({ name }) => name === place.name);
  if (!place || !file) return undefined;
  const { offset, length = file.bytes.length - offset } = place;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0)
    throw fail('the offset and length of its external_data are no whole numbers');
  if (offset + length > file.bytes.length)
    throw fail(`it ends at byte ${offset + length} of ${place.name}, which has ${file.bytes.length}`);
  return file.bytes.subarray(offset, offset + length);
}
