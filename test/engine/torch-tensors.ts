import type { LayerWeights } from '../../src/engine/ops/op.js';
import { fromNCHW, type Tensor } from '../../src/engine/tensor.js';
import type { StoredTensor } from '../../src/formats/format.js';
import type { WeightSpec } from '../../src/network/layer.js';
import type { TorchCase } from '../torch.js';

/** PyTorch's tensors as ours. */
export const tensorOf = ({ shape: [batch = 1, channels = 1, height = 1, width = 1], values }: StoredTensor): Tensor =>
  fromNCHW(values, { height, width, channels }, batch);

const weightNames = ['weight', 'bias', 'running_mean', 'running_var'] as const satisfies WeightSpec['name'][];

export const weightsUnder = (tensors: ReadonlyMap<string, StoredTensor>, prefix: string): LayerWeights =>
  Object.fromEntries(
    weightNames.flatMap((name) => {
      const values = tensors.get(`${prefix}${name}`)?.values;
      return values ? [[name, values]] : [];
    }),
  );

/** Softmax over the last axis of NCHW is ours with width and channels exchanged. */
function lastAxisFirst({ shape: [n = 1, c = 1, h = 1, w = 1], values }: StoredTensor): StoredTensor {
  const exchanged = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const [x, y, channel, picture] = [
      i % w,
      Math.floor(i / w) % h,
      Math.floor(i / (w * h)) % c,
      Math.floor(i / (w * h * c)),
    ];
    exchanged[((picture * w + x) * h + y) * c + channel] = values[i] as number;
  }
  return { shape: [n, w, h, c], values: exchanged };
}

export const arranged = ({ attrs, tensors }: TorchCase, tensor: StoredTensor): StoredTensor =>
  attrs.dim === -1 && tensors['in.x']?.length === 4 ? lastAxisFirst(tensor) : tensor;
