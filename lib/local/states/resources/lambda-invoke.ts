import { FunctionError, type Invoke, InvokeRefused } from '../invoke.ts';
import { isJsonObject, type Json } from '../json.ts';
import { StateError } from '../state-error.ts';
import type { Resource } from './resource.ts';

export const lambdaInvokeArn = 'arn:aws:states:::lambda:invoke';

/**
 * The optimized integration. A function's error arrives as its own name with the payload as cause, Lambda's own errors
 * as `Lambda.…`: docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html and concepts-error-handling.html
 */
export const lambdaInvoke = (invoke: Invoke): Resource => ({
  fields: ['FunctionName', 'Payload'],
  async call(given) {
    const { FunctionName, Payload = {} } = isJsonObject(given) ? given : {};
    if (typeof FunctionName !== 'string') throw new StateError('States.Runtime', 'FunctionName has to be a string');
    try {
      const answer = await invoke(FunctionName, copyOf(Payload));
      return { ExecutedVersion: '$LATEST', Payload: answer ?? null, StatusCode: 200 };
    } catch (error) {
      throw asStateError(error);
    }
  },
});

/** What a function does with its event must not reach the execution. */
const copyOf = (payload: Json): Json => structuredClone(payload);

function asStateError(error: unknown): StateError {
  if (error instanceof FunctionError) {
    const { errorType, errorMessage, trace } = error;
    return new StateError(errorType || 'Lambda.Unknown', JSON.stringify({ errorType, errorMessage, trace }));
  }
  if (error instanceof InvokeRefused) {
    const { code, message, status } = error;
    return new StateError(`Lambda.${code}`, `${message} (Service: Lambda, Status Code: ${status})`);
  }
  return new StateError('Lambda.SdkClientException', error instanceof Error ? error.message : String(error));
}
