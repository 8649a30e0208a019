import type { LayerKind } from '../../../network/catalogue.js';
import type { CheckedNetwork } from '../../../network/check.js';
import type { Line } from '../lines.js';
import { python } from '../python.js';

/** PyTorch's words for what weights start as. Sources: torch.nn.init; its fan of a transposed convolution is ours. */
const starts: Readonly<Record<string, string>> = {
  he: 'kaiming_normal_',
  xavier: 'xavier_normal_',
};

const modules: Readonly<Partial<Record<LayerKind, string>>> = {
  conv: 'nn.Conv2d',
  depthwise: 'nn.Conv2d',
  convtranspose: 'nn.ConvTranspose2d',
  fc: 'nn.Linear',
};

/** How the weights start, as the network says it; most alike in one loop, the others by name. */
export function writeStarts({ network, facts }: CheckedNetwork, paths: ReadonlyMap<number, string>): Line[] {
  const used = new Set<string>();
  const own: Line[] = [];
  const line = (text: string, layers: readonly number[] = []) => own.push({ text: `        ${text}`, layers });
  for (const [index, layer] of network.layers.entries()) {
    const path = paths.get(index);
    if (path === undefined) continue;
    const code = `self.${path.replaceAll(/\.(\d+)/g, '[$1]')}`;
    const module = modules[layer.kind];
    const initial = facts[index]?.weights.find(({ name }) => name === 'weight')?.initial;
    if (module) used.add(module);
    if (module && initial !== 'he') {
      if (typeof initial === 'number') line(`nn.init.constant_(${code}.weight, ${python.literal(initial)})`, [index]);
      else if (initial && starts[initial]) line(`nn.init.${starts[initial]}(${code}.weight)`, [index]);
      else line(`# In ConvNet, ${path} starts as ${initial} filters.`, [index]);
    }
    if (facts[index]?.frozen) line(`${code}.requires_grad_(False)`, [index]);
  }
  if (used.size === 0) return own;
  const kinds = [...used].sort();
  const loop = [
    'for module in self.modules():',
    `    if isinstance(module, ${kinds.length === 1 ? kinds[0] : `(${kinds.join(', ')})`}):`,
    '        nn.init.kaiming_normal_(module.weight)',
    '        if module.bias is not None:',
    '            nn.init.zeros_(module.bias)',
  ];
  return [...loop.map((text) => ({ text: `        ${text}`, layers: [] })), ...own];
}
