import type { Schema } from '../protobuf/wire.js';

/**
 * The part of ONNX's onnx.proto that networks are made of, with its field names and numbers
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */

const entry: Schema = { key: [1, 'string'], value: [2, 'string'] };

export const tensor: Schema = {
  dims: [1, 'int'],
  data_type: [2, 'int'],
  float_data: [4, 'float'],
  int32_data: [5, 'int'],
  int64_data: [7, 'int'],
  name: [8, 'string'],
  raw_data: [9, 'bytes'],
  double_data: [10, 'double'],
  external_data: [13, () => entry],
  data_location: [14, ['DEFAULT', 'EXTERNAL']],
};

const attribute: Schema = {
  name: [1, 'string'],
  f: [2, 'float'],
  i: [3, 'int'],
  s: [4, 'string'],
  t: [5, () => tensor],
  g: [6, () => graph],
  floats: [7, 'float'],
  ints: [8, 'int'],
  strings: [9, 'string'],
  type: [20, ['UNDEFINED', 'FLOAT', 'INT', 'STRING', 'TENSOR', 'GRAPH', 'FLOATS', 'INTS', 'STRINGS']],
};

const node: Schema = {
  input: [1, 'string'],
  output: [2, 'string'],
  name: [3, 'string'],
  op_type: [4, 'string'],
  attribute: [5, () => attribute],
  domain: [7, 'string'],
};

const dimension: Schema = { dim_value: [1, 'int'], dim_param: [2, 'string'] };
const shape: Schema = { dim: [1, () => dimension] };
const tensorType: Schema = { elem_type: [1, 'int'], shape: [2, () => shape] };
const type: Schema = { tensor_type: [1, () => tensorType] };
const valueInfo: Schema = { name: [1, 'string'], type: [2, () => type] };

const graph: Schema = {
  node: [1, () => node],
  name: [2, 'string'],
  initializer: [5, () => tensor],
  input: [11, () => valueInfo],
  output: [12, () => valueInfo],
};

const opset: Schema = { domain: [1, 'string'], version: [2, 'int'] };

export const model: Schema = {
  ir_version: [1, 'int'],
  producer_name: [2, 'string'],
  producer_version: [3, 'string'],
  graph: [7, () => graph],
  opset_import: [8, () => opset],
};

/** The numbers of `data_type` that are read. */
export const dataTypes = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;
