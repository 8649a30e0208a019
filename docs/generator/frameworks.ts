import { rulesTable } from '../../src/language/features/support/markdown.js';
import { frameworkNames, frameworks, strictRules } from '../../src/network/frameworks.js';
import { GENERATED, page, table } from './markdown.js';

const INTRODUCTION = `By default a size must come out whole, and the defaults are those a PyTorch user expects (*strict*). A network can
follow the rules of a framework instead:

\`\`\`convnet
network ResNetStem like pytorch {
  input 224x224x3
  conv 64 7x7 stride 2 pad 3      // 112.5 in theory, 112 in practice
  maxpool 3x3 stride 2 pad 1
}
\`\`\`

\`convnet check --like caffe FILE\` asks how the same file would behave elsewhere, and names the layers whose sizes diverge.`;

const NOTES = `## Rounding

The output size along an axis is (N + 2P − D(F − 1) − 1)/S + 1.

- **Strict**: what is no whole number is an error, [\`does-not-fit\`](diagnostics.md#does-not-fit).
- **Down**: the last rows and columns that do not fill a window are never seen;
  [\`unseen-pixels\`](diagnostics.md#unseen-pixels) says how many.
- **Up, PyTorch's way** (\`fit ceil\`): one more window, which hangs over the edge; it is dropped where it would start in
  the padding at the far side.
- **Up, Caffe's way** (\`fit caffe\`): the same, but the last window is dropped only if there is padding at all. The two
  differ exactly where there is no padding and the stride is larger than the kernel.

A layer can say it for itself: \`maxpool 3x3 stride 2 fit ceil\`.

## \`pad same\`

- The output is ⌈N/S⌉; the padding in all is max((⌈N/S⌉ − 1)S + F − N, 0), an odd pixel at the bottom and right. A 7×7
  filter at stride 2 on 224×224 gets 2 and 3, not 3 and 3.
- PyTorch refuses it at strides above 1; Caffe and Torch7 have no such padding; Lasagne pads ⌊F/2⌋ on every side.

## Counting

- A batch normalisation has 2C parameters, its scale and shift, and 2C running statistics, which are buffers. Keras counts
  all four as parameters, half of them not trainable; in Caffe the scale and shift are a layer of their own.
- MACs are the multiply–accumulates of convolutions and fully connected layers, without the bias. 1 MAC = 2 FLOPs.`;

/** Where the frameworks differ. */
export const frameworksPage = (): string => {
  const columns = [strictRules, ...frameworkNames.map((name) => frameworks[name])];
  const head = ['', 'strict', ...frameworkNames.map((name) => `\`${name}\``)];
  return page(
    '# Where the frameworks differ',
    GENERATED,
    INTRODUCTION,
    '## The rules',
    'What differs from the strict rules stands out.',
    table(head, rulesTable(columns)),
    NOTES,
  );
};
