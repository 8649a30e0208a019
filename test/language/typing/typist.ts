import type { CompletionItem } from 'vscode-languageserver-types';
import { type Editor, readSnippet } from './editor.js';

/** How far down the list somebody looks. */
const MOST_DOWN = 2;

/**
 * Writes a text as somebody would who knows what is to stand there and takes the help that is shown: where one of the
 * first suggestions goes on as the text does and saves a key, it is taken. Nothing else is pressed than what is needed.
 */
export async function write(editor: Editor, target: string): Promise<void> {
  for (let steps = 0; editor.text !== target; steps++) {
    if (steps > 2 * target.length) throw new Error(`Got stuck after:\n${editor.text.slice(0, editor.caret)}`);
    await editor.press(nextKey(editor, target));
  }
}

function nextKey(editor: Editor, target: string): string {
  const { before, following } = editor;
  if (!target.startsWith(before))
    throw new Error(`This is not in the text:\n${before}\nafter ${editor.strokes.map(({ key }) => key).join(' ')}`);
  const rest = target.slice(before.length);
  const [wanted] = contentsOf(rest, ['', ...following]) ?? [];
  if (wanted === undefined) throw new Error(`After\n${before}\nnothing leads to\n${rest}\nby way of ${following}`);
  const isFilled = wanted === editor.selection;
  if (isFilled && editor.isInSnippet) return editor.suggestions.length > 0 ? 'Escape' : 'Tab';
  if (wanted === '') return keyOver(editor);
  const down = usefulSuggestion(editor, rest, following);
  if (down !== undefined) return down > 0 ? 'Down' : 'Tab';
  const [next = ''] = wanted;
  if (next !== '\n') return next;
  return editor.suggestions.length > 0 ? 'Escape' : 'Enter';
}

/** Past what closes the place that has been filled. */
function keyOver({ text, caret }: Editor): string {
  const [next = ''] = text.slice(caret);
  return next === '\n' ? 'Down' : '})"'.includes(next) ? next : 'End';
}

/** How far down the suggestion stands that goes on as the text does and saves most keys. */
function usefulSuggestion(editor: Editor, rest: string, following: readonly string[]): number | undefined {
  const saved = editor.suggestions
    .slice(0, MOST_DOWN + 1)
    .map((item, down) => (savedBy(item, editor, rest, following) ?? 0) - down - 1);
  const most = Math.max(...saved);
  return most > 0 ? saved.indexOf(most) : undefined;
}

/** How many characters a suggestion writes that are wanted, less the keys that its places take. */
function savedBy(
  item: CompletionItem,
  editor: Editor,
  rest: string,
  [next = '', ...others]: readonly string[],
): number | undefined {
  const { text, stops } = readSnippet(editor.indented(item));
  const typed = editor.typedOf(item);
  const literals = stops.map(({ start }, i) => text.slice(stops[i - 1]?.end ?? 0, start));
  const last = text.slice(stops.at(-1)?.end ?? 0);
  if (!literals[0]?.startsWith(typed) && typed !== '') return undefined;
  const [first = '', ...more] = literals;
  const contents = contentsOf(rest, [first.slice(typed.length), ...more, last + next, ...others]);
  if (!contents) return undefined;
  const written = [...literals, last].join('').length - typed.length;
  const defaults = stops.reduce((sum, { start, end }, i) => {
    const isRight = contents[i] === text.slice(start, end);
    return isRight ? sum + (end - start) : sum;
  }, 0);
  return written + defaults - (stops.length - 1);
}

/**
 * What stands between pieces of a text, each as short as its brackets allow; undefined where the pieces are not in it. The
 * last piece need not be the end.
 */
function contentsOf(text: string, [first = '', ...pieces]: readonly string[]): readonly string[] | undefined {
  if (!text.startsWith(first)) return undefined;
  const contents: string[] = [];
  let from = first.length;
  for (const [i, piece] of pieces.entries()) {
    const isEnd = piece === '' && i === pieces.length - 1;
    const end = isEnd ? text.length : piece === '' ? endOfWord(text, from) : balancedBefore(text, from, piece);
    if (end < 0) return undefined;
    contents.push(text.slice(from, end));
    from = end + piece.length;
  }
  return contents;
}

/** Two places with nothing between: the first takes a word. */
const endOfWord = (text: string, from: number): number => from + (/^[^\s;)}]*/.exec(text.slice(from))?.[0].length ?? 0);

function balancedBefore(text: string, from: number, piece: string): number {
  let depth = 0;
  for (let at = from; at <= text.length; at++) {
    if (depth === 0 && text.startsWith(piece, at)) return at;
    if ('{('.includes(text[at] ?? ' ')) depth++;
    if ('})'.includes(text[at] ?? ' ')) depth--;
    if (depth < 0) return -1;
  }
  return -1;
}
