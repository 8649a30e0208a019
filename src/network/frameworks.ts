/**
 * Where the frameworks differ. One row a framework; everything else asks the row, never the framework's name.
 * Sources: docs and source of each framework, tabled in docs/frameworks.md.
 */

/** How a window that does not divide its input evenly is rounded. `caffe` is Caffe's clipping of ceil (see window.ts). */
export type Fit = 'strict' | 'floor' | 'ceil' | 'caffe';

export type Framework = 'pytorch' | 'caffe' | 'keras' | 'onnx' | 'torch7' | 'lasagne';

export interface FrameworkRules {
  readonly title: string;
  readonly convFit: Fit;
  readonly poolFit: Fit;
  /** The stride of a pool that names none: its kernel, or 1. */
  readonly maxPoolStride: 'kernel' | 'one';
  readonly averagePoolStride: 'kernel' | 'one';
  readonly averageCountsPadding: boolean;
  /**
   * What `pad same` means. `upper`: ⌈N/S⌉, odd padding at the bottom and right; `stride-1`: the same, but refused at
   * larger strides; `half`: ⌊F/2⌋ on every side; `none`: the framework has no such padding.
   */
  readonly same: 'upper' | 'stride-1' | 'half' | 'none';
  readonly batchNormEpsilon: number;
  /** In the framework's own meaning: what is kept (Caffe, Keras, ONNX) or what is updated (the others). */
  readonly batchNormMomentum: number;
  readonly momentumMeans: 'keep' | 'update';
  readonly lrnAlpha: number;
  readonly lrnK: number;
  readonly lrnDividesBySize: boolean;
  /** The order in which fc and flatten read a volume. */
  readonly flattenOrder: 'CHW' | 'HWC';
}

/** A network that names no framework: sizes must fit exactly; everything else as a PyTorch user expects. */
export const strictRules: FrameworkRules = {
  title: 'strict',
  convFit: 'strict',
  poolFit: 'strict',
  maxPoolStride: 'kernel',
  averagePoolStride: 'kernel',
  averageCountsPadding: true,
  same: 'upper',
  batchNormEpsilon: 1e-5,
  batchNormMomentum: 0.1,
  momentumMeans: 'update',
  lrnAlpha: 1e-4,
  lrnK: 1,
  lrnDividesBySize: true,
  flattenOrder: 'CHW',
};

export const frameworks: Readonly<Record<Framework, FrameworkRules>> = {
  pytorch: { ...strictRules, title: 'PyTorch', convFit: 'floor', poolFit: 'floor', same: 'stride-1' },
  caffe: {
    ...strictRules,
    title: 'Caffe',
    convFit: 'floor',
    poolFit: 'caffe',
    maxPoolStride: 'one',
    averagePoolStride: 'one',
    same: 'none',
    batchNormMomentum: 0.999,
    momentumMeans: 'keep',
    lrnAlpha: 1,
  },
  keras: {
    ...strictRules,
    title: 'Keras',
    convFit: 'floor',
    poolFit: 'floor',
    averageCountsPadding: false,
    batchNormEpsilon: 1e-3,
    batchNormMomentum: 0.99,
    momentumMeans: 'keep',
    flattenOrder: 'HWC',
  },
  onnx: {
    ...strictRules,
    title: 'ONNX',
    convFit: 'floor',
    poolFit: 'floor',
    maxPoolStride: 'one',
    averagePoolStride: 'one',
    averageCountsPadding: false,
    batchNormMomentum: 0.9,
    momentumMeans: 'keep',
  },
  torch7: {
    ...strictRules,
    title: 'Torch7',
    convFit: 'floor',
    poolFit: 'floor',
    averagePoolStride: 'one',
    same: 'none',
  },
  lasagne: {
    ...strictRules,
    title: 'Lasagne',
    convFit: 'floor',
    poolFit: 'floor',
    same: 'half',
    averageCountsPadding: false,
    batchNormEpsilon: 1e-4,
    lrnK: 2,
    lrnDividesBySize: false,
  },
};

export const frameworkNames = Object.keys(frameworks) as readonly Framework[];

export const rulesOf = (framework: Framework | undefined): FrameworkRules =>
  framework ? frameworks[framework] : strictRules;
