import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FirstLetters } from '../../src/extension/first-letters.js';

const uri = 'file:///n.convnet';
const place = { line: 2, character: 9 };

describe('the first letter of a word after a space', () => {
  const suggest = vi.fn();
  let letters: FirstLetters;
  beforeEach(() => {
    vi.useFakeTimers();
    suggest.mockReset();
    letters = new FirstLetters(suggest);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** A request that is answered by hand. */
  function ask(trigger?: string) {
    let answer: (items: unknown) => void = () => {};
    const asked = letters.ask(uri, place, trigger, () => new Promise((resolve) => (answer = resolve)));
    return { asked, answer: (items: unknown) => answer(items) };
  }

  it('has suggestions, though nothing had to follow the space, and VS Code waited for that', async () => {
    const { asked, answer } = ask(' ');
    const typed = letters.typed(uri, place, 's');
    expect(suggest).not.toHaveBeenCalled();
    answer({ isIncomplete: false, items: [] });
    await typed;
    expect(await asked).toEqual({ isIncomplete: false, items: [] });
    expect(suggest).toHaveBeenCalledOnce();
  });

  it('has them, too, where the answer is on its way to the screen; later VS Code asks by itself', async () => {
    const { answer } = ask(' ');
    answer(undefined);
    await vi.advanceTimersByTimeAsync(499);
    await letters.typed(uri, place, 's');
    expect(suggest).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(1);
    await letters.typed(uri, place, 's');
    expect(suggest).toHaveBeenCalledOnce();
  });

  it('is left alone where something must follow, in another place, and for what begins no word', async () => {
    const { answer } = ask(' ');
    answer([{ label: '2' }]);
    await letters.typed(uri, place, 's');
    ask(' ').answer([]);
    await letters.typed(uri, { line: 2, character: 10 }, 's');
    await letters.typed('file:///other.convnet', place, 's');
    for (const text of ['2', ' ', '\n', 'stride', '']) await letters.typed(uri, place, text);
    expect(suggest).not.toHaveBeenCalled();
  });

  it('is VS Code’s business where it was asked for another reason', async () => {
    ask('(').answer([]);
    ask().answer([]);
    await letters.typed(uri, place, 's');
    expect(suggest).not.toHaveBeenCalled();
  });
});
