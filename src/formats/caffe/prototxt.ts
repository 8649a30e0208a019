import { ImportError } from '../format.js';
import { Message } from '../protobuf/message.js';

/**
 * Protobuf's text format, in which Caffe's networks are written: `name: value`, `name { … }`, lists in brackets, `#` to the
 * end of the line. Values stay words; whoever asks for a field says what it is.
 */

const DEEPEST = 32;
const LONGEST = 32_000_000;

const token = /[ \t\r\n,;]+|#[^\n]*|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([\w.+-]+)|([{}<>:[\]/])/gy;

interface Token {
  readonly type: 'text' | 'word' | 'sign';
  readonly text: string;
  readonly place: string;
}

/** Reads a file. Throws an {@link ImportError} with line and column where it is none. */
export function parsePrototxt(source: string, file: string): Message {
  if (source.length > LONGEST) throw new ImportError(`${file}: the file is longer than ${LONGEST} characters`);
  return new Parser(source, file).parse();
}

class Parser {
  private next: Token | undefined;
  private position = 0;
  private line = 1;
  private lineStart = 0;

  constructor(
    private readonly source: string,
    private readonly file: string,
  ) {
    this.next = this.scan();
  }

  parse(): Message {
    return this.fields(undefined, 0);
  }

  private scan(): Token | undefined {
    while (this.position < this.source.length) {
      const at = this.position;
      token.lastIndex = at;
      const found = token.exec(this.source);
      if (!found) throw this.error(`${JSON.stringify(this.source[at])} has no meaning here`, this.placeOf(at));
      this.position = token.lastIndex;
      const [all, text, word, sign] = found;
      if (text !== undefined) return { type: 'text', text, place: this.placeOf(at) };
      if (word !== undefined) return { type: 'word', text: word, place: this.placeOf(at) };
      if (sign !== undefined) return { type: 'sign', text: sign, place: this.placeOf(at) };
      for (let i = all.indexOf('\n'); i >= 0; i = all.indexOf('\n', i + 1)) {
        this.line++;
        this.lineStart = at + i + 1;
      }
    }
    return undefined;
  }

  private take(): Token {
    const taken = this.next;
    if (!taken) throw this.error('the file ends in the middle of a message', this.placeOf(this.source.length));
    this.next = this.scan();
    return taken;
  }

  private takes(sign: string): boolean {
    if (this.next?.type !== 'sign' || this.next.text !== sign) return false;
    this.take();
    return true;
  }

  /** Fields up to `close`, or the end of the file. */
  private fields(close: string | undefined, depth: number): Message {
    const message = new Message(this.next?.place ?? this.file);
    if (depth > DEEPEST) throw this.error(`messages are nested deeper than ${DEEPEST} levels`, message.where);
    for (;;) {
      if (close === undefined ? this.next === undefined : this.takes(close)) return message;
      const name = this.take();
      if (name.type !== 'word')
        throw this.error(
          name.text === '}' || name.text === '>'
            ? `this ${name.text} closes nothing`
            : `the name of a field is missing before ${name.text}`,
          name.place,
        );
      const colon = this.takes(':');
      if (this.takes('[')) {
        while (!this.takes(']')) message.append(name.text, this.value(name, depth));
      } else {
        const opens = this.next?.text === '{' || this.next?.text === '<';
        if (!colon && !opens) throw this.error(`${name.text} needs a : and a value, or { … }`, name.place);
        message.append(name.text, this.value(name, depth));
      }
    }
  }

  private value(name: Token, depth: number): string | Message {
    const first = this.take();
    if (first.type === 'word') return first.text;
    if (first.type === 'sign') {
      if (first.text === '{') return this.fields('}', depth + 1);
      if (first.text === '<') return this.fields('>', depth + 1);
      throw this.error(`${name.text} has no value`, first.place);
    }
    // Neighbouring texts are one.
    let text = unquote(first.text);
    while (this.next?.type === 'text') text += unquote(this.take().text);
    return text;
  }

  private placeOf(at: number): string {
    return `${this.file}:${this.line}:${at - this.lineStart + 1}`;
  }

  private error(message: string, place: string): ImportError {
    return new ImportError(`${place}: ${message}`);
  }
}

const unquote = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, '$1');
