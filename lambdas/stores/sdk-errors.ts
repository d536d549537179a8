import { DomainError, StoreRefused, StoreUnavailable } from '../domain/errors.ts';

/** Names of throttling, overload and outage in the services that Berth calls, after the SDK's own tries. */
const passing: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'ExecutionLimitExceeded',
  'InternalServerError',
  'InternalException',
  'InternalFailure',
  'ServiceUnavailable',
  'TransactionConflictException',
  'ReplicatedWriteConflictException',
  'TimeoutError',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

interface SdkFailure {
  name: string;
  message: string;
  code: string | undefined;
  status: number | undefined;
}

function readFailure(error: unknown): SdkFailure {
  if (!(error instanceof Error)) return { name: 'Unknown', message: String(error), code: undefined, status: undefined };
  const { metadata, code } = extras(error);
  return { name: error.name, message: error.message, code, status: metadata };
}

function extras(error: Error): { metadata: number | undefined; code: string | undefined } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) {
    return { metadata: undefined, code };
  }
  const { $metadata } = error;
  const status = 'httpStatusCode' in $metadata ? $metadata.httpStatusCode : undefined;
  return { metadata: typeof status === 'number' ? status : undefined, code };
}

/** Whether an SDK's failure goes by that name, such as ConditionalCheckFailedException. */
export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;

/**
 * Runs one call to AWS and turns its failure into ours.
 * @throws StoreUnavailable where it may go well a little later
 * @throws StoreRefused where it never will: rights, names, limits of an item
 */
export async function callAws<Answer>(service: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    const { name, message, code, status } = readFailure(error);
    const isPassing =
      passing.has(name) || (code !== undefined && passing.has(code)) || (status !== undefined && status >= 500);
    const text = `${service}: ${name}: ${message}`;
    throw isPassing ? new StoreUnavailable(text, { cause: error }) : new StoreRefused(text, { cause: error });
  }
}
