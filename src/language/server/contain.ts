import { isOperationCancelled } from 'langium';
import { type Connection, MessageType, ResponseError, ShowMessageNotification } from 'vscode-languageserver';

/** What takes longer is given up: somebody waits for it. */
const MOST_MILLISECONDS = 10_000;

/**
 * A feature whose methods never fail: one that throws, or does not come to an end, answers `otherwise`. The user is told
 * once a session, with the details in the output; all else goes on.
 */
export function contain<T extends object>(
  name: string,
  feature: T,
  connection: () => Connection | undefined,
  otherwise?: unknown,
): T {
  let isTold = false;
  const fail = (what: string, error?: unknown): unknown => {
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error ?? '');
    connection()?.console.error(`${name} ${what}. ${details}`);
    const message = `ConvNet: ${name} ${what}; all else goes on. See the output.`;
    if (!isTold)
      void connection()?.sendNotification(ShowMessageNotification.type, { type: MessageType.Warning, message });
    isTold = true;
    return otherwise;
  };
  const answer = (error: unknown): unknown => {
    if (isOperationCancelled(error) || error instanceof ResponseError) throw error;
    return fail('failed', error);
  };
  const call = (method: Method, parameters: unknown[]): unknown => {
    try {
      const result = method.apply(feature, parameters);
      return result instanceof Promise ? inTime(result, () => fail('took too long')).catch(answer) : result;
    } catch (error) {
      return answer(error);
    }
  };
  return new Proxy(feature, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (...parameters: unknown[]) => call(value as Method, parameters) : value;
    },
  });
}

type Method = (...parameters: unknown[]) => unknown;

function inTime(result: Promise<unknown>, late: () => unknown): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout>;
  const limit = new Promise((resolve) => {
    timer = setTimeout(() => resolve(late()), MOST_MILLISECONDS);
  });
  return Promise.race([result, limit]).finally(() => clearTimeout(timer));
}

/** `InlayHintProvider` → `Inlay hint` */
export const titleOf = (service: string): string =>
  service.replace(/Provider$/, '').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
