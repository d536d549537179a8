import { describe, expect, it } from 'vitest';
import { machine, machineArn, roleArn, run, tryStates } from '../../../support/states.ts';

describe('Pass', () => {
  it('hands on its input, or its Output', async () => {
    expect(await run({ A: { Type: 'Pass', End: true } }, { a: 1 })).toMatchObject({
      status: 'SUCCEEDED',
      output: { a: 1 },
    });
    const states = { A: { Type: 'Pass', Output: { b: '{% $states.input.a + 1 %}' }, End: true } };
    expect(await run(states, { a: 1 })).toMatchObject({ output: { b: 2 } });
  });

  it('assigns variables that later states see, all from the values before', async () => {
    const states = {
      A: { Type: 'Pass', Assign: { x: 1, y: '{% $states.input %}' }, Next: 'B' },
      B: { Type: 'Pass', Assign: { x: '{% $x + 1 %}', z: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
      C: { Type: 'Pass', Output: '{% [$x, $y, $z, $states.input] %}', End: true },
    };
    expect(await run(states, 'in')).toMatchObject({ output: [2, 'in', 1, 1] });
  });

  it('sees the context object', async () => {
    const { output } = await run({ A: { Type: 'Pass', Output: '{% $states.context %}', End: true } }, { a: 1 });
    expect(output).toEqual({
      Execution: {
        Id: 'arn:aws:states:eu-central-1:000000000000:execution:machine:one',
        Input: { a: 1 },
        Name: 'one',
        RoleArn: roleArn,
        StartTime: '2026-01-01T00:00:00.000Z',
        RedriveCount: 0,
      },
      StateMachine: { Id: machineArn, Name: 'machine' },
      State: { Name: 'A', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 },
    });
  });

  it('says where an expression failed', async () => {
    const states = { A: { Type: 'Pass', Output: { x: '{% $states.input.absent %}' }, End: true } };
    expect(await run(states)).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field 'Output/x' returned nothing (undefined).",
    });
  });
});

describe('Choice', () => {
  const states = {
    A: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input > 10 %}', Next: 'B', Output: 'big', Assign: { size: 3 } },
        { Condition: '{% $states.input > 5 %}', Next: 'B', Assign: { size: 2 } },
      ],
      Default: 'B',
      Output: 'small',
      Assign: { size: 1 },
    },
    B: { Type: 'Pass', Output: '{% [$states.input, $size] %}', End: true },
  };

  it.each([
    [11, ['big', 3]],
    [6, [6, 2]],
    [1, ['small', 1]],
  ])('takes the first rule that holds, with its own Output and Assign: %j', async (given, output) => {
    expect(await run(states, given)).toMatchObject({ output });
  });

  it('fails without a rule that holds and without a Default', async () => {
    const bare = { Type: 'Choice', Choices: states.A.Choices };
    expect(await run({ ...states, A: bare }, 1)).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  it('takes nothing but a boolean for a condition', async () => {
    const bad = { Type: 'Choice', Choices: [{ Condition: "{% 'true' %}", Next: 'B' }] };
    expect(await run({ ...states, A: bad }, 1)).toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});

describe('Succeed and Fail', () => {
  it('end the execution', async () => {
    expect(await run({ A: { Type: 'Succeed', Output: '{% $states.input.a %}' } }, { a: 1 })).toMatchObject({
      status: 'SUCCEEDED',
      output: 1,
    });
    const fail = { Type: 'Fail', Error: '{% $states.input.code %}', Cause: 'as it is' };
    expect(await run({ A: fail }, { code: 'Bad' })).toMatchObject({
      status: 'FAILED',
      error: 'Bad',
      cause: 'as it is',
    });
    expect(await run({ A: { Type: 'Fail' } })).not.toHaveProperty('error');
  });

  it('takes nothing but text for an error', async () => {
    expect(await run({ A: { Type: 'Fail', Error: '{% 1 %}' } })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('Wait', () => {
  it.each([
    ['Seconds', { Seconds: '{% $states.input.seconds %}' }],
    ['Timestamp', { Timestamp: '{% $fromMillis($toMillis($states.context.Execution.StartTime) + 60000) %}' }],
  ])('goes on when its time has come: %s', async (_, when) => {
    const definition = machine({ A: { Type: 'Wait', ...when, Output: 'waited', End: true } });
    const trial = await tryStates({ definition });
    const arn = await trial.begin({ seconds: 60 });
    await trial.clock.advance(59_999);
    expect(await trial.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await trial.clock.advance(1);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"waited"' });
    expect(trial.clock.pending).toBe(0);
  });

  it('does not wait for a time that is over', async () => {
    const trial = await tryStates({
      definition: machine({ A: { Type: 'Wait', Timestamp: '2001-01-01T00:00:00Z', End: true } }),
    });
    const arn = await trial.begin();
    await trial.clock.advance(0);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
