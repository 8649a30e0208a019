import { readFileSync } from 'node:fs';
import type { CompletionItem, CompletionList, TextEdit } from 'vscode-languageserver-types';
import type { Client } from '../server/client.js';

/**
 * What VS Code does with the keys somebody presses, as far as it matters for writing a network with its default settings
 * and those that the extension contributes: typing, closing brackets by themselves, indentation, the list of suggestions
 * and snippets. It asks a language server as VS Code would. Every key counts, keys held down with others as well.
 */
export class Editor {
  text = '';
  caret = 0;
  /** What was pressed, in its order, and what it did. */
  readonly strokes: Stroke[] = [];
  /** What is selected ends at the caret. */
  private selected = 0;
  private list: Suggestions | undefined;
  private stops: Stop[] = [];
  private stop = 0;
  /** Where closing brackets stand that came by themselves: typing one goes over it. */
  private closers: number[] = [];

  private constructor(
    private readonly client: Client,
    private readonly name: string,
    readonly uri: string,
  ) {}

  static async open(client: Client, name: string): Promise<Editor> {
    return new Editor(client, name, await client.write(name, ''));
  }

  /** The suggestions that are shown, the first of them chosen. */
  get suggestions(): readonly CompletionItem[] {
    return this.list?.shown ?? [];
  }

  get isInSnippet(): boolean {
    return this.stops.length > 0;
  }

  get selection(): string {
    return this.text.slice(this.caret - this.selected, this.caret);
  }

  /** What stands before the caret, or before what is selected there. */
  get before(): string {
    return this.text.slice(0, this.caret - this.selected);
  }

  /** What stands after it, up to the next place that is to be filled in; of the last, up to what closes it. */
  get following(): readonly string[] {
    const places = this.stops.slice(this.stop + 1);
    const between = places.map(({ start }, i) => this.text.slice(places[i - 1]?.end ?? this.caret, start));
    const rest = this.text.slice(places.at(-1)?.end ?? this.caret);
    return [...between, /^[^})]*[})]/.exec(rest)?.[0] ?? rest];
  }

  /** What has been typed of a suggestion. */
  typedOf({ textEdit }: CompletionItem): string {
    return textEdit && 'range' in textEdit ? this.text.slice(this.offsetOf(textEdit.range.start), this.caret) : '';
  }

  /** The snippet of a suggestion, its lines moved to where it would stand. */
  indented({ textEdit }: CompletionItem): string {
    const before = this.before;
    const indent = /^ */.exec(before.slice(before.lastIndexOf('\n') + 1))?.[0] ?? '';
    return (textEdit?.newText ?? '').replaceAll('\n', `\n${indent}`).replaceAll('\t', '  ');
  }

  async press(key: string): Promise<void> {
    await this.do(key);
    this.strokes.push({ key, text: this.text, chosen: this.suggestions[0]?.label });
  }

  private async do(key: string): Promise<void> {
    switch (key) {
      case 'Tab':
        if (this.list) return this.accept();
        if (this.isInSnippet) return this.nextStop();
        return this.insert('  ');
      case 'Enter':
        return this.list ? this.accept() : this.breakLine();
      case 'Escape':
        if (this.list) this.list = undefined;
        else this.endSnippet();
        return;
      case 'Down':
        if (this.list) this.list.shown.push(this.list.shown.shift() as CompletionItem);
        else this.moveTo(this.endOfLine(this.endOfLine(this.caret) + 1));
        return;
      case 'End':
        this.moveTo(this.endOfLine(this.caret));
        return;
      case 'Ctrl+Space':
        return this.suggest();
      default:
        if ([...key].length !== 1) throw new Error(`There is no key ${key}`);
        return this.type(key);
    }
  }

  // — Typing —

  private async type(character: string): Promise<void> {
    if (this.selected === 0 && this.closers.includes(this.caret) && this.text[this.caret] === character) {
      this.closers = this.closers.filter((at) => at !== this.caret);
      this.caret++;
      this.list = undefined;
      return;
    }
    const isAlone = /^[\s;:.,=}\])>]?$/.test(this.text[this.caret] ?? '');
    this.insert(character);
    const closer = closers[character];
    if (closer !== undefined && isAlone) {
      this.replace(this.caret, this.caret, closer);
      this.closers.push(this.caret);
    }
    if (character === '}') this.outdent();
    await this.client.write(this.name, this.text);
    if (this.list && !this.list.narrow((item) => this.typedOf(item))) this.list = undefined;
    if (triggers.has(character)) return this.suggest(character);
    if (!this.list && this.word !== '' && Number.isNaN(Number(this.word))) return this.suggest();
  }

  private insert(characters: string): void {
    const start = this.caret - this.selected;
    this.replace(start, this.caret, characters);
    this.caret = start + characters.length;
    this.selected = 0;
  }

  private breakLine(): void {
    const before = this.text.slice(0, this.caret);
    const indent = /^[ \t]*/.exec(before.slice(before.lastIndexOf('\n') + 1))?.[0] ?? '';
    const opens = /\{[ \t]*$/.test(before);
    const closes = /^[ \t]*\}/.test(this.text.slice(this.caret));
    this.insert(`\n${indent}${opens ? '  ' : ''}`);
    if (opens && closes) this.replace(this.caret, this.caret, `\n${indent}`);
  }

  /** A brace that is alone on its line goes back by a step. */
  private outdent(): void {
    const start = this.text.lastIndexOf('\n', this.caret - 1) + 1;
    if (!/^ +\}$/.test(this.text.slice(start, this.caret))) return;
    this.replace(start, start + 2, '');
  }

  /** Changes the text; whatever is remembered of places in it moves along. */
  private replace(start: number, end: number, characters: string): void {
    this.text = this.text.slice(0, start) + characters + this.text.slice(end);
    const shift = characters.length - (end - start);
    this.closers = this.closers.map((at) => (at >= end ? at + shift : at));
    // The place that is being filled grows; those that come later move along.
    for (const [i, stop] of this.stops.entries()) {
      if (i > this.stop ? stop.start >= end : stop.start > end) stop.start += shift;
      if (stop.end >= end) stop.end += shift;
    }
    if (this.caret > end) this.caret += shift;
  }

  private moveTo(offset: number): void {
    this.caret = offset;
    this.selected = 0;
    this.list = undefined;
    this.endSnippet();
  }

  private endOfLine(from: number): number {
    const end = this.text.indexOf('\n', from);
    return end < 0 ? this.text.length : end;
  }

  // — Suggestions —

  /** The word before the caret, by the pattern that VS Code is told. */
  private get word(): string {
    const line = this.before.slice(this.before.lastIndexOf('\n') + 1);
    return [...line.matchAll(wordPattern)].find(({ 0: word, index }) => index + word.length === line.length)?.[0] ?? '';
  }

  private async suggest(trigger?: string): Promise<void> {
    await this.client.write(this.name, this.text);
    const found = await this.client.connection.sendRequest<CompletionList | null>('textDocument/completion', {
      textDocument: { uri: this.uri },
      position: this.positionOf(this.caret),
      context: trigger === undefined ? { triggerKind: 1 } : { triggerKind: 2, triggerCharacter: trigger },
    });
    const list = new Suggestions(found?.items ?? []);
    this.list = list.narrow((item) => this.typedOf(item)) ? list : undefined;
  }

  private async accept(): Promise<void> {
    const [item] = this.suggestions;
    this.list = undefined;
    if (!item?.textEdit || !('range' in item.textEdit)) throw new Error('Nothing to accept');
    const { range } = item.textEdit;
    const start = this.offsetOf(range.start);
    const { text, stops } = readSnippet(this.indented(item));
    this.replace(start, this.caret, text);
    this.caret = start + text.length;
    this.selected = 0;
    // A single place at the end is none; a snippet inside another one comes before what is left of that.
    if (stops.length > 1 || stops[0]?.start !== text.length) {
      const placed = stops.map(({ start: from, end }) => ({ start: start + from, end: start + end }));
      this.stops = [...placed, ...this.stops.slice(this.stop + 1)];
      this.goTo(0);
    }
    for (const edit of item.additionalTextEdits ?? []) this.applyElsewhere(edit);
    await this.client.write(this.name, this.text);
    if (item.command?.command === 'editor.action.triggerSuggest') await this.suggest();
  }

  private applyElsewhere({ range, newText }: TextEdit): void {
    const [start, end] = [this.offsetOf(range.start), this.offsetOf(range.end)];
    this.replace(start, end, newText);
  }

  // — Snippets —

  private nextStop(): void {
    if (this.stop + 1 < this.stops.length) this.goTo(this.stop + 1);
    else this.endSnippet();
  }

  private goTo(index: number): void {
    const { start, end } = this.stops[index] as Stop;
    this.stop = index;
    this.caret = end;
    this.selected = end - start;
    // The last place ends the snippet.
    if (index === this.stops.length - 1) this.endSnippet();
  }

  private endSnippet(): void {
    this.stops = [];
    this.stop = 0;
  }

  private positionOf(offset: number) {
    const before = this.text.slice(0, offset);
    return { line: before.split('\n').length - 1, character: offset - before.lastIndexOf('\n') - 1 };
  }

  private offsetOf({ line, character }: { line: number; character: number }): number {
    const lines = this.text.split('\n').slice(0, line);
    return lines.reduce((sum, text) => sum + text.length + 1, 0) + character;
  }
}

/** A key, or more than one that are held down together. */
interface Stroke {
  readonly key: string;
  /** What is written after it. */
  readonly text: string;
  /** The suggestion that is chosen after it; none where none are shown. */
  readonly chosen: string | undefined;
}

/** How many keys they take. */
export const keysOf = (strokes: readonly Stroke[]): number =>
  strokes.reduce((sum, { key }) => sum + (key === '+' ? 1 : key.split('+').length), 0);

const configuration = new URL('../../../language/language-configuration.json', import.meta.url);
const { pattern, flags } = JSON.parse(readFileSync(configuration, 'utf8')).wordPattern;
const wordPattern = new RegExp(pattern, `g${flags}`);

const closers: Readonly<Record<string, string>> = { '{': '}', '(': ')', '"': '"' };
const triggers: ReadonlySet<string> = new Set([' ', '"', '(', '=']);

interface Stop {
  start: number;
  end: number;
}

/** `conv ${1:16} ${2:5x5}`: its text and its places, the last one where the cursor ends. Repeated places are not written. */
export function readSnippet(snippet: string): { text: string; stops: Stop[] } {
  const places: { stop: number; start: number; end: number }[] = [];
  let text = '';
  let from = 0;
  const filled = new Map<string, string>();
  for (const match of snippet.matchAll(/\$\{(\d):([^}]*)\}|\$(\d)/g)) {
    text += snippet.slice(from, match.index);
    from = match.index + match[0].length;
    const number = match[1] ?? match[3] ?? '0';
    const isRepeated = filled.has(number);
    const content = match[2] ?? filled.get(number) ?? '';
    filled.set(number, content);
    if (!isRepeated) places.push({ stop: Number(number), start: text.length, end: text.length + content.length });
    text += content;
  }
  text += snippet.slice(from);
  if (!places.some(({ stop }) => stop === 0)) places.push({ stop: 0, start: text.length, end: text.length });
  places.sort((a, b) => (a.stop || 99) - (b.stop || 99));
  return { text, stops: places.map(({ start, end }) => ({ start, end })) };
}

/** The list of suggestions: what the text before the caret matches, by how well it does and then as the server sorts it. */
class Suggestions {
  shown: CompletionItem[] = [];

  constructor(private readonly items: readonly CompletionItem[]) {}

  /** Whether anything is left for what has been typed of each. */
  narrow(typedOf: (item: CompletionItem) => string): boolean {
    const ranked = this.items
      .map((item) => ({ item, rank: rankOf(typedOf(item), item.filterText ?? item.label) }))
      .filter(({ rank }) => rank < Number.POSITIVE_INFINITY)
      .sort((a, b) => a.rank - b.rank || ((a.item.sortText ?? '') < (b.item.sortText ?? '') ? -1 : 1));
    this.shown = ranked.map(({ item }) => item);
    return this.shown.length > 0;
  }
}

/** 0 for a beginning, 1 for one in other letters, more for letters in order; infinite where they are not there. */
function rankOf(word: string, label: string): number {
  if (label.startsWith(word)) return 0;
  const [small, low] = [word.toLowerCase(), label.toLowerCase()];
  if (low.startsWith(small)) return 1;
  let at = -1;
  let gaps = 0;
  for (const letter of small) {
    const next = low.indexOf(letter, at + 1);
    if (next < 0) return Number.POSITIVE_INFINITY;
    gaps += next - at - 1;
    at = next;
  }
  return 2 + gaps;
}
