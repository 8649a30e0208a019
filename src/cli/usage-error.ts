/** The command cannot do what it was asked to; the message says what, where and what would work. Exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
