/** A function's failure as Lambda answers it in the payload. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace?: readonly string[];
}

/** How an invocation ended that Lambda accepted: with the function's answer as JSON, or with its failure. */
export type InvocationResult = { payload: string } | { error: FunctionError };

/** Lambda itself refused the invocation; the function never saw it. `name` is the service's own. */
export class InvocationRefused extends Error {
  override readonly name: 'TooManyRequestsException' | 'RequestTooLargeException' | 'ResourceNotFoundException';
  constructor(name: InvocationRefused['name'], message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * Invokes a function by ARN with a JSON text and waits for its answer.
 * @throws InvocationRefused
 */
export type Invoke = (functionArn: string, payload: string) => Promise<InvocationResult>;

/** Most bytes of a synchronous invocation's payload and of its answer. */
export const payloadLimit = 6 * 1024 * 1024;
