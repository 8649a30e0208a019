import { catalogue, isLayerKind, type LayerKind, layerKinds } from '../../network/catalogue.js';
import * as diagnostics from '../../network/diagnostics.js';
import type { Attribute } from '../../network/layer.js';
import type { SourceRange } from '../../network/network.js';
import type { Problem } from '../../network/problem.js';
import { isTrainingWord, type TrainingWord, trainingAttributes, trainingWords } from '../../network/training-lines.js';
import type {
  Argument,
  Block,
  Const,
  Entry,
  Expression,
  ImportedName,
  Layer,
  LoopVariable,
  Parameter,
  Reference,
} from '../generated/ast.js';
import { at, type Place, sourceRange } from '../text/place.js';
import { similarWords } from '../text/spelling.js';
import { literalValue } from './evaluate.js';

/**
 * What a line says. The grammar knows a line as a word and a row of values; here the catalogue tells which words are
 * attributes, and the scope which are names. Nothing is evaluated: a line in a block is read once, however often the
 * block is used.
 */

export type ValueDeclaration = Parameter | LoopVariable | Const | ImportedName;
export type Declaration = ValueDeclaration | Block | Layer;

/** What the line can refer to. */
export interface LineScope {
  readonly file: string;
  value(name: string): ValueDeclaration | undefined;
  block(name: string): Block | ImportedName | undefined;
  readonly valueNames: Iterable<string>;
  readonly blockNames: Iterable<string>;
  /** Some names were lost in a broken line above: a word that means nothing may be one of them. */
  readonly incomplete: boolean;
}

/** Where reading a line tells what is wrong and which name means what. */
export interface LineListener {
  report(place: Place, problem: Problem): void;
  bind(place: Place, declaration: Declaration): void;
  /** A name that means nothing: an error, unless the line that would define it is broken. */
  unknownName(place: Place, name: string, candidates: readonly string[]): void;
}

/** Settings of a network that are written like layers. */
export const settings = ['weights', 'labels'] as const;
type Setting = (typeof settings)[number];
const isSetting = (word: string): word is Setting => (settings as readonly string[]).includes(word);

/** The word of the block in a network that says how it learns. */
export const TRAINING = 'training';

/** Whether a line stands inside a `training` block. */
function isInTraining(line: Layer): boolean {
  let container: { readonly $type: string; readonly kind?: string; readonly $container?: unknown } | undefined = line;
  do container = container.$container as typeof container;
  while (container && !(container.$type === 'Layer' && container.kind === TRAINING));
  return container !== undefined;
}

/** An attribute with the place of its name; `value` is null for a flag that stands alone. */
interface WrittenAttribute {
  readonly name: string;
  readonly word: Reference;
  readonly value: Expression | null;
}

type Target =
  | { readonly type: 'layer'; readonly kind: LayerKind }
  | { readonly type: 'block'; readonly declaration: Block | ImportedName }
  | { readonly type: 'setting'; readonly name: Setting }
  /** A `training` block, and a line in one. */
  | { readonly type: 'training' }
  | { readonly type: 'training line'; readonly word: TrainingWord }
  | { readonly type: 'unknown' };

export interface LineForm {
  readonly target: Target;
  readonly attributes: ReadonlyMap<string, WrittenAttribute>;
  readonly positional: readonly Expression[];
  /** The arguments of a block; empty for a layer. */
  readonly entries: readonly Entry[];
  /** The names after `from`; null where there is none. */
  readonly from: readonly Reference[] | null;
  /** The values as written, where they mean the same wherever the same is written: no names, nothing wrong. */
  readonly wording: string | null;
  /** Something about the line is wrong: its attributes cannot be trusted. */
  readonly broken: boolean;
  /** Where the line stands; worked out once, however many layers it makes. */
  readonly source: SourceRange;
}

const FROM = 'from';

export function readLine(layer: Layer, scope: LineScope, listener: LineListener): LineForm {
  return new LineReader(layer, scope, listener).read();
}

class LineReader {
  private readonly attributes = new Map<string, WrittenAttribute>();
  private readonly positional: Expression[] = [];
  private entries: readonly Entry[] = [];
  private from: Reference[] | null = null;
  private broken = false;
  /** Some of its values depend on what names mean. */
  private hasNames = false;
  private next = 0;

  constructor(
    private readonly layer: Layer,
    private readonly scope: LineScope,
    private readonly listener: LineListener,
  ) {}

  read(): LineForm {
    const target = this.readTarget();
    switch (target.type) {
      case 'layer':
        this.readArguments(catalogue[target.kind].attributes, target.kind);
        break;
      case 'block':
        this.readCall();
        break;
      case 'setting':
        this.readSetting(target.name);
        break;
      case 'training':
        this.readArguments({}, TRAINING);
        break;
      case 'training line':
        this.readArguments(trainingAttributes(target.word), target.word);
        break;
      case 'unknown':
        this.broken = true;
    }
    const { attributes, positional, entries, from, broken } = this;
    const source = sourceRange(this.scope.file, this.layer);
    const wording = broken || this.hasNames || from ? null : this.wording();
    return { target, attributes, positional, entries, from, wording, broken, source };
  }

  private wording(): string {
    const { arguments: values, $cstNode: line } = this.layer;
    const first = values[0]?.$cstNode;
    const last = values.at(-1)?.$cstNode;
    return first && last && line ? line.root.fullText.slice(first.offset, last.end) : '';
  }

  /** One message a line: what follows a slip may only seem wrong. */
  private report(place: Place, problem: Problem): void {
    const isFirst = !this.broken;
    this.broken = true;
    if (isFirst && !(this.scope.incomplete && this.mayHoldLostNames())) this.listener.report(place, problem);
  }

  /** Whether a word of the line could be a name that a broken line defines: two words in a row, or an unknown one. */
  private mayHoldLostNames(): boolean {
    return this.layer.arguments.some((argument, i) => {
      const following = this.layer.arguments[i + 1];
      return wordOf(argument) && (!following || wordOf(following));
    });
  }

  private readTarget(): Target {
    const { kind } = this.layer;
    if (isInTraining(this.layer)) return this.readTrainingWord(kind);
    if (isLayerKind(kind)) return { type: 'layer', kind };
    if (kind === TRAINING) return { type: 'training' };
    if (isSetting(kind)) return { type: 'setting', name: kind };
    const declaration = this.scope.block(kind);
    const place = at(this.layer, 'kind');
    if (declaration) {
      this.listener.bind(place, declaration);
      return { type: 'block', declaration };
    }
    const [first] = this.layer.arguments;
    const head = first && wordOf(first);
    if (head && isLayerKind(head.name)) this.listener.report(place, diagnostics.missingColon(kind, head.name));
    else
      this.listener.unknownName(
        place,
        kind,
        similarWords(kind, [...layerKinds, ...settings, TRAINING, ...this.scope.blockNames]),
      );
    return { type: 'unknown' };
  }

  private readTrainingWord(word: string): Target {
    if (isTrainingWord(word)) return { type: 'training line', word };
    this.report(
      at(this.layer, 'kind'),
      diagnostics.unknownAttribute(word, TRAINING, similarWords(word, trainingWords), trainingWords),
    );
    return { type: 'unknown' };
  }

  private take(): Argument | undefined {
    return this.layer.arguments[this.next++];
  }

  private peekWord(): Reference | undefined {
    const argument = this.layer.arguments[this.next];
    return argument && wordOf(argument);
  }

  private readArguments(known: Readonly<Record<string, Attribute>>, owner: string): void {
    for (let argument = this.take(); argument; argument = this.take()) {
      const word = wordOf(argument);
      if (!word) this.readPositional(argument, owner);
      else if (word.name === FROM) this.readFrom(word);
      else if (Object.hasOwn(known, word.name) && !this.meansValue(word, known[word.name] as Attribute))
        this.readAttribute(word, known, owner);
      else if (this.scope.value(word.name) || Object.hasOwn(known, word.name)) this.readPositional(argument, owner);
      else if (isPositionalWord(word, known)) this.positional.push(word);
      else this.readUnknownWord(word, known, owner);
    }
  }

  /** `conv filters 3x3` in a block with a parameter `filters`: an attribute's name, but not followed by its value. */
  private meansValue(word: Reference, { positional, type }: Attribute): boolean {
    if (!positional) return false;
    const [next] = this.layer.arguments[this.next]?.values ?? [];
    if (!(this.scope.incomplete || this.scope.value(word.name)))
      // No such name; but `1x1` is no number of filters either.
      return next?.$type === 'SizeLiteral' && type.positionalAs === undefined;
    if (!next || next.$type === 'Reference') return next?.name !== word.name;
    const literal = literalValue(next);
    return literal !== undefined && type.parse(literal) === undefined;
  }

  private readPositional(argument: Argument, owner: string): void {
    const [value, surplus] = argument.values;
    if (surplus) this.report(at(surplus), diagnostics.unexpectedValue(surplus.$cstNode?.text ?? ',', owner));
    if (!value) return;
    this.bindNames(value);
    this.positional.push(value);
  }

  /** `from a, previous` */
  private readFrom(word: Reference): void {
    const argument = this.take();
    if (this.from) this.report(at(word), diagnostics.repeatedValue(FROM, this.layer.kind));
    this.from = [];
    for (const value of argument?.values ?? []) {
      if (value.$type === 'Reference') this.from.push(value);
      else this.report(at(value), diagnostics.invalidValue(FROM, 'names of layers', value.$cstNode?.text ?? ''));
    }
    if (!argument) this.report(at(word), diagnostics.missingAttributeValue(FROM, 'names of layers, or previous'));
  }

  private readAttribute(word: Reference, known: Readonly<Record<string, Attribute>>, owner: string): void {
    const attribute = known[word.name] as Attribute;
    const value = this.readAttributeValue(attribute, known);
    if (value === undefined) {
      this.report(at(word), diagnostics.missingAttributeValue(word.name, attribute.type.expects));
      return;
    }
    if (this.attributes.has(word.name)) {
      this.report(at(word), diagnostics.repeatedValue(word.name, owner));
      return;
    }
    this.attributes.set(word.name, { name: word.name, word, value });
    if (!value) return;
    if (value.$type !== 'Reference') this.bindNames(value);
    else if (!attribute.type.suggestions.includes(value.name)) this.readNamedValue(word.name, attribute, value);
  }

  /** A name as the value of an attribute: a constant, or a slip in one of the attribute's words. */
  private readNamedValue(name: string, attribute: Attribute, value: Reference): void {
    const words = attribute.type.suggestions.filter(isPlainWord);
    if (this.scope.value(value.name) || words.length === 0) this.bindNames(value);
    else
      this.report(
        at(value),
        diagnostics.invalidValue(name, attribute.type.expects, value.name, similarWords(value.name, words)),
      );
  }

  /** The value after an attribute's name; null for a flag that stands alone, undefined where a value is missing. */
  private readAttributeValue(
    attribute: Attribute,
    known: Readonly<Record<string, Attribute>>,
  ): Expression | null | undefined {
    const word = this.peekWord();
    const isAttribute = word && (word.name === FROM || Object.hasOwn(known, word.name));
    const isValue = word && (attribute.type.suggestions.includes(word.name) || this.scope.value(word.name));
    if (this.next >= this.layer.arguments.length || (isAttribute && !isValue)) return attribute.flag ? null : undefined;
    const argument = this.take();
    const surplus = argument?.values[1];
    if (surplus) this.report(at(surplus), diagnostics.unexpectedValue(surplus.$cstNode?.text ?? ',', this.layer.kind));
    return argument?.values[0];
  }

  private readUnknownWord(word: Reference, known: Readonly<Record<string, Attribute>>, owner: string): void {
    const names = Object.keys(known);
    const slots = names.filter((name) => known[name]?.positional).length;
    const couldBeValue = slots > this.positional.length;
    const similar = similarWords(word.name, [...names, FROM]);
    if (isLayerKind(word.name) || this.scope.block(word.name))
      this.report(at(word), diagnostics.twoStatementsOnALine(word.name));
    else if (similar.length === 0 && couldBeValue) {
      const wanted = Object.values(known).find(
        ({ positional, type }) => positional && type.suggestions.some(isPlainWord),
      );
      if (wanted) {
        const { suggestions, expects } = wanted.type;
        this.report(
          at(word),
          diagnostics.invalidValue(owner, expects, word.name, similarWords(word.name, suggestions)),
        );
        return;
      }
      if (!this.broken) this.listener.unknownName(at(word), word.name, similarWords(word.name, this.scope.valueNames));
      this.broken = true;
      return;
    } else this.report(at(word), diagnostics.unknownAttribute(word.name, owner, similar, names));
    // What follows belongs to the word that is not known.
    for (let next = this.peekWord(); this.next < this.layer.arguments.length; next = this.peekWord()) {
      if (next && (next.name === FROM || Object.hasOwn(known, next.name))) return;
      this.next++;
    }
  }

  private readCall(): void {
    const [first] = this.layer.arguments;
    const call = first?.values[0];
    if (call?.$type === 'Tuple' && first?.values.length === 1) {
      this.next++;
      this.entries = call.entries;
      for (const entry of call.entries) if (entry.value) this.bindNames(entry.value);
    }
    this.readArguments({}, this.layer.kind);
    const [surplus] = this.positional;
    if (surplus) this.report(at(surplus), diagnostics.argumentOutside(surplus.$cstNode?.text ?? '', this.layer.kind));
  }

  private readSetting(name: Setting): void {
    const [value, surplus] = this.layer.arguments.flatMap((argument) => argument.values);
    if (value?.$type !== 'TextLiteral') {
      const place = value ? at(value) : at(this.layer, 'kind');
      this.report(
        place,
        value
          ? diagnostics.invalidValue(name, 'a file name in double quotes', value.$cstNode?.text ?? '')
          : diagnostics.missingAttributeValue(name, 'a file name in double quotes'),
      );
    } else this.positional.push(value);
    if (surplus) this.report(at(surplus), diagnostics.unexpectedValue(surplus.$cstNode?.text ?? '', name));
  }

  /** Ties the names in an expression to what they mean. */
  private bindNames(expression: Expression): void {
    if (isLiteral(expression)) return;
    this.hasNames = true;
    const unknownName: LineListener['unknownName'] = (...name) => {
      if (!this.broken) this.listener.unknownName(...name);
      this.broken = true;
    };
    bindNames(expression, this.scope, { ...this.listener, unknownName });
  }
}

/** The layer that a line goes on with: one that begins with an attribute of the layer just above. */
export function continuedLayer(line: Layer): Layer | undefined {
  const { kind, $container: body, $containerIndex: index = 0 } = line;
  if (isLayerKind(kind) || body.$type !== 'Body') return undefined;
  const above = body.statements[index - 1];
  const takesIt =
    above?.$type === 'Layer' && isLayerKind(above.kind) && Object.hasOwn(catalogue[above.kind].attributes, kind);
  return takesIt ? above : undefined;
}

/** Ties every name in an expression to its declaration; true when one has none. */
export function bindNames(expression: Expression, scope: LineScope, listener: LineListener): boolean {
  switch (expression.$type) {
    case 'Reference': {
      // After a slip the parser may leave a name out.
      if (expression.name === undefined) return true;
      const declaration = scope.value(expression.name);
      if (declaration) listener.bind(at(expression), declaration);
      else listener.unknownName(at(expression), expression.name, similarWords(expression.name, scope.valueNames));
      return declaration === undefined;
    }
    case 'Tuple':
      return expression.entries.map((entry) => entry.value && bindNames(entry.value, scope, listener)).includes(true);
    case 'Call':
      return expression.arguments.map((argument) => bindNames(argument, scope, listener)).includes(true);
    case 'Unary':
      return expression.operand ? bindNames(expression.operand, scope, listener) : false;
    case 'BinaryExpression':
      return [expression.left, expression.right].map((side) => side && bindNames(side, scope, listener)).includes(true);
    default:
      return false;
  }
}

const isPlainWord = (suggestion: string): boolean => /^[a-z]/.test(suggestion);

/** A word that an attribute takes without its name: the `adam` of `optimiser adam`. */
const isPositionalWord = ({ name }: Reference, known: Readonly<Record<string, Attribute>>): boolean =>
  Object.values(known).some(({ positional, type }) => positional && type.suggestions.includes(name));

const isLiteral = ({ $type }: Expression): boolean =>
  $type === 'NumberLiteral' || $type === 'SizeLiteral' || $type === 'TextLiteral' || $type === 'BooleanLiteral';

/** The single word that an argument is; undefined for values and lists. */
const wordOf = (argument: Argument): Reference | undefined => {
  const [value] = argument.values;
  return argument.values.length === 1 && value?.$type === 'Reference' && value.name !== undefined ? value : undefined;
};
