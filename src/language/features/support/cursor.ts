/**
 * Where in the text a cursor stands, read from the characters before it: while a line is being typed there is no syntax
 * tree of it to ask.
 */

export interface Cursor {
  /** The words and signs of the statement before the one at the cursor. */
  readonly words: readonly string[];
  /** The beginning of the word at the cursor; empty between words. */
  readonly partial: string;
  /** What the braces around the cursor belong to, the innermost last: the words before each `{`. */
  readonly bodies: readonly (readonly string[])[];
  /** The words before each `(` that is open within the statement, the innermost last. */
  readonly parentheses: readonly (readonly string[])[];
  /** Inside a comment nothing is offered; inside quotes only what can stand there. */
  readonly inside: 'code' | 'comment' | 'text';
  /** Where the statement begins. */
  readonly start: number;
}

const tokens =
  /\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)|"[^"\r\n]*"?|[\p{L}_][\p{L}\p{N}_]*|[0-9][\w.]*|\r\n|\.\.|[=<>!]=|\S|[\r\n]/gu;
const lineComment = /^\/\//;
const wordLike = /[\p{L}\p{N}_.]$/u;

/** Reads the text from the last declaration at the start of a line up to the cursor. */
export function cursorAt(text: string, offset: number): Cursor {
  const from = regionStart(text, offset);
  const bodies: string[][] = [];
  const parentheses: string[][] = [];
  let words: string[] = [];
  let start = from;
  let inside: Cursor['inside'] = 'code';
  let last = { text: '', end: -1 };
  const restart = (at: number) => {
    words = [];
    start = at;
  };
  for (const match of text.slice(from, offset).matchAll(tokens)) {
    const token = match[0];
    const end = from + match.index + token.length;
    last = { text: token, end };
    if (token.startsWith('//') || token.startsWith('/*')) {
      const open = lineComment.test(token) || !token.endsWith('*/');
      inside = open && end === offset ? 'comment' : 'code';
      continue;
    }
    inside = token.startsWith('"') && end === offset && (token.length === 1 || !token.endsWith('"')) ? 'text' : 'code';
    if (token === '(') parentheses.push([...words]);
    else if (token === ')') parentheses.pop();
    if (token === '{') {
      bodies.push(words);
      parentheses.length = 0;
      restart(end);
    } else if (token === '}') {
      bodies.pop();
      parentheses.length = 0;
      restart(end);
    } else if (token === ';' || (/[\r\n]/.test(token) && parentheses.length === 0)) restart(end);
    else if (!/[\r\n]/.test(token)) words.push(token);
  }
  const touches = last.end === offset && inside === 'code' && words.at(-1) === last.text && wordLike.test(last.text);
  const partial = inside === 'text' ? last.text : touches ? last.text : '';
  if (partial !== '') words.pop();
  return { words, partial, bodies, parentheses, inside, start };
}

/** The last line before the cursor that begins with a declaration: braces further up do not matter. */
function regionStart(text: string, offset: number): number {
  const before = text.slice(0, offset);
  let start = 0;
  for (const match of before.matchAll(/^[ \t]*(?:network|block|const|import)\b/gm)) start = match.index;
  return start;
}
