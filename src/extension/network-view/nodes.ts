import { l10n } from 'vscode';
import type { NetworkMessage, NetworkReport } from '../../language/protocol.js';
import { formatMacs, grouped } from '../../network/arithmetic.js';
import { catalogue } from '../../network/catalogue.js';
import type { LayerFacts, Totals } from '../../network/check.js';
import type { LayerRecord } from '../../network/layer.js';
import type { Group, Layer, SourceRange } from '../../network/network.js';
import { formatShape, type Shape } from '../../network/shape.js';
import { contains, onLine } from '../../preview/place.js';
import type { Place } from '../../preview/protocol.js';

/** A line of the tree view. What is not known is said in words: no line is left blank. */
export interface NetworkNode {
  /** Stays the same while the text is edited, so that the tree keeps what is folded and selected. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Markdown. */
  readonly tooltip: string;
  /** A product icon of VS Code. */
  readonly icon: string;
  readonly severity: 'error' | 'warning' | undefined;
  readonly source: SourceRange | undefined;
  readonly parent: NetworkNode | undefined;
  readonly children: readonly NetworkNode[];
  /** Whether it is folded at first: a long network is read from the top. */
  readonly folded: boolean;
}

const layerIcons: Readonly<Record<LayerRecord['category'], string>> = {
  input: 'file-media',
  convolution: 'table',
  pooling: 'fold',
  dense: 'type-hierarchy',
  activation: 'pulse',
  normalisation: 'graph',
  shape: 'arrow-swap',
  merge: 'git-merge',
  filter: 'filter',
};

const groupIcons: Readonly<Record<Group['kind'], string>> = {
  network: 'layers',
  block: 'symbol-class',
  repeat: 'sync',
  iteration: 'symbol-array',
  condition: 'question',
  branches: 'git-branch',
  branch: 'git-branch',
};

export const networkNodes = (uri: string, reports: readonly NetworkReport[]): readonly NetworkNode[] =>
  reports.map((report, index) => new Tree(`${uri}#${index}`, report).root());

/** `62,006 parameters · 416.52 kMACs`, or that they are not known. */
export function totalsText({ params, macs }: Pick<Totals, 'params' | 'macs'>): string {
  const known = [params !== null && parameters(params), macs !== null && formatMacs(macs)].filter(Boolean);
  return known.length > 0 ? known.join(' · ') : l10n.t('totals unknown');
}

export const parameters = (count: number): string =>
  count === 1 ? l10n.t('1 parameter') : l10n.t('{0} parameters', grouped(count));

const sizeText = (shape: Shape | null | undefined): string => (shape ? formatShape(shape) : l10n.t('size unknown'));

type Draft = { -readonly [P in keyof NetworkNode]: NetworkNode[P] } & { children: NetworkNode[] };

/** Makes the nodes of one network. */
class Tree {
  /** What is said of the layers that a place in the text made; a merge is not what its branches are. */
  private readonly messages = new Map<string, NetworkMessage[]>();
  /** The errors that no layer has: a line that could not be read made none. */
  private readonly homeless: NetworkMessage[] = [];

  constructor(
    private readonly id: string,
    private readonly report: NetworkReport,
  ) {
    const sources = report.network.layers.flatMap(({ source }) => source ?? []);
    for (const message of report.messages) {
      const owner = innermost(sources, message.range);
      const known = owner && this.messages.get(keyOf(owner));
      if (known) known.push(message);
      else if (owner) this.messages.set(keyOf(owner), [message]);
      else if (message.severity === 'error') this.homeless.push(message);
    }
  }

  root(): NetworkNode {
    const { network, totals, messages } = this.report;
    const errors = messages.filter(({ severity }) => severity === 'error').length;
    const root: Draft = {
      id: `${this.id}:${network.name}`,
      label: network.name || l10n.t('(network without a name)'),
      description: errors > 0 ? `${countErrors(errors)} · ${totalsText(totals)}` : totalsText(totals),
      tooltip: totalsText(totals),
      icon: groupIcons.network,
      severity: errors > 0 ? 'error' : undefined,
      source: network.source,
      parent: undefined,
      children: [],
      folded: false,
    };
    this.fill(root, network.structure);
    for (const message of this.homeless) insertByLine(root, this.problem(message, root));
    return root;
  }

  /** What only holds others together has no line of its own: branches stand before the layer that merges them. */
  private fill(parent: Draft, { children }: Group, branches = { count: 0 }): void {
    for (const child of children) {
      if (typeof child === 'number') parent.children.push(this.layer(child, parent));
      else if (child.kind === 'branches') this.fill(parent, child);
      else if (child.kind === 'condition') this.fill(parent, child, branches);
      else parent.children.push(this.group(child, parent, child.kind === 'branch' ? ++branches.count : 0));
    }
  }

  private group(group: Group, parent: Draft, branch: number): NetworkNode {
    const layers = layersOf(group);
    const facts = layers.map((index) => this.report.facts[index]);
    const label = this.groupLabel(group, branch);
    const size = layers.length === 0 ? l10n.t('identity') : sizeText(facts.at(-1)?.output);
    const params = sumOf(facts, (fact) => fact.params);
    const macs = sumOf(facts, (fact) => fact.macs);
    const node: Draft = {
      id: `${parent.id}/${group.name || `${group.kind}:${parent.children.length}`}`,
      label,
      description: params ? `${size} · ${parameters(params)}` : size,
      tooltip: [`**${label}** ${size}`, totalsText({ params, macs })].join('\n\n'),
      icon: groupIcons[group.kind],
      severity: undefined,
      source: group.written?.source ?? this.report.network.layers[layers[0] ?? -1]?.source,
      parent,
      children: [],
      folded: group.kind !== 'branch',
    };
    this.fill(node, group);
    node.severity = worst(node.children);
    return node;
  }

  private groupLabel({ kind, label, name, children }: Group, branch: number): string {
    if (kind === 'repeat') return l10n.t('repeat {0}', children.length);
    if (kind === 'branch') return l10n.t('branch {0}', branch);
    return label || name;
  }

  private layer(index: number, parent: Draft): NetworkNode {
    const layer = this.report.network.layers[index] as Layer;
    const facts = this.report.facts[index];
    const label = layer.name.slice(layer.name.lastIndexOf('/') + 1);
    const size = sizeText(facts?.output);
    const named = label.startsWith(layer.kind) ? '' : `${layer.kind} · `;
    const messages = (layer.source && this.messages.get(keyOf(layer.source))) ?? [];
    return {
      id: `${parent.id}/${label}`,
      label,
      description: `${named}${size}${facts?.params ? ` · ${parameters(facts.params)}` : ''}`,
      tooltip: layerTooltip(layer, facts, messages),
      icon: layerIcons[catalogue[layer.kind].category],
      severity: worst(messages),
      source: layer.source,
      parent,
      children: [],
      folded: false,
    };
  }

  private problem({ code, message, range }: NetworkMessage, parent: NetworkNode): NetworkNode {
    return {
      id: `${parent.id}/${code}:${range.startLine}:${range.startCharacter}`,
      label: l10n.t('line {0}', range.startLine + 1),
      description: message,
      tooltip: message,
      icon: 'error',
      severity: 'error',
      source: range,
      parent,
      children: [],
      folded: false,
    };
  }
}

export const countErrors = (errors: number): string =>
  errors === 1 ? l10n.t('1 error') : l10n.t('{0} errors', errors);

function layerTooltip(layer: Layer, facts: LayerFacts | undefined, messages: readonly NetworkMessage[]): string {
  const { title } = catalogue[layer.kind];
  const inputs = (facts?.inputs ?? []).map(sizeText).join(', ');
  const lines = [
    `**${layer.name}** ${title}`,
    inputs ? `${inputs} → ${sizeText(facts?.output)}` : sizeText(facts?.output),
  ];
  if (facts?.params) lines.push(parameters(facts.params));
  if (facts?.macs) lines.push(formatMacs(facts.macs));
  if (facts?.field) lines.push(l10n.t('receptive field {0}', `${facts.field.y.size}×${facts.field.x.size}`));
  return [...lines, ...messages.map(({ message }) => message)].join('\n\n');
}

const keyOf = ({ file, startLine, startCharacter }: SourceRange): string => `${file} ${startLine}:${startCharacter}`;

/** The one of these ranges that contains the start of another and begins last. */
function innermost(sources: readonly SourceRange[], { file, startLine, startCharacter }: SourceRange) {
  const around = sources.filter((source) => contains(source, { file, line: startLine, character: startCharacter }));
  return around.reduce<SourceRange | undefined>(
    (best, source) =>
      best &&
      (best.startLine > source.startLine ||
        (best.startLine === source.startLine && best.startCharacter >= source.startCharacter))
        ? best
        : source,
    undefined,
  );
}

function worst(all: readonly { readonly severity: string | undefined }[]): NetworkNode['severity'] {
  if (all.some(({ severity }) => severity === 'error')) return 'error';
  return all.some(({ severity }) => severity === 'warning') ? 'warning' : undefined;
}

function insertByLine(parent: Draft, node: NetworkNode): void {
  const line = node.source?.startLine ?? 0;
  const before = parent.children.findIndex(
    ({ source }) => source?.file === node.source?.file && (source?.startLine ?? 0) > line,
  );
  parent.children.splice(before < 0 ? parent.children.length : before, 0, node);
}

const layersOf = ({ children }: Group): readonly number[] =>
  children.flatMap((child) => (typeof child === 'number' ? [child] : layersOf(child)));

function sumOf(facts: readonly (LayerFacts | undefined)[], of: (fact: LayerFacts) => number | null): number | null {
  let total = 0;
  for (const fact of facts) {
    const value = fact ? of(fact) : null;
    if (value === null) return null;
    total += value;
  }
  return total;
}

/** The nodes whose label or kind has the text in it, with those around them; `matches` counts them. */
export function filterNodes(
  nodes: readonly NetworkNode[],
  text: string,
): { readonly nodes: readonly NetworkNode[]; readonly matches: number } {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return { nodes, matches: 0 };
  let matches = 0;
  const keep = (node: NetworkNode, parent: NetworkNode | undefined): NetworkNode[] => {
    const kept: Draft = { ...node, parent, children: [], folded: false };
    kept.children = node.children.flatMap((child) => keep(child, kept));
    const isMatch = `${node.label} ${node.description}`.toLowerCase().includes(wanted);
    if (isMatch && node.parent) matches++;
    return kept.children.length > 0 || (isMatch && node.parent) ? [kept] : [];
  };
  const kept = nodes.flatMap((node) => keep(node, undefined));
  return { nodes: kept, matches };
}

/**
 * The node the cursor is in: the layer under it, else the call of a block under it, the first layer of its line, or the
 * repeat or branch around it.
 */
export function nodeAt(nodes: readonly NetworkNode[], place: Place): NetworkNode | undefined {
  let around: NetworkNode | undefined;
  let beside: NetworkNode | undefined;
  const find = (among: readonly NetworkNode[]): NetworkNode | undefined => {
    for (const node of among) {
      const { source, children } = node;
      const isAround = source !== undefined && contains(source, place);
      if (children.length === 0 && isAround) return node;
      if (children.length === 0 && source && onLine(source, place)) beside ??= node;
      const inside = find(children);
      if (inside) return inside;
      if (isAround) around ??= node;
    }
    return undefined;
  };
  const isLine = ({ source }: NetworkNode) => source?.startLine === source?.endLine;
  return find(nodes) ?? (around && isLine(around) ? around : (beside ?? around));
}
