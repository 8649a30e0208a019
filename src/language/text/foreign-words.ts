/**
 * What other tools call the layers and attributes of the language, in small letters without `_` and a dimension behind:
 * `Conv2d`, `kernel_size`. They are no words of the language; they tell what somebody who knows them means.
 */
const foreignWords: Readonly<Record<string, readonly string[]>> = {
  // Layers
  convolution: ['conv'],
  convolutional: ['conv'],
  separableconv: ['depthwise'],
  depthwiseconv: ['depthwise'],
  deconv: ['convtranspose'],
  deconvolution: ['convtranspose'],
  transposedconv: ['convtranspose'],
  dense: ['fc'],
  linear: ['fc'],
  gemm: ['fc'],
  innerproduct: ['fc'],
  fullyconnected: ['fc'],
  bn: ['batchnorm'],
  batchnormalization: ['batchnorm'],
  batchnormalisation: ['batchnorm'],
  pool: ['maxpool', 'avgpool'],
  pooling: ['maxpool', 'avgpool'],
  maxpooling: ['maxpool'],
  averagepool: ['avgpool'],
  averagepooling: ['avgpool'],
  gap: ['globalavgpool'],
  globalaveragepool: ['globalavgpool'],
  globalaveragepooling: ['globalavgpool'],
  globalmaxpooling: ['globalmaxpool'],
  adaptiveaveragepool: ['adaptiveavgpool'],
  localresponsenorm: ['lrn'],
  swish: ['silu'],
  upsampling: ['upsample'],
  interpolate: ['upsample'],
  resize: ['upsample'],
  zeropadding: ['pad'],
  cropping: ['crop'],
  view: ['flatten', 'reshape'],
  cat: ['concat'],
  concatenate: ['concat'],
  sum: ['add'],
  residual: ['add'],
  eltwise: ['add', 'multiply', 'max'],
  mul: ['multiply'],
  // Attributes
  padding: ['pad'],
  kernelsize: ['kernel'],
  poolsize: ['kernel'],
  filtersize: ['kernel'],
  strides: ['stride'],
  outchannels: ['filters', 'units'],
  outfeatures: ['units'],
  channels: ['filters'],
  numoutput: ['filters', 'units'],
  features: ['filters', 'units'],
  neurons: ['units'],
  dilations: ['dilation'],
  dilationrate: ['dilation'],
  group: ['groups'],
  usebias: ['bias'],
  biasterm: ['bias'],
  eps: ['epsilon'],
  negativeslope: ['alpha'],
  depthmultiplier: ['multiplier'],
  p: ['rate'],
  prob: ['rate'],
  probability: ['rate'],
  scalefactor: ['factor'],
  outputpadding: ['outputpad'],
  ceilmode: ['fit'],
  countincludepad: ['countpad'],
  learningrate: ['rate'],
  lr: ['rate'],
  optimizer: ['optimiser'],
  weightdecay: ['decay'],
  batchsize: ['batch'],
};

/** Our words for one of another tool. */
export const wordsFor = (word: string): readonly string[] => {
  const plain = word
    .toLowerCase()
    .replaceAll('_', '')
    .replace(/[12]d$/, '');
  return Object.hasOwn(foreignWords, plain) ? (foreignWords[plain] ?? []) : [];
};
