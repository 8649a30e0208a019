import { ImportError } from '../format.js';
import { Message } from '../protobuf/message.js';

/** Old layers written as the present ones: the `layers` with types in capitals, and those that hold a `layer` of their own. */

const types: Readonly<Record<string, string>> = {
  ABSVAL: 'AbsVal',
  ACCURACY: 'Accuracy',
  ARGMAX: 'ArgMax',
  BNLL: 'BNLL',
  CONCAT: 'Concat',
  CONVOLUTION: 'Convolution',
  DATA: 'Data',
  DECONVOLUTION: 'Deconvolution',
  DROPOUT: 'Dropout',
  ELTWISE: 'Eltwise',
  EUCLIDEAN_LOSS: 'EuclideanLoss',
  EXP: 'Exp',
  FLATTEN: 'Flatten',
  HDF5_DATA: 'HDF5Data',
  HINGE_LOSS: 'HingeLoss',
  IMAGE_DATA: 'ImageData',
  INNER_PRODUCT: 'InnerProduct',
  LRN: 'LRN',
  MEMORY_DATA: 'MemoryData',
  MULTINOMIAL_LOGISTIC_LOSS: 'MultinomialLogisticLoss',
  MVN: 'MVN',
  POOLING: 'Pooling',
  POWER: 'Power',
  RELU: 'ReLU',
  SIGMOID: 'Sigmoid',
  SIGMOID_CROSS_ENTROPY_LOSS: 'SigmoidCrossEntropyLoss',
  SILENCE: 'Silence',
  SLICE: 'Slice',
  SOFTMAX: 'Softmax',
  SOFTMAX_LOSS: 'SoftmaxWithLoss',
  SPLIT: 'Split',
  TANH: 'TanH',
  THRESHOLD: 'Threshold',
  WINDOW_DATA: 'WindowData',
};

export function typeOf(layer: Message): string {
  const type = layer.text('type');
  if (type === '') throw new ImportError(`${layer.where}: a layer without a type`);
  return Object.hasOwn(types, type) ? (types[type] as string) : type;
}

/** The oldest types in small letters, and the parameter message that their fields moved to. */
const oldest: Readonly<Record<string, readonly [type: string, parameters: string]>> = {
  conv: ['Convolution', 'convolution_param'],
  pool: ['Pooling', 'pooling_param'],
  innerproduct: ['InnerProduct', 'inner_product_param'],
  lrn: ['LRN', 'lrn_param'],
  dropout: ['Dropout', 'dropout_param'],
  concat: ['Concat', 'concat_param'],
  relu: ['ReLU', 'relu_param'],
  sigmoid: ['Sigmoid', 'sigmoid_param'],
  tanh: ['TanH', 'tanh_param'],
  softmax: ['Softmax', 'softmax_param'],
  softmax_loss: ['SoftmaxWithLoss', 'loss_param'],
  flatten: ['Flatten', 'flatten_param'],
  bnll: ['BNLL', 'bnll_param'],
  split: ['Split', 'split_param'],
  data: ['Data', 'data_param'],
  accuracy: ['Accuracy', 'accuracy_param'],
};

const renamed: Readonly<Record<string, string>> = { kernelsize: 'kernel_size', biasterm: 'bias_term' };

export function upgradeLayer(layer: Message): Message {
  const [inner] = layer.messages('layer');
  if (!inner) return layer;
  const upgraded = new Message(layer.where);
  const known = oldest[inner.text('type')];
  const parameters = new Message(layer.where);
  for (const field of inner.fieldNames)
    for (const value of inner.values(field)) {
      if (field === 'type') upgraded.append('type', known?.[0] ?? value);
      else if (['name', 'blobs', 'blobs_lr'].includes(field)) upgraded.append(field, value);
      else parameters.append(renamed[field] ?? field, value);
    }
  if (known) upgraded.append(known[1], parameters);
  for (const field of ['bottom', 'top']) for (const value of layer.values(field)) upgraded.append(field, value);
  return upgraded;
}
