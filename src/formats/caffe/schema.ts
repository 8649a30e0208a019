import type { Schema } from '../protobuf/wire.js';

/**
 * The part of Caffe's caffe.proto that networks are made of, with its field names and numbers
 * (https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto).
 */

const shape: Schema = { dim: [1, 'int'] };

const blob: Schema = {
  shape: [7, () => shape],
  data: [5, 'float'],
  double_data: [8, 'double'],
  num: [1, 'int'],
  channels: [2, 'int'],
  height: [3, 'int'],
  width: [4, 'int'],
};

const phases = ['TRAIN', 'TEST'];
const rule: Schema = { phase: [1, phases], stage: [4, 'string'], not_stage: [5, 'string'] };
const param: Schema = { name: [1, 'string'], lr_mult: [3, 'float'] };

const filler: Schema = { type: [1, 'string'], value: [2, 'float'] };

const convolution: Schema = {
  num_output: [1, 'int'],
  bias_term: [2, 'bool'],
  pad: [3, 'int'],
  kernel_size: [4, 'int'],
  group: [5, 'int'],
  stride: [6, 'int'],
  weight_filler: [7, () => filler],
  pad_h: [9, 'int'],
  pad_w: [10, 'int'],
  kernel_h: [11, 'int'],
  kernel_w: [12, 'int'],
  stride_h: [13, 'int'],
  stride_w: [14, 'int'],
  axis: [16, 'int'],
  dilation: [18, 'int'],
};

const pooling: Schema = {
  pool: [1, ['MAX', 'AVE', 'STOCHASTIC']],
  kernel_size: [2, 'int'],
  stride: [3, 'int'],
  pad: [4, 'int'],
  kernel_h: [5, 'int'],
  kernel_w: [6, 'int'],
  stride_h: [7, 'int'],
  stride_w: [8, 'int'],
  pad_h: [9, 'int'],
  pad_w: [10, 'int'],
  global_pooling: [12, 'bool'],
  round_mode: [13, ['CEIL', 'FLOOR']],
};

const innerProduct: Schema = {
  num_output: [1, 'int'],
  bias_term: [2, 'bool'],
  axis: [5, 'int'],
  transpose: [6, 'bool'],
};

const lrn: Schema = {
  local_size: [1, 'int'],
  alpha: [2, 'float'],
  beta: [3, 'float'],
  norm_region: [4, ['ACROSS_CHANNELS', 'WITHIN_CHANNEL']],
  k: [5, 'float'],
};

const concat: Schema = { concat_dim: [1, 'int'], axis: [2, 'int'] };
const eltwise: Schema = { operation: [1, ['PROD', 'SUM', 'MAX']], coeff: [2, 'float'] };
const slice: Schema = { slice_dim: [1, 'int'], slice_point: [2, 'int'], axis: [3, 'int'] };
const dropout: Schema = { dropout_ratio: [1, 'float'] };
const relu: Schema = { negative_slope: [1, 'float'] };
const power: Schema = { power: [1, 'float'], scale: [2, 'float'], shift: [3, 'float'] };
const softmax: Schema = { axis: [2, 'int'] };
const memoryData: Schema = {
  batch_size: [1, 'int'],
  channels: [2, 'int'],
  height: [3, 'int'],
  width: [4, 'int'],
};
const transform: Schema = { crop_size: [3, 'int'] };

const layer: Schema = {
  name: [1, 'string'],
  type: [2, 'string'],
  bottom: [3, 'string'],
  top: [4, 'string'],
  param: [6, () => param],
  blobs: [7, () => blob],
  include: [8, () => rule],
  exclude: [9, () => rule],
  transform_param: [100, () => transform],
  concat_param: [104, () => concat],
  convolution_param: [106, () => convolution],
  dropout_param: [108, () => dropout],
  eltwise_param: [110, () => eltwise],
  inner_product_param: [117, () => innerProduct],
  lrn_param: [118, () => lrn],
  memory_data_param: [119, () => memoryData],
  pooling_param: [121, () => pooling],
  power_param: [122, () => power],
  relu_param: [123, () => relu],
  softmax_param: [125, () => softmax],
  slice_param: [126, () => slice],
  prelu_param: [131, () => ({ channel_shared: [2, 'bool'] })],
  reshape_param: [133, () => ({ shape: [1, () => shape], axis: [2, 'int'], num_axes: [3, 'int'] })],
  flatten_param: [135, () => ({ axis: [1, 'int'], end_axis: [2, 'int'] })],
  batch_norm_param: [
    139,
    () => ({ use_global_stats: [1, 'bool'], moving_average_fraction: [2, 'float'], eps: [3, 'float'] }),
  ],
  elu_param: [140, () => ({ alpha: [1, 'float'] })],
  scale_param: [142, () => ({ axis: [1, 'int'], num_axes: [2, 'int'], bias_term: [4, 'bool'] })],
  input_param: [143, () => ({ shape: [1, () => shape] })],
  clip_param: [148, () => ({ min: [1, 'float'], max: [2, 'float'] })],
  crop_param: [144, () => ({ axis: [1, 'int'], offset: [2, 'int'] })],
};

/** The old layers name their type by an enumeration, whose numbers stand in files. */
const oldTypes = [
  ...['NONE', 'ACCURACY', 'BNLL', 'CONCAT', 'CONVOLUTION', 'DATA', 'DROPOUT', 'EUCLIDEAN_LOSS', 'FLATTEN', 'HDF5_DATA'],
  ...['HDF5_OUTPUT', 'IM2COL', 'IMAGE_DATA', 'INFOGAIN_LOSS', 'INNER_PRODUCT', 'LRN', 'MULTINOMIAL_LOGISTIC_LOSS'],
  ...['POOLING', 'RELU', 'SIGMOID', 'SOFTMAX', 'SOFTMAX_LOSS', 'SPLIT', 'TANH', 'WINDOW_DATA', 'ELTWISE', 'POWER'],
  ...['SIGMOID_CROSS_ENTROPY_LOSS', 'HINGE_LOSS', 'MEMORY_DATA', 'ARGMAX', 'THRESHOLD', 'DUMMY_DATA', 'SLICE', 'MVN'],
  ...['ABSVAL', 'SILENCE', 'CONTRASTIVE_LOSS', 'EXP', 'DECONVOLUTION'],
];

const oldLayer: Schema = {
  bottom: [2, 'string'],
  top: [3, 'string'],
  name: [4, 'string'],
  type: [5, oldTypes],
  blobs: [6, () => blob],
  blobs_lr: [7, 'float'],
  concat_param: [9, () => concat],
  convolution_param: [10, () => convolution],
  dropout_param: [12, () => dropout],
  inner_product_param: [17, () => innerProduct],
  lrn_param: [18, () => lrn],
  pooling_param: [19, () => pooling],
  power_param: [21, () => power],
  memory_data_param: [22, () => memoryData],
  eltwise_param: [24, () => eltwise],
  relu_param: [30, () => relu],
  slice_param: [31, () => slice],
  include: [32, () => rule],
  exclude: [33, () => rule],
  transform_param: [36, () => transform],
  softmax_param: [39, () => softmax],
};

export const net: Schema = {
  name: [1, 'string'],
  layers: [2, () => oldLayer],
  input: [3, 'string'],
  input_dim: [4, 'int'],
  input_shape: [8, () => shape],
  layer: [100, () => layer],
};
