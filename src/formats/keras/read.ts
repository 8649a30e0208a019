import type { Shape } from '../../network/shape.js';
import { volumeOf } from '../../network/shape.js';
import { Untranslatable } from '../builder.js';
import { ImportError, type Imported, type NamedBytes, type NodeReport } from '../format.js';
import { tidy } from '../tidy.js';
import { inOrder, type Json, type KerasLayer, KerasNet, layersOf, list, modelOf, object, type Value } from './net.js';
import { openKeras } from './open.js';
import { translators, withActivation } from './translate.js';

/**
 * Keras's models: the JSON of all versions, TensorFlow.js's with its `.bin`, `.h5`, and `.keras`. Sequential and functional
 * models of one input are read.
 */
export async function readKeras(files: readonly NamedBytes[]): Promise<Imported> {
  const [file] = files;
  if (!file) throw new ImportError('There is no Keras file');
  const { json, tensorsOf } = await openKeras(file, files.slice(1));
  const model = modelOf(json, file.name);
  const layers = layersOf(model, file.name);
  const net = new KerasNet(tensorsOf(layers));
  const report = inOrder(layers, file.name).map((layer) => translate(layer, net));
  if (net.builder.layers.length < 2) throw new ImportError(`${file.name}: there are no layers that could be read`);
  const name = String(object(model.config).name ?? file.name.replace(/\.[^.]*$/, ''));
  return tidy({ network: net.builder.network(name), weights: net.builder.weights, report });
}

function translate(layer: KerasLayer, net: KerasNet): NodeReport {
  const { name, className: kind } = layer;
  const first = net.builder.layers.length;
  if (kind === 'InputLayer') {
    addInput(layer, net);
    return { name, kind, fidelity: 'exact', layers: [first] };
  }
  const inputs = net.inputsOf(layer);
  const isLost = inputs.some((input) => input.isLost);
  try {
    if (layer.calls > 1) throw new Untranslatable(`it is applied ${layer.calls} times, with the same weights`);
    if (layer.config.data_format === 'channels_first')
      throw new Untranslatable('its volumes are channels, height, width, which other layers of Keras are not');
    const translator = Object.hasOwn(translators, kind) ? translators[kind] : undefined;
    if (!translator) throw new Untranslatable('there is no such layer in the language');
    const made = withActivation(layer, net, translator(layer, net, inputs));
    net.values.set(name, { index: made.index, isVector: made.isVector, isLost });
    const own = net.builder.layers.map((_, index) => index).slice(first);
    const layers = own.length > 0 ? own : [made.index];
    return { name, kind, fidelity: made.why ? 'approximate' : 'exact', ...(made.why && { why: made.why }), layers };
  } catch (error) {
    if (!(error instanceof Untranslatable || (error instanceof ImportError && isLost))) throw error;
    net.builder.truncate(first);
    const harmless = error instanceof Untranslatable && error.harmless;
    net.values.set(name, { ...(inputs[0] as Value), isLost: isLost || !harmless });
    const attributes = describe(layer.config);
    return {
      name,
      kind,
      fidelity: 'unsupported',
      why: error.message,
      attributes,
      layers: [],
      before: first,
      matters: !harmless,
    };
  }
}

/** What an unknown layer says of itself, on one line. */
function describe(config: Json): string {
  const leftOut = new Set(['name', 'trainable', 'dtype', 'batch_input_shape']);
  const parts = Object.entries(config)
    .filter(([key, value]) => !leftOut.has(key) && value !== null && typeof value !== 'object')
    .map(([key, value]) => `${key}: ${String(value)}`);
  const text = parts.join(' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function addInput({ name, config }: KerasLayer, net: KerasNet): void {
  if (net.builder.layers.length > 0) throw new ImportError(`layer ${name}: a network here has one input`);
  const dims = list(config.batch_shape ?? config.batch_input_shape).slice(1);
  const isKnown = dims.length > 0 && dims.every((dim) => Number.isSafeInteger(dim) && (dim as number) > 0);
  if (!isKnown || (dims.length !== 1 && dims.length !== 3))
    throw new ImportError(
      `layer ${name}: its pictures are of no fixed size, or none: [${dims.map(String).join(', ')}]; a size like [224, 224, 3] is needed`,
    );
  const [height = 1, width = 1, channels = 1] = dims.length === 1 ? [1, 1, Number(dims[0])] : dims.map(Number);
  const size: Shape = { height, width, channels };
  if (volumeOf(size) > 2 ** 31) throw new ImportError(`layer ${name}: [${dims.join(', ')}] is too large`);
  const index = net.builder.add('input', { size }, [], name);
  net.values.set(name, { index, isVector: dims.length === 1, isLost: false });
}
