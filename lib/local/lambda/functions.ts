import type { Clock } from '../clock.ts';
import type { FunctionPart } from '../template/parts.ts';
import type { DeadLetter } from '../undelivered.ts';
import { InvocationRefused, type Invoke } from './invocation.ts';
import { createLocalFunction, type LocalFunction, type LocalFunctionDeps } from './local-function.ts';

/** All functions of the template, by ARN. */
export interface Functions {
  invoke: Invoke;
  /**
   * Invokes as an event source does: a failure is tried again, after a minute and then two, and ends in the dead-letter
   * queue. Resolves when either is done: Lambda's own queue outlives a crash, this one does not, so who can tell the event
   * again waits.
   */
  invokeAsync(functionArn: string, payload: string): Promise<void>;
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export interface FunctionsDeps extends LocalFunctionDeps {
  /** the host's clock: waits between the attempts of an asynchronous invocation */
  hostClock: Clock;
  /** Settings beside and above the template's. */
  environmentOf: (part: FunctionPart) => Readonly<Record<string, string>>;
  /** Takes what an asynchronous invocation could not deliver. */
  deadLetter: DeadLetter;
}

/** Makes the template's functions callable. */
export function createFunctions(parts: readonly FunctionPart[], deps: FunctionsDeps): Functions {
  const functions = new Map<string, { part: FunctionPart; local: LocalFunction }>(
    parts.map((part) => [part.arn, { part, local: createLocalFunction(codeOf(part, deps), part, deps) }]),
  );

  function find(functionArn: string): { part: FunctionPart; local: LocalFunction } {
    const found = functions.get(functionArn);
    if (!found) throw new InvocationRefused('ResourceNotFoundException', `Function not found: ${functionArn}`);
    return found;
  }

  const pause = (minutes: number): Promise<void> =>
    new Promise((resolve) => {
      deps.hostClock.after(minutes * 60_000, resolve);
    });

  async function attempt(functionArn: string, payload: string, failures: number): Promise<void> {
    const { part, local } = find(functionArn);
    const cause = await failureOf(local, payload);
    if (cause === undefined) return;
    if (failures < part.async.retries) {
      await pause(failures + 1);
      await attempt(functionArn, payload, failures + 1);
    } else if (part.async.deadLetterArn !== undefined) {
      deps.deadLetter(part.async.deadLetterArn, payload, cause);
    }
  }

  return {
    invoke: async (functionArn, payload) => find(functionArn).local.invoke(payload),
    invokeAsync: (functionArn, payload) => attempt(functionArn, payload, 0),
    async warmUp() {
      await Promise.all([...functions.values()].map(({ local }) => local.warmUp()));
    },
    async close() {
      await Promise.all([...functions.values()].map(({ local }) => local.close()));
    },
  };
}

async function failureOf(local: LocalFunction, payload: string): Promise<string | undefined> {
  try {
    const result = await local.invoke(payload);
    return 'error' in result ? `${result.error.errorType}: ${result.error.errorMessage}` : undefined;
  } catch (error) {
    return String(error);
  }
}

const codeOf = (part: FunctionPart, deps: FunctionsDeps): Parameters<LocalFunctionDeps['createSandbox']>[0] => ({
  functionName: part.name,
  functionArn: part.arn,
  directory: part.directory,
  handler: part.handler,
  memoryMegabytes: part.memoryMegabytes,
  environment: {
    ...part.environment,
    AWS_LAMBDA_FUNCTION_NAME: part.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(part.memoryMegabytes),
    LAMBDA_TASK_ROOT: part.directory,
    _HANDLER: part.handler,
    ...deps.environmentOf(part),
  },
});
