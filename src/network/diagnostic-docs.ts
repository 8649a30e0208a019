import type { DiagnosticCode } from './diagnostics.js';

/**
 * What each code is about, for its section in docs/diagnostics.md and the help of code scanners. Markdown; the wrong
 * example of each is docs/diagnostics/<code>.convnet.
 */
export const explanations: Readonly<Record<DiagnosticCode, string>> = {
  syntax:
    'The parser cannot read this line: a bracket is not closed, a quote is missing, or a character has no meaning where it ' +
    'stands. Other lines are read and checked all the same; a lost brace harms at most its own block or network.',
  'too-large':
    'Files over 2 MB and networks over 50,000 layers are not checked, so that the editor stays responsive: a `repeat` with a ' +
    'few zeros too many is the usual cause. A single layer whose output or weights hold more numbers than a computer can ' +
    'address gets the same error. Nothing is allocated to find out.',
  'missing-input':
    'Every size follows from the size of the picture, so the first layer of a network is its `input`: ' +
    'height x width x channels.',
  'unknown-layer':
    'The first word of a line is a layer, or a block of this file or of one it imports. The nearest words that exist are ' +
    'offered. Later layers keep silent, because their input is not known. To give a layer a name, put a colon after it: ' +
    '`stem: conv 64 7x7`.',
  'unknown-attribute':
    'The layer has no attribute of this name, or the block no such parameter. The nearest names are offered; where there ' +
    'are none, the message lists what the layer takes. Two layers on one line need a `;` between them.',
  'unknown-framework':
    'After `like` stands the framework whose rounding and defaults the network follows: `pytorch`, `caffe`, `keras`, ' +
    '`onnx`, `torch7` or `lasagne`.',
  'missing-value':
    'A layer needs a value that is not written, an attribute stands without its value, or a merge has fewer than two ' +
    'inputs. The message says what is expected.',
  'repeated-value': 'Each attribute is written once a layer; of two values it would not be clear which is meant.',
  'invalid-value':
    'The value cannot be what stands in its place: no whole number, out of range, not one of the words allowed, or at odds ' +
    'with the input. `/` is exact, so `7 / 2` is 3.5 and no number of filters; `floor` and `ceil` round.',
  'duplicate-name':
    'A name means one layer, block or network. Names inside a block are its own; those inside branches and repeats share ' +
    'the names of the block or network around them. Names of layers cannot be given to blocks.',
  'does-not-fit':
    'The output size along an axis is (N + 2P − D(F − 1) − 1)/S + 1, with input size N, padding P, dilation D, filter size F ' +
    'and stride S. Unless it is a whole number, the last step of the window ends outside its input. Checking goes on with the ' +
    'size rounded down, so that later lines are not wrong for the same reason. Real frameworks round: write ' +
    '`network Name like pytorch` to follow the rules of one, or `fit floor` for a single layer.',
  'kernel-exceeds-input':
    'The window, spread out by its dilation, is larger than its input with padding: there is no place where it could lie. ' +
    'Often one pooling too many came before.',
  'unknown-name':
    'No constant, parameter or layer of this name can be seen from here. A block sees its parameters and the constants and ' +
    'blocks of its file, and nothing of its caller; the names of layers inside a block stay inside.',
  'used-before-definition':
    '`from` names a layer further down. Layers run from top to bottom, so that no network has a cycle.',
  misplaced:
    'The statement is fine, its place is not: layers stand in a network or block, `input` once at the top of a network, ' +
    '`branch` inside `add`, `concat`, `multiply` or `max`, and `weights` and `labels` in the network itself.',
  'recursive-block':
    'A block that contains itself, directly or through others, would never end. To do something several times, use `repeat`.',
  'import-not-found':
    'Paths are relative to the file that imports: `import Bottleneck from "./blocks.convnet"`. A folder, or a file outside ' +
    'the folder that is open, is not read.',
  'import-cycle':
    'Two files that import each other would wait for each other. Put what both need into a third file, and import it in both.',
  'sizes-diverge':
    '`convnet check --like <framework>` asks how the same file would behave elsewhere. The layer exists in both, with other ' +
    'sizes: weights and later layers will not match. An explicit `fit`, `pad` or `stride` makes the frameworks agree.',
  'expectation-failed':
    '`expect` states what you believe of a layer or network; here it is otherwise. Either the network is wrong, or the belief.',
  'classes-differ':
    'The last layer of a classifier gives one score for each class of the `dataset` in its `training` block (or a single one where ' +
    'there are two classes). Sets in files are counted when training begins.',
  'weights-differ':
    'A weights file has each tensor under the name `<layer>.<weight>`, such as `conv1.weight`, in PyTorch’s layout. Its shape ' +
    'must be what the layer needs, and its dtype real (F64, F32, F16 or BF16). The related places are the layers that ' +
    'differ. Tensors that no layer asks for are left alone.',
  'weights-unreadable':
    'The file is no safetensors file, or it is cut short, or a tensor lies outside of its data or over another. Save it anew.',
  'weights-missing':
    'The file of a `weights` line is looked for beside the network. Until it is there the network runs on random weights; ' +
    '`convnet train` writes it.',
  'empty-file':
    'Nothing is wrong with an empty file, and nothing is in it. A network is `network Name { input 32x32x3 … }`.',
  'groups-do-not-divide':
    'Groups share out the input channels and the filters evenly: both must be multiples of the number of groups.',
  'shapes-differ':
    '`add`, `multiply` and `max` work number by number, so their inputs are of one size (`multiply` stretches 1×1×C over ' +
    'a picture); `concat` stacks channels, so height and width agree. The message names the layers that disagree. On a shortcut ' +
    'around layers that change the size, a 1×1 convolution with the same stride makes them equal.',
  'unseen-pixels':
    'Where the output size is rounded down, the last rows and columns lie under no window and have no influence. Frameworks ' +
    'do so silently; it is told where a row of the picture is lost, not of padding, as in ResNet’s first layer.',
  'linear-layers':
    'A linear map after a linear map is a linear map: without an activation function between them, two layers can do no ' +
    'more than one, at a higher price. It is not told where that is the design: a narrowing pair (a bottleneck), depthwise ' +
    'and 1×1 convolutions, 1×n and n×1, transposed convolutions, merges.',
  shrinking:
    'Without padding each convolution takes F − 1 rows and columns away. The picture shrinks quickly, and pixels at the ' +
    'border count less than those in the middle. Padding (F − 1)/2 keeps the size at stride 1.',
  'bias-before-batchnorm':
    'The normalisation subtracts the mean of each channel, and with it whatever the bias added. `bias false` saves the ' +
    'parameters and changes nothing.',
  'unused-layer':
    'No later layer takes the output of this one, and it is not the last. Usually a `from` further down goes around it.',
  'unused-name':
    'No expression reads the constant, the parameter or the variable, or no line uses the block or what is imported. Other ' +
    'files may import the constants and blocks of a file that has no network, so those are left alone. It is told once the ' +
    'file has no errors.',
  'softmax-not-last':
    'Probabilities over the channels are an answer, not a feature: they sum to 1 and squeeze all differences. Inside a ' +
    'network use another activation function.',
  'channels-first':
    'Sizes are written as pictures are spoken of, height × width × channels, whatever order the framework keeps in memory: ' +
    'what PyTorch and Caffe call (3, 224, 224) is `input 224x224x3`.',
  'misaligned-paths':
    'The merged volumes have equal sizes, but a unit of one looks at another place of the picture than the unit it is ' +
    'merged with, or their units stand apart by different distances. The usual cause is padding on one path only.',
  'small-receptive-field':
    'The receptive field is the part of the picture that can influence a unit. If the last units see less than all of it, ' +
    'no unit can relate what is far apart. More layers, strides, dilation or a global pooling enlarge it. For a network ' +
    'that labels pixels a part may be enough: then silence this hint.',
  'memory-budget':
    'Parameters, buffers and the activations of all layers for one picture, at 4 bytes a number, exceed the budget you set. ' +
    'The message names the layer that takes most.',
  'macs-budget':
    'The multiply–accumulates for one picture exceed the budget you set. The message names the layer that takes most.',
};
