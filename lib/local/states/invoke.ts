import type { Json } from './json.ts';

/** Runs a function and gives its answer. @throws FunctionError, InvokeRefused */
export type Invoke = (functionArn: string, payload: Json) => Promise<unknown>;

/** The function threw, or ran out of its time (`errorType` is then `Sandbox.Timedout`). */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[] | undefined;
  constructor(errorType: string, errorMessage: string, trace?: readonly string[]) {
    super(`${errorType}: ${errorMessage}`);
    this.errorType = errorType;
    this.errorMessage = errorMessage;
    this.trace = trace;
  }
}

/** Lambda itself refused: `code` is its API's error, such as TooManyRequestsException or ResourceNotFoundException. */
export class InvokeRefused extends Error {
  override readonly name = 'InvokeRefused';
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
