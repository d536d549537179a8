import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AdjustableClock } from '../../../../lib/local/clock.ts';
import { createFunctions, type Functions } from '../../../../lib/local/lambda/functions.ts';
import { threadSandboxes } from '../../../../lib/local/lambda/thread-sandbox.ts';
import type { FunctionPart } from '../../../../lib/local/template/parts.ts';

const code = `
let invocations = 0;
const held = [];
exports.handler = async (event, context) => {
  invocations += 1;
  switch (event.do) {
    case 'echo': return { event, invocations };
    case 'context': return { ...context, remaining: context.getRemainingTimeInMillis() };
    case 'environment': return process.env;
    case 'now': return { now: Date.now(), date: new Date().getTime(), given: new Date(5).getTime() };
    case 'nothing': return undefined;
    case 'print': console.log('printed by the function'); return null;
    case 'large': return 'x'.repeat(event.size);
    case 'hold': return new Promise((resolve) => held.push(resolve));
    case 'release': held.splice(0).forEach((resolve) => resolve('released')); return held.length;
    case 'hang': return new Promise(() => {});
    case 'spin': for (;;);
    case 'exit': process.exit(3);
    case 'crash': setImmediate(() => { throw new Error('nobody catches this'); }); return new Promise(() => {});
    case 'throw': {
      class ImageNotFound extends Error { name = 'ImageNotFound'; }
      throw new ImageNotFound('Deployment/web: no such image');
    }
    case 'throw-text': throw 'plain';
  }
};`;

let directory: string;
let functions: Functions;
let log: PassThrough;
let dead: Array<Array<string | undefined>>;
let hostClock: AdjustableClock;
const clockOffset = new SharedArrayBuffer(8);

const part = (overrides: Partial<FunctionPart> = {}): FunctionPart => ({
  name: 'echo',
  arn: 'arn:echo',
  directory,
  handler: 'index.handler',
  environment: { FROM_TEMPLATE: 'yes', OVERRIDDEN: 'no' },
  timeoutSeconds: 20,
  memoryMegabytes: 128,
  async: { retries: 2, deadLetterArn: 'arn:queue' },
  ...overrides,
});

const start = (overrides: Partial<FunctionPart> = {}): Functions =>
  createFunctions([part(overrides)], {
    createSandbox: threadSandboxes({ clockOffset, log }),
    clock: new AdjustableClock(),
    hostClock,
    newId: () => crypto.randomUUID(),
    environmentOf: () => ({ OVERRIDDEN: 'yes' }),
    deadLetter: (...letter) => dead.push(letter),
  });

async function invoke(payload: object): Promise<unknown> {
  const result = await functions.invoke('arn:echo', JSON.stringify(payload));
  return 'payload' in result ? JSON.parse(result.payload) : result;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-function-'));
  await writeFile(join(directory, 'index.js'), code);
  await writeFile(join(directory, 'broken.js'), 'throw new TypeError("settings are wrong")');
});
afterAll(() => rm(directory, { recursive: true }));
beforeEach(() => {
  log = new PassThrough();
  dead = [];
  hostClock = new AdjustableClock();
  functions = start();
});
afterEach(async () => {
  await functions.close();
  hostClock.stop();
});

describe('a function', () => {
  it('answers with JSON and keeps its state between invocations', async () => {
    expect(await invoke({ do: 'echo' })).toEqual({ event: { do: 'echo' }, invocations: 1 });
    expect(await invoke({ do: 'echo' })).toMatchObject({ invocations: 2 });
    expect(await invoke({ do: 'nothing' })).toBeNull();
  });

  it('runs with the template’s settings under the host’s, and nothing of this process', async () => {
    expect(await invoke({ do: 'environment' })).toEqual({
      FROM_TEMPLATE: 'yes',
      OVERRIDDEN: 'yes',
      AWS_LAMBDA_FUNCTION_NAME: 'echo',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: 'index.handler',
    });
  });

  it('gets Lambda’s context', async () => {
    const context = (await invoke({ do: 'context' })) as { remaining: number };
    expect(context).toMatchObject({
      functionName: 'echo',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:echo',
      memoryLimitInMB: '128',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context.remaining).toBeGreaterThan(0);
    expect(context.remaining).toBeLessThanOrEqual(20_000);
  });

  it('sees the host’s time', async () => {
    new Float64Array(clockOffset)[0] = 3_600_000;
    const { now, date, given } = (await invoke({ do: 'now' })) as Record<'now' | 'date' | 'given', number>;
    new Float64Array(clockOffset)[0] = 0;
    expect(now - Date.now()).toBeGreaterThan(3_500_000);
    expect(date - Date.now()).toBeGreaterThan(3_500_000);
    expect(given).toBe(5);
  });

  it('prints to the log', async () => {
    await invoke({ do: 'print' });
    const [printed] = await log.take(1).toArray();
    expect(String(printed)).toContain('printed by the function');
  });

  it('fails with the error’s name, message and trace', async () => {
    expect(await invoke({ do: 'throw' })).toEqual({
      error: {
        errorType: 'ImageNotFound',
        errorMessage: 'Deployment/web: no such image',
        trace: expect.arrayContaining([expect.stringContaining('Deployment/web: no such image')]),
      },
    });
    expect(await invoke({ do: 'throw-text' })).toMatchObject({ error: { errorType: 'string', errorMessage: 'plain' } });
  });

  it.each(['crash', 'exit'])('ends as Runtime.ExitError on %s and has a new sandbox next time', async (how) => {
    await invoke({ do: 'echo' });
    expect(await invoke({ do: how })).toMatchObject({ error: { errorType: 'Runtime.ExitError' } });
    expect(await invoke({ do: 'echo' })).toMatchObject({ invocations: 1 });
  });

  it('says with every invocation why its code does not load', async () => {
    await functions.close();
    functions = start({ handler: 'broken.handler' });
    for (const _ of [1, 2]) {
      expect(await invoke({ do: 'echo' })).toMatchObject({
        error: { errorType: 'TypeError', errorMessage: 'settings are wrong' },
      });
    }
  });
});

describe('a function’s limits', () => {
  it.each(['hang', 'spin'])('ends an invocation that takes too long (%s), and its sandbox with it', async (how) => {
    await functions.close();
    functions = start({ timeoutSeconds: 1 });
    await invoke({ do: 'echo' });
    expect(await invoke({ do: how })).toMatchObject({
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringContaining('Task timed out after 1.00 seconds'),
      },
    });
    expect(await invoke({ do: 'echo' })).toMatchObject({ invocations: 1 });
  });

  it('lets what runs beside an invocation that timed out come to its end', async () => {
    await functions.close();
    functions = start({ timeoutSeconds: 1 });
    const late = invoke({ do: 'hang' });
    const beside = await invoke({ do: 'echo' });
    expect(await late).toMatchObject({ error: { errorType: 'Sandbox.Timedout' } });
    expect(beside).toMatchObject({ invocations: 2 });
  });

  it('refuses a payload above 6 MB, and fails an answer above it', async () => {
    await expect(invoke({ do: 'echo', text: 'x'.repeat(6 * 1024 * 1024) })).rejects.toMatchObject({
      name: 'RequestTooLargeException',
    });
    expect(await invoke({ do: 'large', size: 6 * 1024 * 1024 })).toMatchObject({
      error: { errorType: 'Function.ResponseSizeTooLarge' },
    });
    expect(await invoke({ do: 'large', size: 10 })).toBe('xxxxxxxxxx');
  });

  it('refuses what comes above its reserved concurrency', async () => {
    await functions.close();
    functions = start({ reservedConcurrency: 2 });
    await functions.warmUp();
    const first = invoke({ do: 'hold' });
    const second = invoke({ do: 'hang' });
    await expect(invoke({ do: 'echo' })).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    void first;
    void second;
  });

  it('runs invocations side by side', async () => {
    const held = [invoke({ do: 'hold' }), invoke({ do: 'hold' })];
    await invoke({ do: 'release' });
    expect(await Promise.all(held)).toEqual(['released', 'released']);
  });

  it('refuses a function that is not there', async () => {
    await expect(functions.invoke('arn:other', '{}')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('an asynchronous invocation', () => {
  it('is tried again after a minute and then two, and ends in the dead-letter queue', async () => {
    void functions.invokeAsync('arn:echo', '{"do":"throw"}');
    while (dead.length === 0) {
      hostClock.advance(120_000);
      await new Promise(setImmediate);
    }
    expect(dead).toEqual([['arn:queue', '{"do":"throw"}', 'ImageNotFound: Deployment/web: no such image']]);
    expect(await invoke({ do: 'echo' })).toMatchObject({ invocations: 4 });
  });

  it('leaves no letter when it goes well', async () => {
    await functions.invokeAsync('arn:echo', '{"do":"nothing"}');
    expect(await invoke({ do: 'echo' })).toMatchObject({ invocations: 2 });
    expect(dead).toEqual([]);
  });
});
