import { catalogue, type LayerKind } from '../../network/catalogue.js';
import * as diagnostics from '../../network/diagnostics.js';
import type { Argument, Formula } from '../../network/formula.js';
import { type FrameworkRules, rulesOf } from '../../network/frameworks.js';
import type { Attribute, Attributes } from '../../network/layer.js';
import type { Layer as NetworkLayer } from '../../network/network.js';
import type { Problem } from '../../network/problem.js';
import { withDefaults } from '../../network/resolve.js';
import { type TrainingWord, trainingAttributes } from '../../network/training-lines.js';
import type { Value } from '../../network/values.js';
import type { Block, Call, Entry, Expression, Layer, Reference, Repeat } from '../generated/ast.js';
import { at, lineOf, type Place } from '../text/place.js';
import { similarWords } from '../text/spelling.js';
import type { Frame, ImportResolver } from './elaboration.js';
import { type Environment, evaluate, literalValue } from './evaluate.js';
import type { LineForm } from './forms.js';
import { formulaOf, type MeaningOfName } from './formulas.js';
import { type FileModel, touches } from './model.js';

/** What working out values needs of the elaboration around it. */
interface Context {
  readonly imports: ImportResolver;
  report(place: Place, problem: Problem, frame: Frame): void;
}

/** What a line says of its layer. */
export interface LineAttributes {
  /** Those in force; null when one of them is wrong or unknown. */
  readonly attributes: NetworkLayer['attributes'];
  /** The attributes that took the values written without a name, in their order. */
  readonly positional: readonly string[];
  /** How those are written whose values have names in them. */
  readonly written?: Readonly<Record<string, Formula>>;
}

/** Whose values a line gives: a layer, or a word of a `training` block. */
interface Owner {
  readonly name: string;
  readonly known: Attributes;
  readonly isTraining?: boolean;
}

/** Works out what the lines of a network say: attributes, arguments and counts, from expressions and what names mean. */
export class LineValues {
  /** Where defaults come from. */
  rules: FrameworkRules = rulesOf(undefined);
  private readonly constants = new Map<string, Value | undefined>();
  private readonly said = new Map<LayerKind, Map<string, LineAttributes>>();
  private readonly toldOf = new Map<Frame['values'], Set<string>>();
  /** Made once for all expressions of a frame. */
  private environment: (Environment & { readonly frame: Frame }) | undefined;
  /** A line is written the same in every instance of its block. */
  private readonly formulas = new Map<Expression, Formula | undefined>();

  constructor(private readonly context: Context) {}

  /** What a line says; worked out once for all lines that say it in the same words. */
  attributes(node: Layer, form: LineForm, kind: LayerKind, frame: Frame): LineAttributes {
    if (form.wording === null || form.broken) return this.workedOut(node, form, kind, frame);
    const said = this.said.get(kind) ?? new Map<string, LineAttributes>();
    this.said.set(kind, said);
    const known = said.get(form.wording) ?? this.workedOut(node, form, kind, frame);
    // What is wrong is told at every line.
    if (known.attributes) said.set(form.wording, known);
    return known;
  }

  private workedOut(node: Layer, form: LineForm, kind: LayerKind, frame: Frame): LineAttributes {
    const positional: string[] = [];
    const attributes = this.inForce(node, form, kind, positional, frame);
    const written = attributes && this.writtenAttributes(form, kind, positional, frame);
    return { attributes, positional, ...(written && { written }) };
  }

  /** The attributes in force; null when one of them is wrong or unknown. `positional` is filled. */
  private inForce(
    node: Layer,
    form: LineForm,
    kind: LayerKind,
    positional: string[],
    frame: Frame,
  ): NetworkLayer['attributes'] {
    const given = this.given(node, form, { name: kind, known: catalogue[kind].attributes }, positional, frame);
    return given && withDefaults(kind, given, this.rules);
  }

  /** The values of a line of a `training` block, defaults included; null when one of them is wrong or unknown. */
  trainingLine(node: Layer, form: LineForm, word: TrainingWord, frame: Frame): Record<string, unknown> | null {
    const known = trainingAttributes(word);
    const given = this.given(node, form, { name: word, known, isTraining: true }, [], frame);
    if (!given) return null;
    for (const [name, attribute] of Object.entries(known))
      if (!(name in given)) given[name] = attribute.byDefault?.(this.rules, given);
    return given;
  }

  /** What is written on a line; null when one of its values is wrong, unknown or missing. */
  private given(
    node: Layer,
    form: LineForm,
    owner: Owner,
    positional: string[],
    frame: Frame,
  ): Record<string, unknown> | null {
    // What else is wrong with a line that cannot be read may only seem so.
    if (form.broken) return null;
    const { known } = owner;
    const given: Record<string, unknown> = {};
    let valid = true;
    for (const { name, value, word } of form.attributes.values()) {
      const type = (known[name] as Attribute).type;
      const found: Value | undefined =
        value === null
          ? { type: 'boolean', value: true }
          : value.$type === 'Reference' && type.suggestions.includes(value.name)
            ? { type: 'word', value: value.name }
            : this.evaluate(value, frame);
      const parsed = found && type.parse(found);
      if (parsed !== undefined) given[name] = parsed;
      else {
        valid = false;
        given[name] = undefined;
        if (found && !this.isToldOf(value, frame))
          this.context.report(
            at(value ?? word),
            diagnostics.invalidValue(name, type.expects, diagnostics.describe(found)),
            frame,
          );
      }
    }
    for (const expression of form.positional) {
      const name = this.positional(expression, { values: form.positional, names: positional }, owner, given, frame);
      if (name === undefined) {
        // The values after a wrong one may only seem wrong.
        valid = false;
        break;
      }
      positional.push(name);
    }
    if (!valid) return null;
    for (const [name, attribute] of Object.entries(known))
      if (attribute.required && !(name in given)) {
        const { expects } = attribute.type;
        this.context.report(
          at(node, 'kind'),
          owner.isTraining
            ? diagnostics.missingAttributeValue(owner.name, expects)
            : diagnostics.missingValue(name, owner.name, expects),
          frame,
        );
        return null;
      }
    return given;
  }

  /** A parameter of the wrong kind is told at its first use in a block, not at every one. */
  private isToldOf(value: Expression | null, { values }: Frame): boolean {
    if (value?.$type !== 'Reference' || !values.has(value.name)) return false;
    const told = this.toldOf.get(values) ?? new Set();
    this.toldOf.set(values, told);
    if (told.has(value.name)) return true;
    told.add(value.name);
    return false;
  }

  /** Gives a value without a name to the first attribute that takes it, and says which; of the line's `values` the first have `names` so far. */
  private positional(
    expression: Expression,
    { values, names }: { readonly values: readonly Expression[]; readonly names: readonly string[] },
    { name: ownerName, known, isTraining = false }: Owner,
    given: Record<string, unknown>,
    frame: Frame,
  ): string | undefined {
    const positional = Object.entries(known).filter(([, attribute]) => attribute.positional);
    const value =
      expression.$type === 'Reference' && positional.some(([, { type }]) => type.suggestions.includes(expression.name))
        ? { type: 'word' as const, value: expression.name }
        : this.evaluate(expression, frame);
    if (value === undefined) return undefined;
    const accepts = ({ type }: Attribute) => type.positionalAs === undefined || type.positionalAs === value.type;
    for (const [name, attribute] of positional) {
      const parsed = !(name in given) && accepts(attribute) ? attribute.type.parse(value) : undefined;
      if (parsed === undefined) continue;
      given[name] = parsed;
      return name;
    }
    // In `conv expand 1x1` a parameter that is a size has taken the place of the 1x1.
    const intruder = values.find((other, i) => {
      const taken = known[names[i] ?? ''];
      return (
        other.$type === 'Reference' &&
        frame.values.has(other.name) &&
        taken !== undefined &&
        taken.type.parse(value) !== undefined
      );
    });
    const blamed = intruder ?? expression;
    if (this.isToldOf(blamed, frame)) return undefined;
    // Told of the attribute that was probably meant: one that takes values of this type, or the next one free.
    const text = diagnostics.describe((intruder && this.evaluate(intruder, frame)) ?? value);
    const free = positional.filter(([name]) => !(name in given));
    const meant =
      free.find(([, attribute]) => accepts(attribute) && attribute.type.positionalAs !== undefined) ?? free[0];
    // `conv 8 k` with a size k: only a literal is known by its form.
    const unnamed = free.find(([, { type }]) => type.parse(value) !== undefined);
    this.context.report(
      at(blamed),
      unnamed && expression.$cstNode
        ? diagnostics.needsAttributeName(unnamed[0], expression.$cstNode.text)
        : meant
          ? diagnostics.invalidValue(isTraining ? ownerName : meant[0], meant[1].type.expects, text)
          : diagnostics.unexpectedValue(text, ownerName),
      frame,
    );
    return undefined;
  }

  evaluate(expression: Expression, frame: Frame): Value | undefined {
    if (this.environment?.frame !== frame)
      this.environment = {
        frame,
        lookUp: (reference) => this.lookUp(reference, frame),
        report: (node, problem) => this.context.report(at(node), problem, frame),
      };
    return evaluate(expression, this.environment);
  }

  private lookUp(reference: Reference | Call, frame: Frame): Value | undefined {
    const { name } = reference;
    if (frame.values.has(name)) return frame.values.get(name);
    const found = this.context.imports.declaration(frame.model, name);
    if (!found) return undefined;
    if (found.node.$type === 'Block') {
      this.context.report(at(reference), diagnostics.notAConstant(name), frame);
      return undefined;
    }
    const key = `${found.model.uri}#${found.node.name}`;
    if (!this.constants.has(key)) {
      // A constant that needs itself is unknown.
      this.constants.set(key, undefined);
      const outer: Frame = { ...frame, model: found.model, instantiation: null, values: new Map() };
      if (found.node.value && !found.model.damage.lines.has(lineOf(found.node)))
        this.constants.set(key, this.evaluate(found.node.value, outer));
    }
    return this.constants.get(key);
  }

  /** The values of a block's parameters; undefined when the arguments do not match them. */
  argumentsOf(
    call: Layer,
    entries: readonly Entry[],
    block: Block,
    model: FileModel,
    frame: Frame,
  ): Map<string, Value | undefined> | undefined {
    const names = block.parameters.map(({ name }) => name);
    const values = new Map<string, Value | undefined>();
    let valid = true;
    const reject = (place: Place, problem: Problem) => {
      this.context.report(place, problem, frame);
      valid = false;
    };
    let position = 0;
    for (const entry of entries) {
      const name = entry.name ?? names[position++];
      if (name === undefined) {
        if (model.lackingNames.has(block)) return undefined;
        reject(at(entry), diagnostics.tooManyArguments(call.kind, names, entries.length));
        break;
      }
      if (!names.includes(name)) {
        if (model.lackingNames.has(block)) return undefined;
        reject(at(entry, 'name'), diagnostics.unknownParameter(name, call.kind, names, similarWords(name, names)));
      } else if (values.has(name)) reject(at(entry), diagnostics.repeatedValue(name, call.kind));
      else values.set(name, entry.value && this.evaluate(entry.value, frame));
    }
    const outer: Frame = { ...frame, model, values: new Map() };
    for (const { name, value } of block.parameters) {
      if (values.has(name)) continue;
      if (value) values.set(name, this.evaluate(value, outer));
      else if (valid) reject(at(call, 'kind'), diagnostics.missingArgument(name, call.kind));
    }
    return valid ? values : undefined;
  }

  /** How an expression that has names in it is written; undefined for one without. */
  formula(expression: Expression | null | undefined, frame: Frame): Formula | undefined {
    if (!expression || expression.$type === 'NumberLiteral' || expression.$type === 'SizeLiteral') return undefined;
    if (!this.formulas.has(expression))
      this.formulas.set(
        expression,
        formulaOf(expression, (name) => this.meaningOf(name, expression, frame)),
      );
    return this.formulas.get(expression);
  }

  private meaningOf(name: string, expression: Expression, frame: Frame): MeaningOfName | undefined {
    if (frame.values.has(name)) return 'variable';
    return this.lookUp({ name, $type: 'Reference', $container: expression.$container } as Reference, frame);
  }

  /** How the attributes of a line are written whose values have names in them. */
  private writtenAttributes(
    form: LineForm,
    kind: LayerKind,
    positional: readonly string[],
    frame: Frame,
  ): Readonly<Record<string, Formula>> | undefined {
    let written: Record<string, Formula> | undefined;
    const note = (name: string, expression: Expression | null) => {
      if (!expression || expression.$type === 'NumberLiteral' || expression.$type === 'SizeLiteral') return;
      // `pad same`: a word of the attribute's, not a name.
      const { suggestions } = (catalogue[kind].attributes[name] as Attribute).type;
      if (expression.$type === 'Reference' && suggestions.includes(expression.name)) return;
      const formula = this.formula(expression, frame);
      if (!formula) return;
      written ??= {};
      written[name] = formula;
    };
    for (const { name, value } of form.attributes.values()) note(name, value);
    for (const [place, name] of positional.entries()) note(name, form.positional[place] ?? null);
    return written;
  }

  /** The arguments of a call, defaults included, in the order of the block's parameters. */
  writtenArguments(
    entries: readonly Entry[],
    block: Block,
    values: ReadonlyMap<string, Value | undefined>,
    frame: Frame,
  ): readonly Argument[] {
    const names = block.parameters.map(({ name }) => name);
    let position = 0;
    const given = new Map(entries.map((entry) => [entry.name ?? names[position++] ?? '', entry.value] as const));
    return block.parameters.flatMap(({ name, value: own }): Argument[] => {
      const value = values.get(name);
      if (!value) return [];
      const formula = given.has(name) ? this.formula(given.get(name), frame) : undefined;
      const byDefault = own && literalValue(own);
      return [{ name, value, given: given.has(name), ...(formula && { formula }), ...(byDefault && { byDefault }) }];
    });
  }

  wholeNumber(expression: Expression | undefined, what: string, node: Repeat, frame: Frame): number | undefined {
    if (!expression) {
      if (!touches(frame.model.damage.lines, lineOf(node), lineOf(node)))
        this.context.report(at(node), diagnostics.missingAttributeValue(what, 'how often, such as repeat 3'), frame);
      return undefined;
    }
    const value = this.evaluate(expression, frame);
    if (value === undefined) return undefined;
    if (value.type === 'number' && Number.isInteger(value.value) && value.value >= 0) return value.value;
    this.context.report(
      at(expression),
      diagnostics.invalidValue(what, 'a whole number, 0 or more', diagnostics.describe(value)),
      frame,
    );
    return undefined;
  }
}
