import { rulesOf } from '../../network/frameworks.js';
import type { Analysis } from '../analysis.js';
import { errorsOf } from '../analyzer.js';
import type { Elaboration } from '../elaborate.js';
import { ownNetworks } from '../instances.js';
import type { Proposal } from './refactoring.js';

/**
 * Whether a change of the text left its networks what they were, but for the names of layers: the same layers with the
 * same inputs, attributes and sizes, and no error more. Of a block that no network uses what is known of it counts.
 */
export function keepsNetworks(before: Analysis, after: Analysis, keeps: Proposal['keeps']): boolean {
  const [old, now] = [ownNetworks(before), ownNetworks(after)];
  if (old.length !== now.length || errorsOf(after) > errorsOf(before)) return false;
  const sameNetworks = old.every((network, i) => {
    const other = now[i];
    if (!other || !isSame(network, other, keeps)) return false;
    const sizes = network.checked.facts.map(({ output, params }) => ({ output, params }));
    const newSizes = other.checked.facts.map(({ output, params }) => ({ output, params }));
    return JSON.stringify(sizes) === JSON.stringify(newSizes);
  });
  const byName = new Map(after.blocks.map((block) => [block.network.name, block]));
  return (
    sameNetworks &&
    before.blocks.every((block) => {
      const other = byName.get(block.network.name);
      return other && isSame(block, other, keeps);
    })
  );
}

function isSame(before: Elaboration, after: Elaboration, keeps: Proposal['keeps']): boolean {
  const { layers, weightsFile, labelsFile, framework } = before.network;
  const other = after.network;
  if (layers.length !== other.layers.length || weightsFile !== other.weightsFile || labelsFile !== other.labelsFile)
    return false;
  if (keeps === 'layers' && rulesOf(framework) !== rulesOf(other.framework)) return false;
  if (before.expectations.length !== after.expectations.length) return false;
  return layers.every((layer, i) => {
    const now = other.layers[i];
    return (
      now?.kind === layer.kind &&
      // A file of weights knows the layers by their names.
      (weightsFile === undefined || now.name === layer.name) &&
      JSON.stringify(now.inputs) === JSON.stringify(layer.inputs) &&
      (keeps === 'sizes' || JSON.stringify(now.attributes) === JSON.stringify(layer.attributes))
    );
  });
}
