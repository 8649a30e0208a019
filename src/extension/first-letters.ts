/** How long after an answer VS Code may still be busy with it. */
const SOON = 500;

interface Place {
  readonly line: number;
  readonly character: number;
}

interface Asked {
  readonly uri: string;
  readonly place: Place;
  /** Whether nothing was suggested there. */
  readonly isEmpty: Promise<boolean>;
}

/**
 * VS Code asks what must follow a space, and asks nothing else before the answer is there: a word that was begun meanwhile had no
 * suggestions up to its second letter, where nothing must follow. This has it ask at the first.
 */
export class FirstLetters {
  private asked: Asked | undefined;

  constructor(private readonly suggest: () => void) {}

  /** Asks on, and remembers it when it was a space that VS Code asked about. */
  ask<T>(uri: string, place: Place, trigger: string | undefined, next: () => Promise<T>): Promise<T> {
    const answer = next();
    if (trigger !== ' ') return answer;
    const asked: Asked = { uri, place, isEmpty: answer.then(isEmpty, () => true) };
    this.asked = asked;
    const forget = () => {
      if (this.asked === asked) this.asked = undefined;
    };
    void asked.isEmpty.then(() => setTimeout(forget, SOON));
    return answer;
  }

  /** To be told of what is written, and where. */
  async typed(uri: string, { line, character }: Place, text: string): Promise<void> {
    const { asked } = this;
    if (!asked || !/^[\p{L}_]$/u.test(text)) return;
    if (asked.uri !== uri || asked.place.line !== line || asked.place.character !== character) return;
    if (await asked.isEmpty) this.suggest();
  }
}

function isEmpty(answer: unknown): boolean {
  const items = (answer as { readonly items?: unknown } | null | undefined)?.items ?? answer;
  return !Array.isArray(items) || items.length === 0;
}
