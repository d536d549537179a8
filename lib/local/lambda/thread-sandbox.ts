import type { Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { threadSource } from '../thread-source.ts';
import type { InvocationResult } from './invocation.ts';
import type { CreateSandbox, Sandbox, SandboxCode } from './sandbox.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';

const threadModule = threadSource(new URL('./thread.ts', import.meta.url));

/** What all threads share. */
export interface ThreadOptions {
  clockOffset: SharedArrayBuffer;
  /** gets everything that the functions print */
  log: Writable;
}

/**
 * Runs a function's code in a worker thread. Lambda gives every concurrent invocation a container of its own; here one
 * thread runs them interleaved, since they mostly wait and a thread costs some 20 MB. What that hides: state at module
 * level is shared by invocations that run at the same time, and a crash ends all of them.
 */
export const threadSandboxes =
  (options: ThreadOptions): CreateSandbox =>
  (code) =>
    createThreadSandbox(code, options);

function createThreadSandbox(code: SandboxCode, { clockOffset, log }: ThreadOptions): Sandbox {
  const workerData: ThreadData = { code, clockOffset };
  const worker = new Worker(threadModule, {
    workerData,
    env: { ...code.environment },
    name: code.functionName,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: code.memoryMegabytes, maxYoungGenerationSizeMb: 16 },
  });
  worker.stdout.pipe(log, { end: false });
  worker.stderr.pipe(log, { end: false });

  const pending = new Map<string, (result: InvocationResult) => void>();
  const loading = Promise.withResolvers<void>();
  let usable = true;
  let notLoaded: InvocationResult | undefined;

  function settle(requestId: string, result: InvocationResult): void {
    pending.get(requestId)?.(result);
    pending.delete(requestId);
    if (!usable && pending.size === 0) void worker.terminate();
  }

  function fail(result: (requestId: string) => InvocationResult): void {
    usable = false;
    for (const requestId of pending.keys()) settle(requestId, result(requestId));
    loading.resolve();
  }

  worker.on('message', (message: FromThread) => {
    if (message.kind === 'loaded') loading.resolve();
    else if (message.kind === 'ended') settle(message.requestId, message.result);
    else {
      notLoaded = message.result;
      fail(() => message.result);
    }
  });
  worker.on('error', (error) => log.write(`${code.functionName} died: ${error.stack ?? error.message}\n`));
  worker.on('exit', (code) => {
    if (pending.size > 0) log.write(`${worker.threadName} ended with ${code} and ${pending.size} invocations in it\n`);
    fail(exitError);
  });

  return {
    loaded: loading.promise,
    get usable() {
      return usable;
    },
    invoke(request) {
      if (!usable) return Promise.resolve(notLoaded ?? exitError(request.requestId));
      return new Promise((resolve) => {
        pending.set(request.requestId, resolve);
        const message: ToThread = request;
        worker.postMessage(message);
      });
    },
    abandon(requestId) {
      usable = false;
      settle(requestId, exitError(requestId));
    },
    async close() {
      usable = false;
      await worker.terminate();
    },
  };
}

const exitError = (requestId: string): InvocationResult => ({
  error: {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 1`,
  },
});
