import { CancellationError, type CancellationToken, CancellationTokenSource } from 'vscode';
import type { MessageSignature } from 'vscode-languageclient';

/** What takes longer helps nobody who is typing. */
const LONGEST_REQUEST = 30_000;

type Signature = string | MessageSignature;

/** The language client's own way of sending a request, and what stands before it. */
type Send = <P, R>(
  type: Signature,
  parameter: P | undefined,
  token: CancellationToken | undefined,
  next: (type: Signature, parameter?: P, token?: CancellationToken) => Promise<R>,
) => Promise<R>;

/**
 * Sends requests on, and gives up one that the server is stuck with: it is cancelled there and here, and the editor goes
 * on without. `stuck` is told its name and for how many seconds it was waited.
 */
export const patiently =
  (stuck: (request: string, seconds: number) => void, longest = LONGEST_REQUEST): Send =>
  async (type, parameter, token, next) => {
    const source = new CancellationTokenSource();
    const following = token?.onCancellationRequested(() => source.cancel());
    if (token?.isCancellationRequested) source.cancel();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        stuck(typeof type === 'string' ? type : type.method, longest / 1000);
        source.cancel();
        reject(new CancellationError());
      }, longest);
    });
    try {
      return await Promise.race([next(type, parameter, source.token), tooLong]);
    } finally {
      clearTimeout(timer);
      following?.dispose();
      source.dispose();
    }
  };
