import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { InvocationResult } from './invocation.ts';
import type { SandboxCode } from './sandbox.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';

/** The thread that a function's bundle runs in: what Lambda's Node.js runtime is in the cloud. */

type Handler = (event: unknown, context: object) => unknown;

const { code, clockOffset }: ThreadData = workerData;
shiftDate(new Float64Array(clockOffset));

/** Makes `Date` tell the machine's time plus the offset, in this thread only. */
function shiftDate(offset: Float64Array): void {
  const RealDate = Date;
  const now = (): number => RealDate.now() + (offset[0] ?? 0);
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}

const tell = (message: FromThread): void => parentPort?.postMessage(message);

/** Shapes a failure as Lambda's runtime does. */
function failure(error: unknown): InvocationResult {
  if (!(error instanceof Error)) return { error: { errorType: typeof error, errorMessage: String(error), trace: [] } };
  return {
    error: { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') },
  };
}

function loadHandler({ directory, handler }: SandboxCode): Handler {
  const [file = '', name = ''] = handler.split('.');
  const loaded: Record<string, unknown> = createRequire(join(directory, '/'))(join(directory, `${file}.js`));
  const found = loaded[name];
  if (typeof found !== 'function') throw new Error(`${handler} is undefined or not exported`);
  return (event, context) => Reflect.apply(found, undefined, [event, context]);
}

function contextOf(request: ToThread): object {
  const started = performance.now();
  return {
    functionName: code.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: code.functionArn,
    memoryLimitInMB: String(code.memoryMegabytes),
    awsRequestId: request.requestId,
    logGroupName: `/aws/lambda/${code.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, request.timeoutMilliseconds - (performance.now() - started)),
  };
}

async function run(handler: Handler, request: ToThread): Promise<InvocationResult> {
  try {
    const answer = await handler(JSON.parse(request.payload), contextOf(request));
    return { payload: JSON.stringify(answer) ?? 'null' };
  } catch (error) {
    return failure(error);
  }
}

try {
  const handler = loadHandler(code);
  parentPort?.on('message', (request: ToThread) => {
    void run(handler, request).then((result) => tell({ kind: 'ended', requestId: request.requestId, result }));
  });
  tell({ kind: 'loaded' });
} catch (error) {
  tell({ kind: 'not-loaded', result: failure(error) });
}
