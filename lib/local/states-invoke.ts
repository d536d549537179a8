import { InvocationRefused, type Invoke as InvokeLambda } from './lambda/invocation.ts';
import { FunctionError, type Invoke, InvokeRefused } from './states/invoke.ts';

const statuses = {
  TooManyRequestsException: 429,
  RequestTooLargeException: 413,
  ResourceNotFoundException: 404,
} as const;

/** How state machines invoke functions: failures become what Retry and Catch match. */
export const invokeFromStates =
  (invoke: InvokeLambda): Invoke =>
  async (functionArn, payload) => {
    const result = await invoke(functionArn, JSON.stringify(payload)).catch((error: unknown) => {
      if (!(error instanceof InvocationRefused)) throw error;
      throw new InvokeRefused(error.name, error.message, statuses[error.name]);
    });
    if ('payload' in result) return JSON.parse(result.payload);
    const { errorType, errorMessage, trace } = result.error;
    throw new FunctionError(errorType, errorMessage, trace);
  };
