import type { CheckedNetwork } from '../../../network/check.js';
import { printShape } from '../../../network/shape.js';
import {
  ExportError,
  type ExportedFile,
  type Format,
  type SourceLine,
  type StoredTensor,
  type Weights,
  weightName,
} from '../../format.js';
import { writeSafetensors } from '../../safetensors.js';
import { fromProgram } from '../program.js';
import { className, layOut, python } from '../python.js';
import type { Literal } from '../scope.js';
import { helpers } from './helpers.js';
import { trainingScript } from './training.js';
import { type Line, type WrittenClass, type WrittenModule, writeModule } from './write.js';

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
    const map = lines.flatMap(({ layers, call }, line): SourceLine[] => [
      ...layers.map((layer) => ({ line, layer })),
      ...(call ? [{ line, call }] : []),
    ]);
    const files: ExportedFile[] = [{ name: `${fileName}.py`, content: textOf(lines) }];
    if (weights && weightsName)
      files.push({ name: weightsName, content: writeSafetensors(stateDict(checked, written, weights)) });
    if (training) files.push({ name: `${fileName}_train.py`, content: trainingScript(checked, written, fileName) });
    return { files, map };
  },
};

/** Where each layer's module is in the exported one: `stage1.conv1` of layer `Stage1/conv1`. */
export const stateDictPaths = (checked: CheckedNetwork): ReadonlyMap<number, string> => moduleOf(checked).paths;

function moduleOf(checked: CheckedNetwork): WrittenModule {
  requireSizes(checked);
  const written = fromProgram(checked.network, (program) => writeModule(checked, program));
  if (written.refusals.length > 0) throw new ExportError('PyTorch', written.refusals);
  return written;
}

const textOf = (lines: readonly Line[]): string => `${lines.map(({ text }) => text).join('\n')}\n`;

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

function requireSizes({ network, facts }: CheckedNetwork): void {
  const refusals = network.layers.flatMap(({ name, attributes }, layer) =>
    attributes && facts[layer]?.output ? [] : [{ layer, name, reason: 'its size is not known' }],
  );
  if (refusals.length > 0) throw new ExportError('PyTorch', refusals);
}

const plain = (text: string): Line => ({ text, layers: [] });

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

function classLines(
  checked: CheckedNetwork,
  { name, definition, init: own, forward, parameters }: WrittenClass,
  starts: readonly Line[],
): Line[] {
  const init = definition.name === '' ? [...own, ...starts] : own;
  const lines: Line[] = [plain(`class ${name}(nn.Module):`)];
  lines.push(...docstring(1, classDoc(checked, definition)).map(plain), plain(''));
  const args = parameters.map(({ name: parameter, values, byDefault }) => {
    const type = typeOf([...values, byDefault]);
    const typed = type ? `${parameter}: ${type}` : parameter;
    return byDefault === undefined ? typed : `${typed}${type ? ' = ' : '='}${python.literal(byDefault)}`;
  });
  const hasInit = init.length > 0;
  if (hasInit) {
    lines.push(...layOut(1, `def __init__(${['self', ...args].join(', ')}) -> None:`).map(plain));
    lines.push(plain('        super().__init__()'), ...init, plain(''));
  }
  lines.push(plain('    def forward(self, x: Tensor) -> Tensor:'), ...forward);
  return lines;
}

const typeOf = (values: readonly (Literal | undefined)[]): string | null => {
  const types = new Set(
    values
      .filter((value) => value !== undefined && value !== null)
      .map((value) =>
        typeof value === 'boolean'
          ? 'bool'
          : typeof value === 'string'
            ? 'str'
            : typeof value === 'number'
              ? Number.isInteger(value)
                ? 'int'
                : 'float'
              : 'tuple',
      ),
  );
  if (types.size === 2 && types.has('int') && types.has('float')) return 'float';
  return types.size === 1 ? ([...types][0] ?? null) : null;
};

/** A docstring, wrapped at 88 characters. */
function docstring(depth: number, paragraphs: readonly string[]): string[] {
  const indent = '    '.repeat(depth);
  const [first = '', ...rest] = paragraphs.filter((paragraph) => paragraph !== '');
  const lines = wrap(`"""${first}`, indent);
  for (const paragraph of rest) lines.push('', ...wrap(paragraph, indent));
  const last = lines.at(-1) as string;
  if (rest.length === 0 && lines.length === 1 && last.length + 3 <= 88) lines[lines.length - 1] = `${last}"""`;
  else lines.push(`${indent}"""`);
  return lines;
}

function wrap(text: string, indent: string): string[] {
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('    ')) return [indent + line];
    const lines: string[] = [];
    let current = indent;
    for (const word of line.split(' ')) {
      if (current !== indent && current.length + 1 + word.length > 88) {
        lines.push(current);
        current = indent;
      }
      current += (current === indent ? '' : ' ') + word;
    }
    return [...lines, current];
  });
}

const grouped = (value: number | null): string => String(value ?? '?').replaceAll(/\B(?=(\d{3})+$)/g, ',');

function moduleDoc({ network, totals }: CheckedNetwork, weightsName: string | undefined): string[] {
  const size = `${network.name} in PyTorch: ${grouped(totals.params)} parameters, ${grouped(totals.macs)} multiply-accumulates.`;
  if (weightsName === undefined) return [size];
  return [
    size,
    'Its weights lie beside it; with the package safetensors:',
    `    from safetensors.torch import load_file\n\n    model = ${className(network.name)}()\n    model.load_state_dict(load_file("${weightsName}"))`,
  ];
}

function classDoc({ network, facts, totals }: CheckedNetwork, definition: WrittenClass['definition']): string[] {
  if (definition.name === '') {
    const input = facts[0]?.output;
    const output = facts.at(-1)?.output;
    if (!input || !output) return [network.name];
    const shape = (volume: typeof input) =>
      volume.height * volume.width === 1
        ? `(N, ${volume.channels})`
        : `(N, ${volume.channels}, ${volume.height}, ${volume.width})`;
    void totals;
    return [`${network.name}: ${shape(input)} to ${shape(output)}.`, ...normalisation(network.layers[0])];
  }
  const sizes = new Set(
    definition.body.instances.flatMap(({ group }) => {
      const input = facts[group.written?.input ?? -1]?.output;
      const last = outputIndex(group);
      const output = last === undefined ? undefined : facts[last]?.output;
      return input && output ? [`${printShape(input)} to ${printShape(output)}`] : [];
    }),
  );
  // Where there are many, some say enough.
  const MOST = 3;
  const more = sizes.size > MOST ? `; ${sizes.size - MOST} more` : '';
  return [`Height x width x channels: ${[...sizes].slice(0, MOST).join('; ')}${more}.`];
}

function outputIndex(group: WrittenClass['definition']['body']['instances'][number]['group']): number | undefined {
  for (let i = group.children.length - 1; i >= 0; i--) {
    const child = group.children[i];
    const found =
      typeof child === 'number' ? child : child && child.kind !== 'branches' ? outputIndex(child) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function normalisation(layer: CheckedNetwork['network']['layers'][number] | undefined): string[] {
  if (layer?.kind !== 'input' || !layer.attributes) return [];
  const { mean, std, scale } = layer.attributes;
  const isPlain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  if (isPlain && scale === 1) return ['Pixels are between 0 and 1.'];
  const scaled = scale === 1 ? '' : ` times ${python.literal(scale)}`;
  if (isPlain) return [`Pixels are between 0 and 1${scaled}.`];
  const values = (numbers: readonly number[]) => python.literal(numbers.length === 1 ? (numbers[0] ?? 0) : numbers);
  return [`Pixels between 0 and 1${scaled}, less ${values(mean)}, over ${values(std)}.`];
}
