/** A state failed: `error` is what Retry and Catch match, `cause` is for people. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly error: string;
  override readonly cause: string | undefined;
  /** the field whose expression failed, where one did */
  readonly location: string | undefined;
  constructor(error: string, cause?: string, location?: string) {
    super(cause === undefined ? error : `${error}: ${cause}`);
    this.error = error;
    this.cause = cause;
    this.location = location;
  }
}

/** `$states.errorOutput` and the history's error details; Cause is left out where there is none. */
export interface ErrorOutput {
  readonly [key: string]: string;
  readonly Error: string;
}

export const errorOutput = (error: StateError): ErrorOutput =>
  error.cause === undefined ? { Error: error.error } : { Error: error.error, Cause: error.cause };

/** What no wildcard catches: docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether a retrier's or catcher's ErrorEquals takes this error name. */
export function matchesError(names: readonly string[], error: string): boolean {
  if (error === 'States.Runtime') return false;
  if (names.includes(error)) return true;
  if (terminal.has(error)) return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
}

/** @param otherwise the name of an error that has none of its own */
export const toStateError = (error: unknown, otherwise: string): StateError =>
  error instanceof StateError
    ? error
    : new StateError(otherwise, error instanceof Error ? error.message : String(error));
