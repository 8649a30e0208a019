import type { CheckedNetwork } from '../../../network/check.js';
import { type ExportedFile, type Format, type StoredTensor, type Weights, weightName } from '../../format.js';
import { writeSafetensors } from '../../safetensors.js';
import { parameterTexts, writeBlocks } from '../blocks.js';
import { type Line, mapOf, plain, textOf } from '../lines.js';
import { docstring, grouped, normalisation, sizesOf } from '../prose.js';
import { className, layOut, python } from '../python.js';
import type { WrittenClass } from './class.js';
import { helpers } from './helpers.js';
import { trainingScript } from './training.js';
import { type WrittenModule, writeModule } from './write.js';

export interface PyTorchOptions {
  /** A script beside the module that trains it. */
  readonly training: boolean;
}

/**
 * Idiomatic PyTorch: a class a block, loops for repeats, names kept; the weights beside it as safetensors, by the names of the
 * module's state dict.
 */
export const pytorch: Format<PyTorchOptions> = {
  write({ checked, weights, fileName }, { training = false }) {
    const written = moduleOf(checked);
    const weightsName = weights && `${fileName}.safetensors`;
    const lines = moduleLines(checked, written, weightsName);
    const files: ExportedFile[] = [{ name: `${fileName}.py`, content: textOf(lines) }];
    if (weights && weightsName)
      files.push({ name: weightsName, content: writeSafetensors(stateDict(checked, written, weights)) });
    if (training) files.push({ name: `${fileName}_train.py`, content: trainingScript(checked, written, fileName) });
    return { files, map: mapOf(lines) };
  },
};

/** Where each layer's module is in the exported one: `stage1.conv1` of layer `Stage1/conv1`. */
export const stateDictPaths = (checked: CheckedNetwork): ReadonlyMap<number, string> => moduleOf(checked).paths;

const moduleOf = (checked: CheckedNetwork): WrittenModule =>
  writeBlocks('PyTorch', checked, (program) => writeModule(checked, program));

/** PyTorch's layouts are ours; only the names are others. */
function stateDict({ network, facts }: CheckedNetwork, { paths }: WrittenModule, weights: Weights): Weights {
  const tensors = new Map<string, StoredTensor>();
  for (const [index, { name }] of network.layers.entries())
    for (const spec of facts[index]?.weights ?? []) {
      const tensor = weights.get(weightName(name, spec.name));
      if (tensor) tensors.set(`${paths.get(index)}.${spec.name}`, tensor);
    }
  return tensors;
}

function moduleLines(
  checked: CheckedNetwork,
  { classes, constants, helpers: used, starts }: WrittenModule,
  weightsName: string | undefined,
): Line[] {
  const lines: Line[] = docstring(0, moduleDoc(checked, weightsName)).map(plain);
  lines.push(plain(''), plain('import torch'), plain('from torch import Tensor, nn'));
  const body: Line[] = [];
  for (const [name, value] of constants) body.push(plain(`${name} = ${python.literal(value)}`));
  if (constants.size > 0) body.unshift(plain(''));
  for (const helper of used) body.push(plain(''), plain(''), ...helpers[helper].split('\n').map(plain));
  for (const written of classes) body.push(plain(''), plain(''), ...classLines(checked, written, starts));
  const code = body.map(({ text }) => text).join('\n');
  if (/\bF\./.test(code)) lines.push(plain('from torch.nn import functional as F'));
  return [...lines, ...body];
}

function classLines(checked: CheckedNetwork, written: WrittenClass, starts: readonly Line[]): Line[] {
  const { name, definition, init: own, forward } = written;
  const init = definition.name === '' ? [...own, ...starts] : own;
  const lines: Line[] = [plain(`class ${name}(nn.Module):`)];
  lines.push(...docstring(1, classDoc(checked, definition)).map(plain), plain(''));
  const hasInit = init.length > 0;
  if (hasInit) {
    lines.push(...layOut(1, `def __init__(${['self', ...parameterTexts(written)].join(', ')}) -> None:`).map(plain));
    lines.push(plain('        super().__init__()'), ...init, plain(''));
  }
  lines.push(plain('    def forward(self, x: Tensor) -> Tensor:'), ...forward);
  return lines;
}

function moduleDoc({ network, totals }: CheckedNetwork, weightsName: string | undefined): string[] {
  const size = `${network.name} in PyTorch: ${grouped(totals.params)} parameters, ${grouped(totals.macs)} multiply-accumulates.`;
  if (weightsName === undefined) return [size];
  return [
    size,
    'Its weights lie beside it; with the package safetensors:',
    `    from safetensors.torch import load_file\n\n    model = ${className(network.name)}()\n    model.load_state_dict(load_file("${weightsName}"))`,
  ];
}

function classDoc(checked: CheckedNetwork, definition: WrittenClass['definition']): string[] {
  if (definition.name !== '') return [sizesOf(checked, definition)];
  const { network, facts } = checked;
  const input = facts[0]?.output;
  const output = facts.at(-1)?.output;
  if (!input || !output) return [network.name];
  const shape = (volume: typeof input) =>
    volume.height * volume.width === 1
      ? `(N, ${volume.channels})`
      : `(N, ${volume.channels}, ${volume.height}, ${volume.width})`;
  return [`${network.name}: ${shape(input)} to ${shape(output)}.`, ...normalisation(network.layers[0])];
}
