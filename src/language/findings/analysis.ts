import type { AstNode } from 'langium';
import type { Range } from 'vscode-languageserver-types';
import {
  type CheckedNetwork,
  checkInSteps,
  type LayerFacts,
  type LayerProblem,
  type Steps,
} from '../../network/check.js';
import * as diagnostics from '../../network/diagnostics.js';
import { codes, type DiagnosticCode } from '../../network/diagnostics.js';
import { hintsOf } from '../../network/hints.js';
import { UNKNOWN_INPUT } from '../../network/network.js';
import type { Problem, Severity } from '../../network/problem.js';
import { formatShape } from '../../network/shape.js';
import { trainingProblem } from '../../network/training.js';
import { elaborateBlock, elaborateConstants, elaborateNetwork } from '../meaning/elaborate.js';
import type { Elaboration, ElaborationProblem, ImportResolver, Instantiation, Origin } from '../meaning/elaboration.js';
import { checkExpectation } from '../meaning/expectations.js';
import type { FileModel, PlacedProblem } from '../meaning/model.js';
import { touches } from '../meaning/model.js';
import { at, type Place, rangeOf } from '../text/place.js';
import { fixEdits, replacementEdits, type TextFix } from './edits.js';
import { type CheckOptions, type Silenced, silencedBy } from './options.js';
import { unusedNames } from './unused.js';
import { type WeightsFiles, weightsProblem } from './weights.js';

/** A place elsewhere that has to do with a finding. */
interface Related {
  readonly uri: string;
  readonly range: Range;
  readonly message: string;
}

/** A diagnostic, tied to its place in the text. */
export interface Finding {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly range: Range;
  readonly related: readonly Related[];
  /** Changes that remove it, worked out when somebody looks; the smallest first. */
  readonly fixes: () => readonly TextFix[];
}

export interface AnalysedNetwork extends Elaboration {
  readonly checked: CheckedNetwork;
  /** Those of the file's findings that stand in this network. */
  readonly findings: readonly Finding[];
}

/** Everything known of a file: one elaboration and one shape pass, shared by all who ask. */
export interface Analysis {
  readonly model: FileModel;
  readonly networks: readonly AnalysedNetwork[];
  readonly findings: readonly Finding[];
}

/** What the parser could not read. */
export interface SyntaxProblem {
  /** `syntax` where there is none. */
  readonly code?: DiagnosticCode;
  readonly message: string;
  readonly range: Range;
  readonly fix?: TextFix | undefined;
}

const start: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

const compareRanges = (a: Finding, b: Finding): number =>
  a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character;

/** Elaborates and checks every network of a file, and gathers what is wrong, in the order of the text. */
export function* analyse(
  model: FileModel,
  syntax: readonly SyntaxProblem[],
  imports: ImportResolver,
  importProblems: readonly PlacedProblem[],
  weights: Pick<WeightsFiles, 'get'>,
  options: CheckOptions,
): Steps<Analysis> {
  const collector = new Collector(model, options);
  for (const { code = 'syntax', message, range, fix } of syntax)
    collector.add({ code, severity: 'error', message, range, related: [], fixes: () => (fix ? [fix] : []) });
  for (const { place, problem } of [...model.problems, ...importProblems]) collector.addProblem(place, problem);
  if (model.root.items.length === 0 && syntax.length === 0)
    collector.add({
      ...diagnostics.emptyFile(),
      severity: codes['empty-file'].severity,
      range: start,
      related: [],
      fixes: () => [],
    });

  const networks: (Elaboration & { readonly checked: CheckedNetwork; readonly own: readonly Finding[] })[] = [];
  for (const node of model.networks) {
    const elaboration = elaborateNetwork(model, node, imports, options.like);
    yield;
    const checked = yield* checkInSteps(elaboration.network);
    const before = collector.findings.length;
    // What teaches is told when nothing is wrong: before, it would be a second message for the same mistake.
    const isSound = elaboration.problems.length === 0 && !checked.problems.some(isError);
    const hints = isSound && checked.totals.params !== null ? hintsOf(checked, options.budgets) : [];
    collector.addElaboration(elaboration, checked, hints);
    // Behind an error shapes are guesses, and a line that is wrong may have been a layer.
    if (isSound && !collector.hasError(rangeOf(at(node)))) {
      collector.addWeights(elaboration, checked, weights);
      collector.addTraining(elaboration, checked);
    }
    networks.push({ ...elaboration, checked, own: collector.findings.slice(before) });
    yield;
  }
  collector.addElaborationProblems(elaborateConstants(model, imports));
  for (const node of model.blocks) {
    const elaboration = elaborateBlock(model, node, imports);
    collector.addElaboration(elaboration, yield* checkInSteps(elaboration.network), []);
  }
  const { findings } = collector;
  if (!findings.some(({ severity }) => severity === 'error'))
    for (const { place, problem, fixes } of unusedNames(model)) collector.addProblem(place, problem, { fixes });
  findings.sort(compareRanges);
  return {
    model,
    findings,
    networks: networks.map(({ own, ...network }) => ({
      ...network,
      findings: findings.filter(
        (finding) => own.includes(finding) || isWithin(finding.range, rangeOf(at(network.node))),
      ),
    })),
  };
}

const isError = ({ problem }: LayerProblem): boolean => codes[problem.code].severity === 'error';

const isWithin = ({ start }: Range, { start: from, end: to }: Range): boolean =>
  start.line >= from.line && start.line <= to.line;

/** One mistake, one message: what several networks or instantiations find at the same place is told once. */
class Collector {
  readonly findings: Finding[] = [];
  private readonly seen = new Set<string>();

  private readonly silenced: Silenced;

  constructor(
    private readonly model: FileModel,
    private readonly options: CheckOptions,
  ) {
    this.silenced = silencedBy(model.root.$cstNode?.root.fullText ?? '');
  }

  hasError(within: Range): boolean {
    return this.findings.some(({ severity, range }) => severity === 'error' && isWithin(range, within));
  }

  add(found: Finding): void {
    const { line, character } = found.range.start;
    const severity = this.options.severities?.[found.code] ?? found.severity;
    if (severity === 'off' || this.silenced.has(found.code, line)) return;
    const finding = { ...found, severity };
    const key = `${line}:${character}:${found.code}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.findings.push(finding);
  }

  /** Adds a problem of this file, unless its line is broken: that has been told. */
  addProblem(place: Place, problem: Problem, more: Partial<Pick<Finding, 'related' | 'fixes' | 'message'>> = {}): void {
    const range = rangeOf(place);
    if (this.model.damage.lines.has(range.start.line)) return;
    this.add({
      code: problem.code,
      severity: codes[problem.code].severity,
      message: problem.message,
      range,
      related: [],
      fixes: () => replacementEdits(place, problem),
      ...more,
    });
  }

  addElaboration(elaboration: Elaboration, checked: CheckedNetwork, hints: readonly LayerProblem[]): void {
    this.addElaborationProblems(elaboration.problems);
    // Without its framework a network's rounding is not known.
    if (elaboration.frameworkIsLost) return;
    for (const { origin, problem, facts, count } of groupByLine(elaboration, checked, hints))
      this.addLayerProblem(elaboration, origin, problem, facts, count);
    this.addExpectations(elaboration, checked);
  }

  addWeights({ weightsLine, origins }: Elaboration, checked: CheckedNetwork, files: Pick<WeightsFiles, 'get'>): void {
    const found = weightsLine && weightsProblem(this.model.uri, checked, files);
    const [path] = weightsLine?.arguments ?? [];
    if (!found || !path) return;
    const related = found.layers.slice(0, MOST_RELATED).flatMap(({ layer, message }) => {
      const origin = origins[layer];
      return origin ? [{ uri: origin.model.uri, range: rangeOf(at(origin.node)), message }] : [];
    });
    this.addProblem(at(path), found.problem, { related });
  }

  addTraining({ trainingLine }: Elaboration, checked: CheckedNetwork): void {
    const problem = trainingLine && trainingProblem(checked);
    if (!problem) return;
    const named = trainingLine.body?.statements.find((line) => line.$type === 'Layer' && line.kind === 'dataset');
    this.addProblem(at(named ?? trainingLine), problem);
  }

  addElaborationProblems(problems: readonly ElaborationProblem[]): void {
    const uses = usesOf(problems);
    for (const { place, problem, model, instantiation } of problems) {
      if (this.isGuess(model, place.node)) continue;
      if (model === this.model) this.addProblem(place, problem, { related: uses(place, problem.code) });
      else
        this.addInCaller(problem, instantiation, { uri: model.uri, range: rangeOf(place), message: problem.message });
    }
  }

  private addExpectations(elaboration: Elaboration, checked: CheckedNetwork): void {
    // Behind an error sizes are guesses: an expect that they fail would tell the same mistake again.
    const firstWrong = Math.min(...checked.problems.filter(isError).map(({ layer }) => layer));
    for (const expectation of elaboration.expectations) {
      if ((expectation.span?.output ?? checked.facts.length) >= firstWrong) continue;
      const problem = checkExpectation(expectation, checked);
      if (!problem || this.isGuess(expectation.model, expectation.node)) continue;
      if (expectation.model === this.model) this.addProblem(at(expectation.node), problem);
      else
        this.addInCaller(problem, expectation.instantiation, {
          uri: expectation.model.uri,
          range: rangeOf(at(expectation.node)),
          message: problem.message,
        });
    }
  }

  /** Inside a block or network whose braces are wrong, what belongs to what is a guess: better silent. */
  private isGuess(model: FileModel, node: AstNode): boolean {
    if (model.damage.structural.size === 0) return false;
    let item = node;
    while (item.$container?.$container) item = item.$container;
    const range = item.$cstNode?.range;
    return range !== undefined && touches(model.damage.structural, range.start.line, range.end.line);
  }

  private addLayerProblem(
    elaboration: Elaboration,
    origin: Origin,
    problem: Problem,
    failing: readonly { readonly origin: Origin; readonly facts: LayerFacts }[],
    count: number,
  ): void {
    if (this.isGuess(origin.model, origin.node)) return;
    const place = placeOf(origin, problem);
    const { instantiation } = origin;
    const message =
      instantiation && count > 1 ? `${problem.message} (${whereItFails(failing, count)})` : problem.message;
    if (origin.model !== this.model) {
      this.addInCaller({ ...problem, message }, instantiation, {
        uri: origin.model.uri,
        range: rangeOf(place),
        message,
      });
      return;
    }
    const related = failing.flatMap(({ origin: { instantiation: at_ }, facts }) =>
      at_
        ? [{ uri: at_.model.uri, range: rangeOf(at(at_.call)), message: `${pathOf(at_)} gets ${shapesOf(facts)}` }]
        : [],
    );
    this.addProblem(place, problem, {
      message,
      related: [...inputsOf(elaboration, origin, problem), ...related],
      fixes: () => (problem.fixes?.() ?? []).flatMap((fix) => fixEdits(elaboration, origin, fix)),
    });
  }

  /** A problem inside an imported block is told at the call in this file that leads to it. */
  private addInCaller(problem: Problem, instantiation: Instantiation | null, inside: Related): void {
    let at_ = instantiation;
    while (at_ && at_.model !== this.model) at_ = at_.outer;
    if (!at_) return;
    this.addProblem(
      at(at_.call, 'kind'),
      { ...problem, message: `In ${at_.call.kind}: ${problem.message}` },
      { related: [inside], fixes: () => [] },
    );
  }
}

/** The lines that the inputs with a part in a problem come from. */
function inputsOf({ network, origins }: Elaboration, origin: Origin, { inputs = [] }: Problem): readonly Related[] {
  const layer = network.layers[origins.indexOf(origin)];
  return inputs.flatMap((at_) => {
    const index = layer?.inputs[at_] ?? UNKNOWN_INPUT;
    const source = origins[index];
    const name = network.layers[index]?.name;
    return source
      ? [{ uri: source.model.uri, range: rangeOf(at(source.node)), message: `${name} is input ${at_ + 1}` }]
      : [];
  });
}

/** The calls in which a line of a block is wrong, for each line and code. */
function usesOf(problems: readonly ElaborationProblem[]): (place: Place, code: DiagnosticCode) => readonly Related[] {
  const uses = new Map<AstNode, Map<DiagnosticCode, Related[]>>();
  for (const { place, problem, instantiation } of problems) {
    if (!instantiation) continue;
    const byCode = uses.get(place.node) ?? new Map<DiagnosticCode, Related[]>();
    uses.set(place.node, byCode);
    const related = byCode.get(problem.code) ?? [];
    byCode.set(problem.code, related);
    if (related.length < MOST_RELATED)
      related.push({
        uri: instantiation.model.uri,
        range: rangeOf(at(instantiation.call)),
        message: `${pathOf(instantiation)}: ${problem.message}`,
      });
  }
  return ({ node }, code) => uses.get(node)?.get(code) ?? [];
}

interface LineProblem {
  readonly origin: Origin;
  readonly problem: Problem;
  readonly facts: readonly { readonly origin: Origin; readonly facts: LayerFacts }[];
  /** How many layers the line makes in all. */
  readonly count: number;
}

/** The shape problems of a network, one a line and code, with the layers of that line in which they occur. */
function groupByLine(
  { origins }: Elaboration,
  checked: CheckedNetwork,
  hints: readonly LayerProblem[],
): readonly LineProblem[] {
  const problems = [...checked.problems, ...hints];
  if (problems.length === 0) return [];
  const layersOf = new Map<AstNode, number>();
  for (const { node } of origins) layersOf.set(node, (layersOf.get(node) ?? 0) + 1);
  const lines = new Map<
    AstNode,
    Map<DiagnosticCode, LineProblem & { readonly facts: { origin: Origin; facts: LayerFacts }[] }>
  >();
  for (const { layer, problem, follows } of problems) {
    const origin = origins[layer] as Origin;
    const codesOfLine = lines.get(origin.node) ?? new Map();
    lines.set(origin.node, codesOfLine);
    const failing = { origin, facts: checked.facts[layer] as LayerFacts };
    const known = codesOfLine.get(problem.code);
    if (known) known.facts.push(failing);
    // One mistake, one message: where a size was rounded, what does not fit it further down may fit once that is mended.
    else if (!follows)
      codesOfLine.set(problem.code, {
        origin,
        problem,
        facts: [failing],
        count: layersOf.get(origin.node) ?? 1,
      });
  }
  return [...lines.values()].flatMap((byCode) => [...byCode.values()]);
}

/** The attribute at fault; else the layer with its values, without its name and its branches. */
const placeOf = ({ node, model }: Origin, { attribute }: Problem): Place => {
  const written = attribute === undefined ? undefined : model.forms.get(node)?.attributes.get(attribute);
  if (written) return at(written.value ?? written.word);
  const last = node.arguments.at(-1);
  return last ? { ...at(node, 'kind'), until: last } : at(node, 'kind');
};

/** `BasicBlock2/Inner1` */
const pathOf = (instantiation: Instantiation): string => instantiation.name;

const shapesOf = ({ inputs }: LayerFacts): string =>
  inputs.map((shape) => (shape ? formatShape(shape) : 'an unknown size')).join(' and ');

const MOST_NAMED = 3;
const MOST_RELATED = 20;

/** `in 2 of 8: BasicBlock2 at 28×28×64, BasicBlock3 at 14×14×128` */
function whereItFails(failing: LineProblem['facts'], count: number): string {
  const named = failing
    .slice(0, MOST_NAMED)
    .map(
      ({ origin, facts }) => `${origin.instantiation ? pathOf(origin.instantiation) : 'here'} at ${shapesOf(facts)}`,
    );
  const more = failing.length > MOST_NAMED ? `, and ${failing.length - MOST_NAMED} more` : '';
  return `in ${failing.length} of ${count}: ${named.join(', ')}${more}`;
}
