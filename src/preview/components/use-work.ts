import { useEffect, useState } from 'preact/hooks';
import type { Question, Questions } from '../worker-protocol.js';
import { useModel } from './context.js';

export interface Working<Q extends Question> {
  /** Of the last question that was answered, which may be another than the one asked now: it stays until there is a new one. */
  readonly answer: Questions[Q]['answer'] | null;
  /** What {@link answer} is about. */
  readonly answered: Questions[Q]['ask'] | null;
  /** How far the answer under way is, between 0 and 1; null where none is. */
  readonly fraction: number | null;
  /** The user gave the last question up. */
  readonly cancelled: boolean;
  readonly cancel: () => void;
  readonly again: () => void;
}

/** The worker's answer to a question that may take a while; null asks nothing. A new question gives the one before up. */
export function useWork<Q extends Question>(question: Q, about: Questions[Q]['ask'] | null): Working<Q> {
  const { engine } = useModel();
  const [found, setFound] = useState<Pick<Working<Q>, 'answer' | 'answered'> | null>(null);
  const [fraction, setFraction] = useState<number | null>(null);
  const [cancelled, setCancelled] = useState<string | null>(null);
  const key = about && JSON.stringify(about);
  const isCancelled = cancelled !== null && cancelled === key;
  useEffect(() => {
    if (!about || isCancelled) return;
    const stop = new AbortController();
    setFraction(0);
    void engine.ask(question, about, { signal: stop.signal, onProgress: setFraction }).then((answer) => {
      setFound({ answer, answered: about });
      setFraction(null);
    });
    return () => {
      stop.abort();
      setFraction(null);
    };
  }, [engine, question, key, isCancelled]);
  return {
    answer: (about && found?.answer) ?? null,
    answered: (about && found?.answered) ?? null,
    fraction,
    cancelled: isCancelled,
    cancel: () => setCancelled(key),
    again: () => setCancelled(null),
  };
}
