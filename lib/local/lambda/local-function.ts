import type { Clock } from '../clock.ts';
import { createGate } from './gate.ts';
import { InvocationRefused, type InvocationResult, payloadLimit } from './invocation.ts';
import type { CreateSandbox, Sandbox, SandboxCode } from './sandbox.ts';

/** A function with the limits that Lambda holds it to. */
export interface LocalFunction {
  /** @throws InvocationRefused */
  invoke(payload: string): Promise<InvocationResult>;
  /** Loads the code before the first invocation needs it. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export interface FunctionLimits {
  timeoutSeconds: number;
  reservedConcurrency?: number;
}

export interface LocalFunctionDeps {
  createSandbox: CreateSandbox;
  /** measures the time limit; never moved by hand, or moving it would end whatever runs */
  clock: Clock;
  newId: () => string;
}

/** Lambda's default for all functions of an account that reserve nothing. */
const accountConcurrency = 1000;

/** Puts Lambda's limits on a function: payload sizes, concurrency, and the time limit, which costs it its sandbox. */
export function createLocalFunction(code: SandboxCode, limits: FunctionLimits, deps: LocalFunctionDeps): LocalFunction {
  const sandboxes = new Set<Sandbox>();
  const gate = createGate(deps.clock);
  let current: Sandbox | undefined;
  let running = 0;

  function sandbox(): Sandbox {
    if (current?.usable) return current;
    if (current) sandboxes.delete(current);
    current = deps.createSandbox(code);
    sandboxes.add(current);
    return current;
  }

  async function run(payload: string): Promise<InvocationResult> {
    const requestId = deps.newId();
    const place = sandbox();
    await place.loaded;
    const timeoutMilliseconds = limits.timeoutSeconds * 1000;
    const late = Promise.withResolvers<InvocationResult>();
    const stop = deps.clock.after(timeoutMilliseconds, () => {
      late.resolve(timedOut(requestId, limits.timeoutSeconds));
      place.abandon(requestId);
    });
    const result = await Promise.race([late.promise, place.invoke({ requestId, payload, timeoutMilliseconds })]);
    stop();
    return withinLimit(result);
  }

  return {
    async invoke(payload) {
      if (Buffer.byteLength(payload) > payloadLimit) {
        const message = `Request must be smaller than ${payloadLimit} bytes for the InvokeFunction operation`;
        throw new InvocationRefused('RequestTooLargeException', message);
      }
      if (running >= (limits.reservedConcurrency ?? accountConcurrency)) {
        throw new InvocationRefused('TooManyRequestsException', 'Rate Exceeded.');
      }
      running += 1;
      const leave = await gate.enter();
      try {
        return await run(payload);
      } finally {
        leave();
        running -= 1;
      }
    },
    warmUp: () => sandbox().loaded,
    async close() {
      await Promise.all([...sandboxes].map((place) => place.close()));
    },
  };
}

const timedOut = (requestId: string, seconds: number): InvocationResult => ({
  error: {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`,
  },
});

function withinLimit(result: InvocationResult): InvocationResult {
  if (!('payload' in result) || Buffer.byteLength(result.payload) <= payloadLimit) return result;
  return {
    error: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: `Response payload size exceeded maximum allowed payload size (${payloadLimit} bytes).`,
    },
  };
}
