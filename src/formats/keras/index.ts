import type { CheckedNetwork } from '../../network/check.js';
import { parameterTexts, writeBlocks } from '../code/blocks.js';
import { type Line, mapOf, plain, textOf } from '../code/lines.js';
import { docstring, grouped, normalisation, sizesOf } from '../code/prose.js';
import { layOut, python } from '../code/python.js';
import type { ExportedFile, Format, StoredTensor, Weights, WriteInput } from '../format.js';
import { writeNpz } from '../npz.js';
import { type WrittenFunction, type WrittenProgram, writeProgram } from './code.js';
import { helpers } from './helpers.js';
import { kerasVectors } from './layers.js';
import { companionsOfKeras } from './open.js';
import { readKeras } from './read.js';
import { kerasWeights } from './weights.js';

/**
 * Keras 3 in its functional style: a function a block, loops for repeats; the weights beside it as .npz, by the names of layers
 * and weights, and a function that loads them. Keras reads vectors in the order H, W, C: where the network does not, the
 * weights of its fully connected layers are turned round.
 */
export const keras: Format = {
  read: readKeras,
  companions: companionsOfKeras,
  write({ checked, weights, fileName }: WriteInput) {
    const written = writeBlocks('Keras', checked, (program) => writeProgram(checked, program));
    const weightsName = weights && `${fileName}.npz`;
    const lines = moduleLines(checked, written, weightsName);
    const files: ExportedFile[] = [{ name: `${fileName}.py`, content: textOf(lines) }];
    if (weights && weightsName)
      files.push({ name: weightsName, content: writeNpz(named(checked, written.names, weights)) });
    return { files, map: mapOf(lines) };
  },
};

/** Arrays by `layer/weight`. */
function named(checked: CheckedNetwork, names: ReadonlyMap<number, string>, weights: Weights): Weights {
  const isVector = kerasVectors(checked);
  const tensors = new Map<string, StoredTensor>();
  for (const [index, name] of names)
    for (const tensor of kerasWeights(checked, index, isVector[index] ?? false, weights))
      tensors.set(`${name}/${tensor.name}`, tensor);
  return tensors;
}

function moduleLines(checked: CheckedNetwork, written: WrittenProgram, weightsName: string | undefined): Line[] {
  const { functions, constants, helpers: used } = written;
  const root = functions.at(-1)?.name ?? '';
  const body: Line[] = [];
  if (constants.size > 0) body.push(plain(''));
  for (const [name, value] of constants) body.push(plain(`${name} = ${python.literal(value)}`));
  for (const helper of used) body.push(plain(''), plain(''), ...helpers[helper].split('\n').map(plain));
  for (const one of functions) body.push(plain(''), plain(''), ...functionLines(checked, one, one.name === root));
  if (weightsName !== undefined) body.push(plain(''), plain(''), ...LOADER.split('\n').map(plain));
  const code = body.map(({ text }) => text).join('\n');
  const imports = [...(/\blayers\./.test(code) ? ['layers'] : []), ...(/\bops\./.test(code) ? ['ops'] : [])];
  return [
    ...docstring(0, moduleDoc(checked, root, weightsName)).map(plain),
    plain(''),
    plain('import keras'),
    ...(weightsName === undefined ? [] : [plain('import numpy as np')]),
    ...(imports.length > 0 ? [plain(`from keras import ${imports.join(', ')}`)] : []),
    ...body,
  ];
}

const LOADER = `def load_weights(model: keras.Model, path: str) -> None:
    """Reads weights from an .npz file, by the names of layers and weights."""
    with np.load(path) as arrays:
        for layer in model.layers:
            names = [f"{layer.name}/{weight.name}" for weight in layer.weights]
            layer.set_weights([arrays[name] for name in names])`;

function functionLines(checked: CheckedNetwork, written: WrittenFunction, isRoot: boolean): Line[] {
  const { name, definition, lines, output } = written;
  if (isRoot) {
    const { network, facts } = checked;
    const { height = 1, width = 1, channels = 1 } = facts[0]?.output ?? {};
    const flattens = !kerasVectors(checked).at(-1) && isOnePixel(facts.at(-1)?.output);
    return [
      plain(`def ${name}() -> keras.Model:`),
      ...docstring(1, [rootDoc(checked), ...normalisation(network.layers[0])]).map(plain),
      plain(`    inputs = keras.Input((${height}, ${width}, ${channels}))`),
      ...lines,
      ...(flattens ? [plain(`    ${output} = layers.Flatten()(${output})`)] : []),
      plain(`    return keras.Model(inputs, ${output}, name="${name}")`),
    ];
  }
  const all = ['x', ...parameterTexts(written), ...(written.isNamed ? ['*', 'name: str'] : [])];
  return [
    ...layOut(0, `def ${name}(${all.join(', ')}):`).map(plain),
    ...docstring(1, [sizesOf(checked, definition)]).map(plain),
    ...lines,
    plain(`    return ${output}`),
  ];
}

type Volume = NonNullable<CheckedNetwork['facts'][number]['output']> | null | undefined;

const isOnePixel = (volume: Volume): boolean => !!volume && volume.height * volume.width === 1;

function rootDoc({ network, facts }: CheckedNetwork): string {
  const shape = (volume: Volume) =>
    !volume
      ? '(N)'
      : isOnePixel(volume)
        ? `(N, ${volume.channels})`
        : `(N, ${volume.height}, ${volume.width}, ${volume.channels})`;
  return `${network.name}: ${shape(facts[0]?.output)} to ${shape(facts.at(-1)?.output)}.`;
}

function moduleDoc({ network, totals }: CheckedNetwork, root: string, weightsName: string | undefined): string[] {
  const size = `${network.name} in Keras 3: ${grouped(totals.params)} parameters, ${grouped(totals.macs)} multiply-accumulates.`;
  if (weightsName === undefined) return [size];
  return [size, 'Its weights lie beside it:', `    model = ${root}()\n    load_weights(model, "${weightsName}")`];
}
