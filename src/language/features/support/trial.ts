import type { CheckedNetwork } from '../../../network/check.js';
import { codes, describe } from '../../../network/diagnostics.js';
import type { Framework } from '../../../network/frameworks.js';
import { printShape, type Shape } from '../../../network/shape.js';
import type { Value } from '../../../network/values.js';
import type { Analysis } from '../../findings/analysis.js';
import type { Analyzer } from '../../findings/analyzer.js';
import { factsOf, instancesOf, originOf } from '../../findings/instances.js';
import type { Body, File, Layer, Statement } from '../../generated/ast.js';

/** What a line that is being typed stands in: the input it gets and the values it sees. */
export interface Situation {
  readonly input: Shape;
  readonly values: ReadonlyMap<string, Value | undefined>;
  readonly framework: Framework | undefined;
}

export interface Outcome {
  readonly output: Shape | null;
  /** 0 fits, 1 fits after rounding, 2 does not. */
  readonly rank: number;
  readonly message: string | undefined;
}

/** Tries lines, each in a network of its own: the language itself says what comes out. */
export function tryLines(
  lines: readonly string[],
  { input, values, framework }: Situation,
  analyzer: Analyzer,
): readonly Outcome[] {
  const constants = [...values].flatMap(([name, value]) => (value ? [`const ${name} = ${describe(value)}`] : []));
  const like = framework ? ` like ${framework}` : '';
  const networks = lines.map((line, i) => `network Trial${i}${like} {\ninput ${printShape(input)}\n${line}\n}`);
  const found = analyzer.analyseTrial([...constants, ...networks].join('\n')).networks;
  const byName = new Map(found.map(({ network, checked }) => [network.name, checked]));
  return lines.map((_, i) => outcomeOf(byName.get(`Trial${i}`)));
}

function outcomeOf(checked: CheckedNetwork | undefined): Outcome {
  const output = checked?.facts[1]?.output ?? null;
  const problem = checked?.problems.find(({ layer }) => layer === 1)?.problem;
  const severity = problem && codes[problem.code].severity;
  const rank = output === null || severity === 'error' ? 2 : severity === undefined ? 0 : 1;
  return { output, rank, message: problem?.message };
}

/** More uses of a block than this are not tried: what is wanted is a hint while typing. */
const MOST_TRIED = 4;

/** The inputs that the statement from `start` to `end` gets, one for each use of the block it is in. */
export function situationsAt(analysis: Analysis, start: number, end: number): readonly Situation[] {
  const situations = situationsOf(analysis, start, end);
  const distinct = new Map(situations.map((situation) => [keyOf(situation), situation]));
  return [...distinct.values()].slice(0, MOST_TRIED);
}

const keyOf = ({ input, values }: Situation): string =>
  [printShape(input), ...[...values].map(([name, value]) => `${name} ${value ? describe(value) : ''}`)].join();

function situationsOf(analysis: Analysis, start: number, end: number): Situation[] {
  const { before, here } = neighbours(analysis.model.root, start, end);
  const own = here ? inputsOf(analysis, here) : [];
  return own.length > 0 || !before ? own : outputsOf(analysis, before);
}

/** Whether a layer stands above the statement from `start` to `end`, so that it has an input. */
export const hasInput = (analysis: Analysis, start: number, end: number): boolean =>
  neighbours(analysis.model.root, start, end).before !== undefined;

function inputsOf(analysis: Analysis, line: Layer): Situation[] {
  return (instancesOf(analysis).layers.get(line) ?? []).flatMap((instance) => {
    const input = factsOf(instance)?.inputs[0];
    const { framework } = instance.network.network;
    return input ? [{ input, values: originOf(instance)?.values ?? new Map(), framework }] : [];
  });
}

/** What comes out of a line: the input of the next. */
function outputsOf(analysis: Analysis, line: Layer): Situation[] {
  const { layers, calls } = instancesOf(analysis);
  const ends = [
    ...(layers.get(line) ?? []).map(({ network, index }) => ({
      network,
      index,
      values: network.origins[index]?.values,
    })),
    ...(calls.get(line) ?? []).map(({ network, last }) => ({ network, index: last, values: undefined })),
  ];
  return ends.flatMap(({ network, index, values }) => {
    const input = network.checked.facts[index]?.output;
    const { framework } = network.network;
    return input ? [{ input, values: values ?? new Map(), framework }] : [];
  });
}

/** The layer that begins between `start` and `end`, and the one that feeds it. */
function neighbours(root: File, start: number, end: number): { before?: Layer; here?: Layer } {
  let before: Layer | undefined;
  let statements: readonly Statement[] = root.items
    .flatMap((item) => bodiesOf(item))
    .flatMap((body) => within(body, end));
  for (;;) {
    let inner: readonly Statement[] | undefined;
    for (const statement of statements) {
      const offset = statement.$cstNode?.offset ?? end;
      if (offset > end) break;
      if (statement.$type === 'Layer' && offset >= start) return { here: statement, ...(before && { before }) };
      const around = bodiesOf(statement).find((body) => encloses(body, end));
      if (around) {
        inner = around.statements;
        break;
      }
      before = lastLayer(statement) ?? before;
    }
    if (!inner) return before ? { before } : {};
    statements = inner;
  }
}

const within = (body: Body, offset: number): readonly Statement[] => (encloses(body, offset) ? body.statements : []);

const encloses = ({ $cstNode }: Body, offset: number): boolean =>
  $cstNode !== undefined && $cstNode.offset < offset && offset <= $cstNode.end;

function bodiesOf(node: File['items'][number]): readonly Body[] {
  switch (node.$type) {
    case 'If':
      return [
        ...(node.then ? [node.then] : []),
        ...(node.otherwise ? [node.otherwise] : []),
        ...(node.elseIf ? bodiesOf(node.elseIf) : []),
      ];
    case 'Import':
    case 'Const':
    case 'Expectation':
      return [];
    default:
      return node.body ? [node.body] : [];
  }
}

function lastLayer(statement: Statement): Layer | undefined {
  if (statement.$type === 'Layer') return statement;
  for (const body of [...bodiesOf(statement)].reverse())
    for (const inner of [...body.statements].reverse()) {
      const layer = lastLayer(inner);
      if (layer) return layer;
    }
  return undefined;
}
