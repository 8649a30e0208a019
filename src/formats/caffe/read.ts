import { Untranslatable } from '../builder.js';
import { ImportError, type Imported, type NamedBytes, type NodeReport } from '../format.js';
import { Message } from '../protobuf/message.js';
import { decode } from '../protobuf/wire.js';
import { tidy } from '../tidy.js';
import { CaffeNet } from './net.js';
import { parsePrototxt } from './prototxt.js';
import { net as netSchema } from './schema.js';
import { translators } from './translate.js';
import { typeOf, upgradeLayer } from './upgrade.js';

/**
 * Reads a network from a prototxt, a caffemodel, or the one with the weights of the other. Layers that are only for training
 * are left out, as Caffe does in its TEST phase.
 */
export function readCaffe(files: readonly NamedBytes[]): Imported {
  const isBinary = ({ name }: NamedBytes) => name.endsWith('.caffemodel');
  const text = files.find((file) => !isBinary(file));
  const model = files.find(isBinary);
  const trained = model && decode(model.bytes, netSchema, model.name);
  const message = text ? parsePrototxt(new TextDecoder().decode(text.bytes), text.name) : trained;
  if (!message) throw new ImportError('There is neither a prototxt nor a caffemodel');
  return translate(message, trained, text?.name ?? model?.name ?? '');
}

function translate(message: Message, trained: Message | undefined, file: string): Imported {
  const layers = layersOf(message).filter(isForTesting);
  const blobs = new Map<string, readonly Message[]>();
  for (const layer of trained ? layersOf(trained) : []) blobs.set(layer.text('name'), layer.messages('blobs'));
  const net = new CaffeNet(message, layers, blobs, file);
  const report: NodeReport[] = [];
  for (const layer of layers) report.push(reportOf(layer, net));
  if (net.builder.layers.length < 2) throw new ImportError(`${file}: there are no layers that could be read`);
  const name = message.text('name', file.replace(/\.[^.]*$/, ''));
  return tidy({ network: net.builder.network(name), weights: net.builder.weights, report });
}

function reportOf(layer: Message, net: CaffeNet): NodeReport {
  const type = typeOf(layer);
  const node = { name: layer.text('name', type), kind: type };
  const first = net.builder.layers.length;
  layer.where = `layer ${node.name} (${type})`;
  net.begin(layer);
  try {
    const translator = Object.hasOwn(translators, type) ? translators[type] : undefined;
    if (!translator) throw new Untranslatable(`there is no such layer in the language`);
    const why = translator(layer, net);
    const made = net.madeBy(layer, first);
    return { ...node, fidelity: why ? 'approximate' : 'exact', ...(why && { why }), layers: made };
  } catch (error) {
    if (!(error instanceof Untranslatable || (error instanceof ImportError && net.dependsOnLost(layer)))) throw error;
    net.builder.truncate(first);
    const matters = net.passOver(layer, error instanceof Untranslatable && error.harmless);
    return {
      ...node,
      fidelity: 'unsupported',
      why: error.message,
      attributes: describe(layer),
      layers: [],
      before: first,
      matters,
    };
  }
}

const layersOf = (message: Message): readonly Message[] => [
  ...message.messages('layer'),
  ...message.messages('layers').map(upgradeLayer),
];

/** Caffe's rules of inclusion for the TEST phase: any rule that holds includes, or excludes. */
function isForTesting(layer: Message): boolean {
  const holds = (rule: Message) =>
    rule.text('phase', 'TEST') === 'TEST' && rule.values('stage').length === 0 && rule.values('min_level').length === 0;
  const include = layer.messages('include');
  if (include.length > 0) return include.some(holds);
  return !layer.messages('exclude').some(holds);
}

/** What a layer says of itself, on one line, without names, weights and wiring. */
function describe(message: Message, leftOut = ['name', 'type', 'bottom', 'top', 'blobs', 'param']): string {
  const parts: string[] = [];
  for (const field of message.fieldNames) {
    if (leftOut.includes(field)) continue;
    for (const value of message.values(field))
      parts.push(value instanceof Message ? `${field} { ${describe(value, [])} }` : `${field}: ${String(value)}`);
  }
  const text = parts.join(' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
