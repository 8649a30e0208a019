/** What the engine cannot do; the message is for the user. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
