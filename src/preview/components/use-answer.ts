import { useLayoutEffect, useState } from 'preact/hooks';
import type { Question, Questions } from '../worker-protocol.js';
import { useModel } from './context.js';

/**
 * The worker's answer to a question, asked again when it or the version of what it is about changes. The answer before
 * stays until the new one is there.
 */
export function useAnswer<Q extends Question>(
  question: Q,
  about: Questions[Q]['ask'] | null,
  version: number | undefined,
): Questions[Q]['answer'] | null {
  const { engine } = useModel();
  const [answer, setAnswer] = useState<Questions[Q]['answer'] | null>(null);
  const key = about && version !== undefined ? JSON.stringify([about, version]) : null;
  useLayoutEffect(() => {
    if (!about || key === null) return;
    let overtaken = false;
    void engine.ask(question, about).then((found) => {
      if (!overtaken) setAnswer(found);
    });
    return () => {
      overtaken = true;
    };
  }, [engine, question, key]);
  return answer;
}
