import { describe, expect, it } from 'vitest';
import { FunctionError, InvokeRefused } from '../../../../lib/local/states/invoke.ts';
import type { Json } from '../../../../lib/local/states/json.ts';
import { StateError } from '../../../../lib/local/states/state-error.ts';
import { machine, run, tryStates } from '../../../support/states.ts';

const lambda = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };
const call = { ...lambda, Arguments: { FunctionName: 'arn:f', Payload: '{% $states.input %}' } };
const callAndEnd = { A: { ...call, End: true } };
const throws = (error: unknown) => async () => {
  throw error;
};

/** Lets the caller answer the calls of a function one by one. */
function answeredByHand() {
  const calls: { payload: Json; answer: (value: unknown) => void; fail: (error: unknown) => void }[] = [];
  const invoke = (_: string, payload: Json): Promise<unknown> =>
    new Promise((answer, fail) => {
      calls.push({ payload, answer, fail });
    });
  return { calls, invoke };
}

describe('a task that invokes a function', () => {
  it('gets the payload and answers as the optimized integration does', async () => {
    const seen: unknown[] = [];
    const invoke = async (arn: string, payload: Json) => {
      seen.push([arn, payload]);
      return { ok: true };
    };
    expect(await run(callAndEnd, { a: 1 }, { invoke })).toMatchObject({
      output: { ExecutedVersion: '$LATEST', Payload: { ok: true }, StatusCode: 200 },
    });
    expect(seen).toEqual([['arn:f', { a: 1 }]]);
  });

  it('cannot change the state of the execution through its event', async () => {
    const invoke = async (_: string, payload: Json) => {
      Object.assign(payload as object, { a: 'changed' });
    };
    const states = { A: { ...call, Output: '{% $states.input %}', End: true } };
    expect(await run(states, { a: 1 }, { invoke })).toMatchObject({ output: { a: 1 } });
  });

  it.each([
    [
      'its own error',
      new FunctionError('NotNow', 'busy', ['at x']),
      'NotNow',
      '{"errorType":"NotNow","errorMessage":"busy","trace":["at x"]}',
    ],
    [
      'its time-out',
      new FunctionError('Sandbox.Timedout', 'Task timed out after 3.00 seconds'),
      'Sandbox.Timedout',
      'timed out',
    ],
    ['an error without a name', new FunctionError('', 'gone'), 'Lambda.Unknown', 'gone'],
    [
      'a throttle',
      new InvokeRefused('TooManyRequestsException', 'Rate Exceeded.', 429),
      'Lambda.TooManyRequestsException',
      'Status Code: 429',
    ],
    [
      'a missing function',
      new InvokeRefused('ResourceNotFoundException', 'no', 404),
      'Lambda.ResourceNotFoundException',
      '404',
    ],
    ['a fault on the way', new Error('socket closed'), 'Lambda.SdkClientException', 'socket closed'],
  ])('fails with %s as Step Functions shows it', async (_, error, name, cause) => {
    const outcome = await run(callAndEnd, {}, { invoke: throws(error) });
    expect(outcome).toMatchObject({ status: 'FAILED', error: name });
    expect(outcome.cause).toContain(cause);
  });
});

describe('other resources', () => {
  it('start executions and put events', async () => {
    const definition = machine({
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::events:putEvents',
        Arguments: { Entries: [{ Source: 'berth', DetailType: 'Hello', Detail: { a: '{% $states.input.a %}' } }] },
        Next: 'B',
      },
      B: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Arguments: { StateMachineArn: '{% $states.context.StateMachine.Id %}', Name: 'one', Input: { a: 1 } },
        Catch: [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'C' }],
        End: true,
      },
      C: { Type: 'Pass', Output: 'already', End: true },
    });
    const trial = await tryStates({ definition });
    const arn = await trial.begin({ a: 2 });
    expect(await trial.describe(arn)).toMatchObject({ output: '"already"' });
    const hello = trial.events.find((event) => event['detail-type'] === 'Hello');
    expect(hello).toMatchObject({ source: 'berth', detail: { a: 2 }, region: 'eu-central-1', resources: [arn] });
  });

  it('can be given by name', async () => {
    const resource = 'arn:aws:states:::aws-sdk:ecr:describeImages';
    const states = { A: { Type: 'Task', Resource: resource, Arguments: { tag: 'x' }, End: true } };
    const resources = { [resource]: { fields: ['tag'], call: async () => ({ found: 1 }) } };
    expect(await run(states, {}, { resources })).toMatchObject({ output: { found: 1 } });
    const failing = { [resource]: { fields: ['tag'], call: throws(new StateError('Ecr.NotFound', 'none')) } };
    expect(await run(states, {}, { resources: failing })).toMatchObject({ error: 'Ecr.NotFound', cause: 'none' });
  });
});

describe('Retry', () => {
  const retrying = (...Retry: object[]) => machine({ A: { ...call, Retry, End: true } });

  it('waits longer each time, up to its limit, and counts by retrier', async () => {
    const { calls, invoke } = answeredByHand();
    const definition = retrying(
      { ErrorEquals: ['Busy'], IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 3 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 },
    );
    const trial = await tryStates({ definition, invoke });
    const arn = await trial.begin();
    const expectCallAfter = async (seconds: number, name: string): Promise<void> => {
      const before = calls.length;
      calls.at(-1)?.fail(new FunctionError(name, ''));
      await trial.clock.advance(seconds * 1000 - 1);
      expect(calls).toHaveLength(before);
      await trial.clock.advance(1);
      expect(calls).toHaveLength(before + 1);
    };
    await expectCallAfter(2, 'Busy');
    await expectCallAfter(6, 'Busy');
    await expectCallAfter(1, 'Other');
    await expectCallAfter(10, 'Busy');
    calls.at(-1)?.fail(new FunctionError('Busy', 'still'));
    await trial.clock.advance(0);
    expect(await trial.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Busy' });
  });

  it('spreads its delay with full jitter', async () => {
    const { calls, invoke } = answeredByHand();
    const definition = retrying({ ErrorEquals: ['Busy'], IntervalSeconds: 8, JitterStrategy: 'FULL' });
    const trial = await tryStates({ definition, invoke, random: () => 0.25 });
    await trial.begin();
    calls[0]?.fail(new FunctionError('Busy', ''));
    await trial.clock.advance(1_999);
    expect(calls).toHaveLength(1);
    await trial.clock.advance(1);
    expect(calls).toHaveLength(2);
  });

  it('counts from nothing when the state is entered again, and shows the count while it runs', async () => {
    const counts: number[] = [];
    const invoke = async (_: string, count: Json) => {
      counts.push(count as number);
      if (counts.length % 2 === 1) throw new FunctionError('Busy', '');
      return counts.length;
    };
    const definition = machine({
      A: {
        ...lambda,
        Arguments: { FunctionName: 'f', Payload: '{% $states.context.State.RetryCount %}' },
        Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
        Output: '{% $states.result.Payload %}',
        Next: 'B',
      },
      B: { Type: 'Choice', Choices: [{ Condition: '{% $states.input < 4 %}', Next: 'A' }], Default: 'C' },
      C: { Type: 'Succeed' },
    });
    const trial = await tryStates({ definition, invoke });
    const arn = await trial.begin();
    await trial.clock.advance(10_000);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(counts).toEqual([0, 1, 0, 1]);
  });

  it('never takes place when MaxAttempts is 0', async () => {
    const definition = retrying({ ErrorEquals: ['Busy'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] });
    const trial = await tryStates({ definition, invoke: throws(new FunctionError('Busy', '')) });
    expect(await trial.describe(await trial.begin())).toMatchObject({ status: 'FAILED' });
  });
});

describe('Catch', () => {
  const catching = (names: string[], more: object = {}) => ({
    A: { ...call, Catch: [{ ErrorEquals: names, Next: 'B', ...more }], End: true },
    B: { Type: 'Pass', End: true },
  });
  const busy = throws(new FunctionError('Busy', 'now'));
  const cause = '{"errorType":"Busy","errorMessage":"now"}';

  it.each([['Busy'], ['States.ALL'], ['States.TaskFailed']])('takes an error by %s', async (name) => {
    expect(await run(catching([name]), { a: 1 }, { invoke: busy })).toMatchObject({
      status: 'SUCCEEDED',
      output: { Error: 'Busy', Cause: cause },
    });
  });

  it('has its own Output and Assign, which see the error and the input', async () => {
    const states = {
      ...catching(['Busy'], {
        Output: { why: '{% $states.errorOutput.Error %}', was: '{% $states.input.a %}' },
        Assign: { e: '{% $states.errorOutput %}' },
      }),
      B: { Type: 'Pass', Output: '{% [$states.input, $e] %}', End: true },
    };
    expect(await run(states, { a: 1 }, { invoke: busy })).toMatchObject({
      output: [
        { why: 'Busy', was: 1 },
        { Error: 'Busy', Cause: cause },
      ],
    });
  });

  it('takes the failure of an expression in the same state', async () => {
    const states = catching(['States.QueryEvaluationError']);
    states.A = { ...states.A, Output: '{% $states.result.absent %}' } as typeof states.A;
    expect(await run(states)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('lets other errors by', async () => {
    expect(await run(catching(['Other']), {}, { invoke: busy })).toMatchObject({ status: 'FAILED', error: 'Busy' });
  });

  it('does not catch what fails in itself', async () => {
    const states = catching(['States.ALL'], { Output: '{% $states.result %}' });
    expect(await run(states, {}, { invoke: busy })).toMatchObject({ error: 'States.QueryEvaluationError' });
  });

  it('takes a result beyond the payload limit by its name only', async () => {
    const invoke = async () => 'x'.repeat(262_144);
    expect(await run(catching(['States.ALL']), {}, { invoke })).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
    });
    const named = catching(['States.DataLimitExceeded'], { Output: 'caught' });
    expect(await run(named, {}, { invoke })).toMatchObject({ output: 'caught' });
  });
});

describe('time limits', () => {
  const limited = (more: object = {}) => ({
    A: { ...call, TimeoutSeconds: '{% 2 + 3 %}', ...more, End: true },
    B: { Type: 'Pass', Output: '{% $states.input.Error %}', End: true },
  });

  it('fail a task with States.Timeout, which only its own name and States.ALL take', async () => {
    const { calls, invoke } = answeredByHand();
    const more = {
      Catch: [
        { ErrorEquals: ['States.TaskFailed'], Next: 'C' },
        { ErrorEquals: ['States.Timeout'], Next: 'B' },
      ],
    };
    const definition = machine({ ...limited(more), C: { Type: 'Fail' } });
    const trial = await tryStates({ definition, invoke });
    const arn = await trial.begin();
    await trial.clock.advance(4_999);
    expect(await trial.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await trial.clock.advance(1);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"States.Timeout"' });
    calls[0]?.answer('late');
    await trial.clock.advance(1);
    expect(await trial.describe(arn)).toMatchObject({ output: '"States.Timeout"' });
  });

  it('do not touch a task that answers in time', async () => {
    const trial = await tryStates({ definition: machine({ A: limited().A }), invoke: async () => 1 });
    const arn = await trial.begin();
    await trial.clock.advance(10_000);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(trial.clock.pending).toBe(0);
  });

  it('end a whole execution past every Catch', async () => {
    const { calls, invoke } = answeredByHand();
    const states = {
      A: { ...call, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], End: true },
      B: { Type: 'Succeed' },
    };
    const trial = await tryStates({ definition: machine(states, { TimeoutSeconds: 30 }), invoke });
    const arn = await trial.begin();
    await trial.clock.advance(30_000);
    expect(await trial.describe(arn)).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    calls[0]?.answer(1);
    await trial.clock.advance(1);
    expect((await trial.history(arn)).at(-1)).toMatchObject({ type: 'ExecutionTimedOut' });
    expect(trial.events.at(-1)?.detail).toMatchObject({
      status: 'TIMED_OUT',
      executionArn: arn,
      error: 'States.Timeout',
    });
  });
});

it('an execution fails that keeps more than 10 MiB in variables', async () => {
  const names = Array.from({ length: 41 }, (_, index) => `v${index}`);
  const states = names.map((name, index) => [
    name,
    { Type: 'Pass', Assign: { [name]: "{% $pad('', 262000, 'x') %}" }, Next: names[index + 1] ?? 'End' },
  ]);
  const outcome = await run({ ...Object.fromEntries(states), End: { Type: 'Succeed' } });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

it('an execution that never ends fails at 25,000 events', async () => {
  const outcome = await run({
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Condition: false, Next: 'C' }], Default: 'A' },
    C: { Type: 'Succeed' },
  });
  expect(outcome).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  expect(outcome.cause).toContain('25000');
});
