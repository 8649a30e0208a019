import { readdirSync, readFileSync } from 'node:fs';
import { NodeFileSystem } from 'langium/node';
import { describe, expect, test } from 'vitest';
import { type AnalysedNetwork, createChecker, type Finding } from '../../src/language/index.js';
import { formatText } from '../../src/language/text/format.js';
import { printShape } from '../../src/network/shape.js';
import {
  caffeLayers,
  layersOf,
  oraclesArePresent,
  oraclesFolder,
  publishedRows,
  torchvisionLayers,
} from './oracles.js';

const examples = new URL('../../examples/', import.meta.url);
const checker = createChecker(NodeFileSystem.fileSystemProvider());

const read = (file: string): string => readFileSync(new URL(file, examples), 'utf8');

/** Checks an example, or another text in its place. */
const check = (file: string, text = read(file)) => checker.check(new URL(file, examples).href, text);

async function networkOf(file: string, name: string, text?: string): Promise<AnalysedNetwork> {
  const { networks } = await check(file, text);
  const found = networks.find(({ network }) => network.name === name);
  if (!found) throw new Error(`examples/${file} has no network ${name}`);
  return found;
}

/** Everything in examples/ but the mistakes. */
const files = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.convnet') && !file.startsWith('mistakes/'))
  .sort();

/** Lessons that are about a warning: where it is told. */
const lessons: Readonly<Record<string, readonly string[]>> = {
  'cs-convolution-arithmetic.convnet': ['26: shrinking'],
  'lecture/18-shrinking.convnet': ['7: shrinking'],
};

const isLoud = ({ severity }: Finding): boolean => severity === 'error' || severity === 'warning';

describe('examples have no errors and no warnings', () => {
  test.each(files)('%s', async (file) => {
    const { findings } = await check(file);
    const told = findings.filter(isLoud).map(({ range, code }) => `${range.start.line + 1}: ${code}`);
    expect(told).toEqual(lessons[file] ?? []);
  });
});

describe('what a lesson asks the student to try comes out as it says', () => {
  const codesAfter = async (file: string, from: string | RegExp, to: string): Promise<readonly string[]> => {
    const text = read(file);
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    return (await check(file, changed)).findings.filter(isLoud).map(({ code }) => code);
  };

  test('3: without relu two layers collapse', async () => {
    expect(await codesAfter('lecture/03-composition.convnet', '\n  relu\n', '\n')).toEqual(['linear-layers']);
  });

  test('16: stride 3 does not fit', async () => {
    const stride3 = /(?<=network Stride3 [^}]*)stride 1/;
    expect(await codesAfter('lecture/16-stride.convnet', stride3, 'stride 3')).toEqual(['does-not-fit']);
  });

  test('23: without a framework the pool does not fit', async () => {
    expect(await codesAfter('lecture/23-frameworks.convnet', ' like torch7', '')).toEqual(['does-not-fit']);
  });
});

test('the course lists every lesson', () => {
  const linked = [...read('lecture/README.md').matchAll(/\]\(([\w-]+\.convnet)\)/g)].map(
    ([, file]) => `lecture/${file}`,
  );
  expect(linked.sort()).toEqual(files.filter((file) => file.startsWith('lecture/')));
});

test.each(files)('%s is laid out as the formatter does', (file) => {
  expect(formatText(read(file))).toBe(read(file));
});

/** File, network, parameters, MACs, output, and the rows of published-counts.csv that speak of it: framework and model. */
type Published = readonly [
  file: string,
  network: string,
  params: number,
  macs: number,
  output: string,
  rows: readonly string[],
];

const classes = '1x1x1000';

/** The counts that were published with the networks (torchvision, Keras), or follow from their files (Caffe) or papers. */
const published: readonly Published[] = [
  ['lenet', 'LeNet', 62_006, 651_720, '1x1x10', []],
  ['alexnet', 'AlexNet', 60_965_224, 724_406_816, classes, ['caffe: bvlc_alexnet / caffenet (groups=2)']],
  ['alexnet-torchvision', 'AlexNet', 61_100_840, 714_188_480, classes, ['torchvision: alexnet']],
  ['vgg16', 'VGG16', 138_357_544, 15_470_264_320, classes, ['torchvision: vgg16', 'keras: VGG16']],
  ['vgg19', 'VGG19', 143_667_240, 19_632_062_464, classes, ['torchvision: vgg19', 'keras: VGG19']],
  ['googlenet', 'GoogLeNet', 6_998_552, 1_582_671_872, classes, ['caffe: bvlc_googlenet']],
  ['googlenet-torchvision', 'GoogLeNet', 6_624_904, 1_498_376_192, classes, ['torchvision: googlenet (no aux)']],
  ['resnet18', 'ResNet18', 11_689_512, 1_814_073_344, classes, ['torchvision: resnet18']],
  ['resnet34', 'ResNet34', 21_797_672, 3_663_761_408, classes, ['torchvision: resnet34']],
  ['resnet50', 'ResNet50', 25_557_032, 4_089_184_256, classes, ['torchvision: resnet50 (v1.5)']],
  ['resnet101', 'ResNet101', 44_549_160, 7_801_405_440, classes, ['torchvision: resnet101']],
  ['squeezenet', 'SqueezeNet1_0', 1_248_424, 861_339_936, classes, ['caffe: SqueezeNet 1.0 (netscope preset)']],
  ['squeezenet', 'SqueezeNet1_1', 1_235_496, 387_747_520, classes, ['caffe: SqueezeNet 1.1 (netscope preset)']],
  ['mobilenet-v1', 'MobileNetV1', 4_231_976, 568_740_352, classes, ['keras: MobileNet (v1)']],
  ['mobilenet-v2', 'MobileNetV2', 3_504_872, 300_774_272, classes, ['torchvision: mobilenet_v2', 'keras: MobileNetV2']],
  ['densenet121', 'DenseNet121', 7_978_856, 2_834_161_664, classes, ['torchvision: densenet121', 'keras: DenseNet121']],
  ['unet', 'UNet2015', 31_030_658, 150_428_424_448, '388x388x2', ['paper: U-Net 2015 (1ch; valid; 2 classes)']],
  ['unet', 'UNet', 31_030_593, 48_091_889_664, '256x256x1', ['paper: U-Net (1ch; same pad; 1 class)']],
];

const measure = ({ checked: { totals, facts } }: AnalysedNetwork) => {
  const output = facts.at(-1)?.output;
  return { params: totals.params, macs: totals.macs, output: output && printShape(output) };
};

describe('examples have the counts that were published', () => {
  test.each(published)('%s: %s', async (file, network, params, macs, output) => {
    expect(measure(await networkOf(`${file}.convnet`, network))).toEqual({ params, macs, output });
    // A reader sees them in the file, and the editor checks them.
    const [, body = ''] = read(`${file}.convnet`).split(`network ${network} `);
    expect(body.split('\nnetwork ')[0]?.match(/^ {2}expect .*$/gm)).toEqual([
      `  expect params ${params}`,
      expect.stringMatching(new RegExp(`^ {2}expect macs ${macs}\\b`)),
      `  expect output ${output}`,
    ]);
  });

  test('ResNet-50 is short and shares its blocks with ResNet-101', () => {
    expect(read('resnet50.convnet').trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    for (const file of ['resnet50.convnet', 'resnet101.convnet'])
      expect(read(file)).toContain('import Stage, Stem, Head from "./blocks.convnet"');
  });
});

/** torchvision's SqueezeNets: smaller pictures, pools that round up PyTorch's way, no padding where none is needed. */
const squeezenetInTorchvision = read('squeezenet.convnet')
  .replaceAll('227x227x3', '224x224x3')
  .replaceAll('like caffe', 'like pytorch')
  .replaceAll('maxpool 3x3 stride 2', 'maxpool 3x3 stride 2 fit ceil')
  .replaceAll('Classifier(pad = 1)', 'Classifier()');

/** A residual network as first published: the stride in the first 1×1, and the first pool as Caffe rounds it. */
const resnetInCaffe = (file: string): string =>
  read('blocks.convnet')
    .replace('maxpool 3x3 stride 2 pad 1', 'maxpool 3x3 stride 2')
    .replace('conv width 1x1 bias', 'conv width 1x1 stride stride bias')
    .replace('conv width 3x3 stride stride pad 1', 'conv width 3x3 pad 1') +
  read(file)
    .replace(/^import .*$/m, '')
    .replace('like pytorch', 'like caffe');

/** Row of published-counts.csv, the network it is a variant of, the changed text, and its counts. */
type Variant = readonly [row: string, file: string, network: string, text: string, params: number, macs: number];

const variants: readonly Variant[] = [
  [
    'torchvision: vgg16_bn',
    'vgg16',
    'VGG16',
    read('vgg16.convnet').replaceAll('pad 1; relu', 'pad 1; batchnorm; relu'),
    138_365_992,
    15_470_264_320,
  ],
  ['torchvision: squeezenet1_0', 'squeezenet', 'SqueezeNet1_0', squeezenetInTorchvision, 1_248_424, 818_924_576],
  ['torchvision: squeezenet1_1', 'squeezenet', 'SqueezeNet1_1', squeezenetInTorchvision, 1_235_496, 349_151_936],
  [
    // The first convolution has a bias, which its batch normalisation takes away.
    'caffe: ResNet-50 (netscope preset v1)',
    'resnet50',
    'ResNet50',
    resnetInCaffe('resnet50.convnet').replace('conv 64 7x7 stride 2 pad 3 bias false', 'conv 64 7x7 stride 2 pad 3'),
    25_557_096,
    3_857_973_248,
  ],
  [
    // All of them have.
    'keras: ResNet50 (v1; conv biases)',
    'resnet50',
    'ResNet50',
    resnetInCaffe('resnet50.convnet').replaceAll(' bias false', ''),
    25_583_592,
    3_857_973_248,
  ],
];

test.each(variants)('a variant of an example has its published counts: %s', async (...variant) => {
  const [, file, network, text, params, macs] = variant;
  expect(measure(await networkOf(`${file}.convnet`, network, text))).toEqual({ params, macs, output: classes });
});

if (!oraclesArePresent)
  console.warn(
    `Examples are not compared layer by layer: there is no folder ${oraclesFolder} with other programs' counts.`,
  );

const whereOraclesAre = describe.skipIf(!oraclesArePresent);

whereOraclesAre('published-counts.csv', () => {
  test('has the counts above, and no others', () => {
    const found = Object.fromEntries(
      publishedRows().map(({ framework, model, params, macs }) => [`${framework}: ${model}`, { params, macs }]),
    );
    for (const [, , params, macs, , rows] of published)
      for (const row of rows) expect(found[row]).toEqual({ params, macs });
    for (const [row, , , , params, macs] of variants) expect(found[row]).toEqual({ params, macs });
    const known = [...published.flatMap(([, , , , , rows]) => rows), ...variants.map(([row]) => row)];
    expect(Object.keys(found).sort()).toEqual(known.sort());
  });
});

/** A deeper sibling written with the blocks of an example; its sizes and counts are the oracle's. */
const resnet152 = `import Stage, Stem, Head from "./blocks.convnet"
network ResNet152 like pytorch {
  input 224x224x3
  Stem(); Stage(64, 3, stride = 1); Stage(128, 8); Stage(256, 36); Stage(512, 3); Head()
}
`;

/** DenseNet-121's text with the growth, depths and widths of a sibling. */
function densenet(growth: number, depths: readonly number[], widths: readonly number[]): string {
  const replacements: Readonly<Record<string, string>> = {
    'growth = 32': `growth = ${growth}`,
    ...Object.fromEntries([6, 12, 24, 16].map((from, i) => [`DenseBlock(${from})`, `DenseBlock(${depths[i]})`])),
    ...Object.fromEntries([128, 256, 512].map((from, i) => [`Transition(${from})`, `Transition(${widths[i]})`])),
  };
  // In one pass: what has been replaced is not replaced again.
  return read('densenet121.convnet').replace(
    /growth = 32|DenseBlock\(\d+\)|Transition\(\d+\)/g,
    (found) => replacements[found] ?? found,
  );
}

/** The fourth pool of torchvision's is 2×2; TensorFlow's GoogLeNet, otherwise the same, has the paper's 3×3. */
const inceptionV1 = read('googlenet-torchvision.convnet').replace('maxpool 2x2 stride 2', 'maxpool 3x3 stride 2');

interface Compared {
  readonly file: string;
  readonly network: string;
  readonly text?: string;
  readonly oracle: string;
  readonly layers: (oracle: string) => readonly string[];
  /** Caffe's file has the shortcut before the path that it shortens. */
  readonly inAnyOrder?: boolean;
}

const compared: readonly Compared[] = [
  { file: 'vgg16', network: 'VGG16', oracle: 'vgg16', layers: torchvisionLayers },
  { file: 'vgg19', network: 'VGG19', oracle: 'vgg19', layers: torchvisionLayers },
  { file: 'googlenet-torchvision', network: 'GoogLeNet', oracle: 'googlenet', layers: torchvisionLayers },
  { file: 'resnet50', network: 'ResNet50', oracle: 'resnet50', layers: torchvisionLayers },
  { file: 'resnet101', network: 'ResNet152', text: resnet152, oracle: 'resnet152', layers: torchvisionLayers },
  { file: 'mobilenet-v2', network: 'MobileNetV2', oracle: 'mobilenet_v2', layers: torchvisionLayers },
  {
    file: 'densenet121',
    network: 'DenseNet121',
    text: densenet(48, [6, 12, 36, 24], [192, 384, 1056]),
    oracle: 'densenet161',
    layers: torchvisionLayers,
  },
  {
    file: 'densenet121',
    network: 'DenseNet121',
    text: densenet(32, [6, 12, 48, 32], [128, 256, 896]),
    oracle: 'densenet201',
    layers: torchvisionLayers,
  },
  {
    file: 'alexnet',
    network: 'AlexNet',
    oracle: 'caffe__models__bvlc_alexnet__deploy',
    layers: caffeLayers,
  },
  { file: 'vgg16', network: 'VGG16', oracle: 'caffe-model__cls__vgg__deploy_vgg16-pytorch', layers: caffeLayers },
  {
    file: 'mobilenet-v1',
    network: 'MobileNetV1',
    oracle: 'MobileNet-Caffe__mobilenet_deploy',
    layers: caffeLayers,
  },
  {
    file: 'resnet101',
    network: 'ResNet101',
    text: resnetInCaffe('resnet101.convnet'),
    oracle: 'deep-residual-networks__prototxt__ResNet-101-deploy',
    layers: caffeLayers,
    inAnyOrder: true,
  },
  {
    file: 'resnet18',
    network: 'ResNet18',
    oracle: 'caffe-model__cls__resnet__deploy_resnet18-priv',
    layers: caffeLayers,
    inAnyOrder: true,
  },
  {
    file: 'googlenet-torchvision',
    network: 'GoogLeNet',
    text: inceptionV1,
    oracle: 'caffe-model__cls__inception__deploy_inception-v1-tf',
    layers: caffeLayers,
    inAnyOrder: true,
  },
];

whereOraclesAre('examples equal other programs, layer by layer', () => {
  test.each(compared.map((one) => [one.file, one.oracle, one] as const))('%s: %s', async (file, oracle, one) => {
    const { network, text, layers, inAnyOrder } = one;
    const ours = layersOf(await networkOf(`${file}.convnet`, network, text));
    const theirs = layers(oracle);
    expect(ours.length).toBeGreaterThan(0);
    if (inAnyOrder) expect([...ours].sort()).toEqual([...theirs].sort());
    else expect(ours).toEqual(theirs);
  });
});
