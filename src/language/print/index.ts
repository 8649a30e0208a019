import { catalogue } from '../../network/catalogue.js';
import type { Network } from '../../network/network.js';
import { type Block, fold, spanOf } from './blocks.js';
import { commonStem, isName } from './names.js';
import {
  type Argument,
  type CallStatement,
  isBare,
  type LayerStatement,
  type MergeStatement,
  outputOf,
  type Statement,
  statementsOf,
} from './statements.js';

/** Lines are not made longer than this by putting layers side by side. */
const WIDTH = 100;

interface PrintOptions {
  /** Lines above the network, without `//`. */
  readonly heading?: readonly string[];
  /** Comments above layers, by index; those at the number of layers stand at the end. */
  readonly comments?: ReadonlyMap<number, readonly string[]>;
}

/**
 * A network as a person would write it: what several places have in common in blocks and repeats, branches where there are
 * some, defaults left out, and names where they say more than a count. Read again, it is the same network but for names.
 */
export function printNetwork(network: Network, { heading = [], comments = new Map() }: PrintOptions = {}): string {
  const { statements, blocks } = fold(statementsOf(network), new Set([network.name]));
  const printer = new Printer(network, blocks, comments);
  const parts = [heading.map((line) => `// ${line}\n`).join('')];
  for (const [i, block] of blocks.entries()) if (printer.isUsed(i, statements)) parts.push(printer.block(block));
  parts.push(printer.network(statements));
  return parts.filter((part) => part !== '').join('\n');
}

/** A line, with those below it that it holds. */
type Lines = readonly string[];

const indent = (lines: Lines): Lines => lines.map((line) => `  ${line}`);

class Printer {
  /** The names of the layers that `from` names. */
  private labels = new Map<number, string>();
  private taken = new Set<string>();

  constructor(
    private readonly source: Network,
    private readonly blocks: readonly Block[],
    private readonly comments: ReadonlyMap<number, readonly string[]>,
  ) {}

  isUsed(block: number, statements: readonly Statement[]): boolean {
    const uses = (statement: Statement): boolean => {
      if (statement.type === 'call') return statement.block === block || this.isInside(block, statement.block);
      if (statement.type === 'merge') return statement.branches.flat().some(uses);
      return statement.type === 'repeat' && statement.body.some(uses);
    };
    return statements.some(uses);
  }

  private isInside(block: number, outer: number): boolean {
    const body = this.blocks[outer]?.body;
    return body !== undefined && outer !== block && this.isUsed(block, body);
  }

  network(statements: readonly Statement[]): string {
    const { name, framework, weightsFile, labelsFile, layers } = this.source;
    this.begin(statements, true);
    const lines = [
      `network ${name}${framework ? ` like ${framework}` : ''} {`,
      ...indent(this.body(statements)),
      ...indent(this.commentsAt(layers.length)),
      ...(weightsFile === undefined ? [] : [`  weights "${weightsFile}"`]),
      ...(labelsFile === undefined ? [] : [`  labels "${labelsFile}"`]),
      '}',
    ];
    return `${lines.join('\n')}\n`;
  }

  block(block: Block): string {
    this.begin(block.body, false);
    for (const { name } of block.parameters) this.taken.add(name);
    const parameters = block.parameters.map(({ name, byDefault }) =>
      byDefault === undefined ? name : `${name} = ${byDefault}`,
    );
    const lines = [`block ${block.name}(${parameters.join(', ')}) {`, ...indent(this.body(block.body)), '}'];
    return `${lines.join('\n')}\n`;
  }

  // — Names —

  /** Gives names to the layers of a body that need one, and, in a network, to those that have a good one. */
  private begin(body: readonly Statement[], isNetwork: boolean): void {
    this.labels = new Map();
    this.taken = new Set(this.blocks.map(({ name }) => name));
    const named = new Set<number>();
    const visit = (statement: Statement): void => {
      for (const ref of statement.from ?? []) if (ref !== statement.above) named.add(ref);
      if (statement.type === 'merge') statement.branches.flat().forEach(visit);
      if (statement.type === 'repeat') statement.body.forEach(visit);
    };
    body.forEach(visit);
    if (isNetwork) this.labelWell(body);
    for (const index of [...named].sort((a, b) => a - b))
      if (!this.labels.has(index)) this.label(index, (this.source.layers[index]?.name ?? '').replace(/^.*\//, ''));
  }

  /** Layers with weights of their own keep their names; the uses of blocks have what their layers' names begin with. */
  private labelWell(body: readonly Statement[]): void {
    const counts = new Map<string, number>();
    const visit = (statement: Statement): void => {
      if (statement.type === 'merge') for (const branch of statement.branches) branch.forEach(visit);
      if (statement.type === 'call') {
        const names = this.weightedNames(statement.span);
        const stem = names.length > 1 ? commonStem(names) : '';
        if (
          stem.length > 1 &&
          !/^(conv|fc|block|layer|features?)\d*$/i.test(stem) &&
          isName(stem) &&
          !this.taken.has(stem)
        )
          this.label(outputOf(statement), stem);
      }
      if (statement.type !== 'layer') return;
      const { name, kind } = this.source.layers[statement.index] ?? { name: '', kind: 'input' };
      const count = (counts.get(kind) ?? 0) + 1;
      const isCounted = name === `${kind}${count}` || !isTold(name);
      if (isWeighted(kind) && !isCounted && isName(name) && !this.taken.has(name)) this.label(statement.index, name);
      else counts.set(kind, count);
    };
    body.forEach(visit);
  }

  private weightedNames([first, last]: CallStatement['span']): readonly string[] {
    return this.source.layers
      .slice(first, last + 1)
      .filter(({ kind, name }) => isWeighted(kind) && isTold(name))
      .map(({ name }) => name);
  }

  private label(index: number, wanted: string): void {
    const stem = isName(wanted) ? wanted : 'layer';
    let name = stem;
    for (let i = 2; this.taken.has(name); i++) name = `${stem}_${i}`;
    this.taken.add(name);
    this.labels.set(index, name);
  }

  // — Lines —

  private body(statements: readonly Statement[]): Lines {
    const lines: string[] = [];
    let mayGrow = false;
    for (const statement of statements) {
      const comments = this.commentsAt(spanOf(statement)[0]);
      lines.push(...comments);
      const printed = this.statement(statement);
      const [first = ''] = printed;
      const last = lines.at(-1) ?? '';
      const isShort = printed.length === 1 && last.length + first.length + 2 <= WIDTH;
      if (mayGrow && comments.length === 0 && isShort && this.follows(statement, last))
        lines[lines.length - 1] = `${last}; ${first}`;
      else lines.push(...printed);
      mayGrow = statement.type === 'layer';
    }
    return lines;
  }

  /** Whether a layer stands on the line of what it belongs to: `conv …; batchnorm; relu`. */
  private follows(statement: Statement, line: string): boolean {
    if (statement.type !== 'layer' || statement.from || this.labels.has(statement.index)) return false;
    const { category } = catalogue[statement.kind];
    const isSmall = category === 'activation' || statement.kind === 'batchnorm' || statement.kind === 'dropout';
    if (/^(input|globalavgpool|globalmaxpool|flatten)\b/.test(line) || /softmax/.test(statement.kind)) return false;
    if (isSmall) return !/^(maxpool|avgpool|concat|add)/.test(line);
    // Normalised and activated first: the convolution follows on the same line.
    return category === 'convolution' && /^batchnorm(; \w+)*$/.test(line);
  }

  private statement(statement: Statement): Lines {
    switch (statement.type) {
      case 'layer':
        return [this.layer(statement)];
      case 'call':
        return [this.call(statement)];
      case 'merge':
        return this.merge(statement);
      case 'repeat':
        return this.braces(`repeat ${statement.count}`, this.body(statement.body));
    }
  }

  private braces(head: string, body: Lines): Lines {
    const [only] = body;
    if (only === undefined) return [`${head} {}`];
    if (body.length === 1 && head.length + only.length + 6 <= WIDTH && !only.startsWith('//'))
      return [`${head} { ${only} }`];
    return [`${head} {`, ...indent(body), '}'];
  }

  private labelled(index: number, text: string): string {
    const label = this.labels.get(index);
    return label === undefined ? text : `${label}: ${text}`;
  }

  private fromOf({ from, above }: Pick<Statement, 'from' | 'above'>): string {
    if (from === null) return '';
    const names = from.map((index) => (index === above ? 'previous' : this.labels.get(index)));
    return ` from ${names.join(', ')}`;
  }

  private merge({ kind, index, branches, condition, ...wiring }: MergeStatement): Lines {
    const printed = branches.flatMap((branch, i) => {
      const body = this.body(branch);
      const isOptional = condition !== undefined && i === branches.length - 1;
      return this.braces('branch', isOptional ? this.braces(`if ${condition}`, body) : body);
    });
    return [this.labelled(index, `${kind}${this.fromOf(wiring)} {`), ...indent(printed), '}'];
  }

  private layer({ kind, index, written, ...wiring }: LayerStatement): string {
    const { attributes } = catalogue[kind];
    const words: string[] = [];
    for (const word of written) {
      if (typeof word === 'string') words.push(word);
      else if (!word.isDefault)
        words.push(isBare(attributes[word.attribute], words) ? `${word.value}` : `${word.attribute} ${word.value}`);
    }
    return this.labelled(index, [kind, ...words].join(' ') + this.fromOf(wiring));
  }

  private call(statement: CallStatement): string {
    const { name, parameters } = this.blocks[statement.block] as Block;
    const passed: string[] = [];
    for (const [i, { name: parameter, byDefault }] of parameters.entries()) {
      const value = statement.arguments[i] as Argument;
      if (value === byDefault) continue;
      // Parentheses are those of the call.
      const text = String(value).replace(/^\((.*)\)$/, '$1');
      passed.push(byDefault === undefined ? text : `${parameter} = ${text}`);
    }
    return this.labelled(outputOf(statement), `${name}(${passed.join(', ')})${this.fromOf(statement)}`);
  }

  private commentsAt(index: number): Lines {
    return (this.comments.get(index) ?? []).map((comment) => `// ${comment}`);
  }
}

const isWeighted = (kind: string): boolean => ['conv', 'depthwise', 'convtranspose', 'fc'].includes(kind);

/** Whether a name says something: exporters count theirs (`Conv_12`, `node_7`), and names inside blocks are not given again. */
const isTold = (name: string): boolean =>
  !/[/[]/.test(name) && !/^_?(conv2?d?|gemm|dense|matmul|node|op|layer|n)?_?\d*$/i.test(name);
