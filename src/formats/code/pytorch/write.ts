import type { CheckedNetwork } from '../../../network/check.js';
import type { Refusal } from '../../format.js';
import type { Line } from '../lines.js';
import { type Definition, layerPaths, type Program } from '../program.js';
import { className } from '../python.js';
import type { Literal } from '../scope.js';
import { vectorsOf } from '../use.js';
import { ClassWriter, imported, ModuleProgram, type WrittenClass } from './class.js';
import { type Helper, torchLayers } from './layers.js';
import { writeStarts } from './starts.js';

export interface WrittenModule {
  readonly classes: readonly WrittenClass[];
  readonly constants: ReadonlyMap<string, Literal>;
  readonly helpers: ReadonlySet<Helper>;
  /** How weights start, and which training leaves as they are: the end of the network's constructor. */
  readonly starts: readonly Line[];
  /** Where each layer's module is: `layer1.0.conv1`. */
  readonly paths: ReadonlyMap<number, string>;
  readonly refusals: readonly Refusal[];
}

/** Writes every definition of a program as a class. */
export function writeModule(checked: CheckedNetwork, program: Program): WrittenModule {
  const module = new ModuleProgram(checked, vectorsOf(checked, torchLayers));
  const own = className(checked.network.name);
  const names = new Set([...imported, own]);
  const freshClass = ({ name: wanted }: Definition): string => {
    const plain = className(wanted);
    let name = plain;
    for (let n = 2; names.has(name); n++) name = `${plain}${n}`;
    names.add(name);
    return name;
  };
  const classes = program.definitions.map((definition) => {
    const name = definition.name === '' ? own : freshClass(definition);
    const written = new ClassWriter(module, definition).write(name);
    module.written.set(definition, written);
    return written;
  });
  const { constants, helpers, refusals } = module;
  const paths = layerPaths(program, (statement) => module.names.get(statement));
  return { classes, constants: constants.used, helpers, starts: writeStarts(checked, paths), paths, refusals };
}
