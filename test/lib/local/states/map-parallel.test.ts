import { describe, expect, it } from 'vitest';
import { FunctionError } from '../../../../lib/local/states/invoke.ts';
import type { Json } from '../../../../lib/local/states/json.ts';
import { settle } from '../../../support/manual-clock.ts';
import { machine, run, tryStates } from '../../../support/states.ts';

const call = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
};
const processor = (states: object) => ({ StartAt: Object.keys(states)[0], States: states });
const map = (inner: object, more: object = {}) => ({
  M: { Type: 'Map', ItemProcessor: processor(inner), End: true, ...more },
});
const double = async (_: string, value: Json) => (value as number) * 2;

describe('Map', () => {
  it('gives the outputs in the order of the items', async () => {
    expect(await run(map({ A: { ...call, End: true } }), [1, 2, 3], { invoke: double })).toMatchObject({
      output: [2, 4, 6],
    });
  });

  it('takes its items and what each gets from expressions', async () => {
    const more = {
      Items: '{% $states.input.list %}',
      ItemSelector: {
        i: '{% $states.context.Map.Item.Index %}',
        v: '{% $states.context.Map.Item.Value %}',
        all: '{% $count($states.input.list) %}',
      },
      Output: '{% $states.result[1] %}',
    };
    const inner = { A: { Type: 'Pass', Output: '{% [$states.input, $states.context.Map.Item.Value] %}', End: true } };
    expect(await run(map(inner, more), { list: ['a', 'b'] })).toMatchObject({
      output: [{ i: 1, v: 'b', all: 2 }, 'b'],
    });
  });

  it('ends at once without items', async () => {
    expect(await run(map({ A: { ...call, End: true } }), [])).toMatchObject({ status: 'SUCCEEDED', output: [] });
  });

  it('runs no more iterations at once than it may, and as many', async () => {
    let running = 0;
    let most = 0;
    const open: (() => void)[] = [];
    const invoke = (): Promise<void> =>
      new Promise((resolve) => {
        most = Math.max(most, ++running);
        open.push(() => {
          running -= 1;
          resolve();
        });
      });
    const definition = machine(map({ A: { ...call, End: true } }, { MaxConcurrency: '{% 3 %}' }));
    const trial = await tryStates({ definition, invoke });
    const arn = await trial.begin([1, 2, 3, 4, 5, 6, 7]);
    for (let next = open.shift(); next; next = open.shift()) {
      next();
      await settle();
    }
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(most).toBe(3);
  });

  it('lets an iteration catch its own failure', async () => {
    const invoke = async (_: string, value: Json) => {
      if (value === 2) throw new FunctionError('Odd', 'two');
      return value;
    };
    const inner = {
      A: { ...call, Catch: [{ ErrorEquals: ['Odd'], Output: 'mended', Next: 'B' }], End: true },
      B: { Type: 'Succeed' },
    };
    expect(await run(map(inner), [1, 2, 3], { invoke })).toMatchObject({ output: [1, 'mended', 3] });
  });

  it('fails with the error of an iteration that nothing caught, and drops the others', async () => {
    const answers: ((value: unknown) => void)[] = [];
    const invoke = (_: string, value: Json): Promise<unknown> =>
      value === 2
        ? Promise.reject(new FunctionError('Odd', 'two'))
        : new Promise((resolve) => {
            answers.push(resolve);
          });
    const more = { Catch: [{ ErrorEquals: ['Odd'], Next: 'B' }] };
    const definition = machine({ ...map({ A: { ...call, End: true } }, more), B: { Type: 'Pass', End: true } });
    const trial = await tryStates({ definition, invoke });
    const arn = await trial.begin([1, 2, 3]);
    expect(await trial.describe(arn)).toMatchObject({
      status: 'SUCCEEDED',
      output: expect.stringContaining('"Error":"Odd"'),
    });
    for (const answer of answers) answer('late');
    await settle();
    const types = (await trial.history(arn)).map((event) => event.type);
    expect(types.filter((type) => type === 'MapIterationAborted')).toHaveLength(2);
    expect(types).toContain('MapIterationFailed');
    expect(types).toContain('MapStateFailed');
    expect(trial.faults).toEqual([]);
  });

  it('goes on with as many failures as it tolerates', async () => {
    const invoke = async (_: string, value: Json) => {
      if ((value as number) > 2) throw new FunctionError('High', '');
      return value;
    };
    const inner = { A: { ...call, End: true } };
    expect(await run(map(inner, { ToleratedFailureCount: 1 }), [1, 2, 3], { invoke })).toMatchObject({
      output: [1, 2],
    });
    expect(await run(map(inner, { ToleratedFailurePercentage: 50 }), [1, 2, 3, 4, 5], { invoke })).toMatchObject({
      status: 'FAILED',
      error: 'States.ExceedToleratedFailureThreshold',
    });
  });

  it('runs all of it again in a retry', async () => {
    let calls = 0;
    const invoke = async () => {
      if (++calls === 2) throw new FunctionError('Once', '');
      return calls;
    };
    const definition = machine(
      map({ A: { ...call, End: true } }, { Retry: [{ ErrorEquals: ['Once'], IntervalSeconds: 5 }] }),
    );
    const trial = await tryStates({ definition, invoke });
    const arn = await trial.begin([1, 2]);
    await trial.clock.advance(5_000);
    expect(await trial.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '[3,4]' });
  });

  it('takes nothing but an array', async () => {
    expect(await run(map({ A: { ...call, End: true } }), { a: 1 })).toMatchObject({
      error: 'States.QueryEvaluationError',
    });
  });
});

describe('Parallel', () => {
  const branch = (output: string, more: object = {}) =>
    processor({ [output]: { Type: 'Pass', Output: output, End: true, ...more } });

  it('gives the outputs of its branches in their order', async () => {
    const states = {
      P: {
        Type: 'Parallel',
        Arguments: '{% $states.input.a %}',
        Branches: [branch('x'), processor({ y: { Type: 'Pass', End: true } })],
        End: true,
      },
    };
    expect(await run(states, { a: 7 })).toMatchObject({ output: ['x', 7] });
  });

  it('keeps the variables of a branch to itself and shows those from outside', async () => {
    const states = {
      A: { Type: 'Pass', Assign: { outer: 1 }, Next: 'P' },
      P: {
        Type: 'Parallel',
        Branches: [
          processor({
            B: { Type: 'Pass', Assign: { inner: '{% $outer + 1 %}' }, Next: 'C' },
            C: { Type: 'Pass', Output: '{% $inner + $outer %}', End: true },
          }),
          processor({ D: { Type: 'Pass', Output: '{% $exists($inner) %}', End: true } }),
        ],
        Assign: { both: '{% $states.result %}' },
        Next: 'E',
      },
      E: { Type: 'Pass', Output: '{% [$both, $exists($inner)] %}', End: true },
    };
    expect(await run(states)).toMatchObject({ output: [3, false, false] });
  });

  it('fails with the error of a branch', async () => {
    const failing = processor({ F: { Type: 'Fail', Error: 'Bad', Cause: 'it is' } });
    const states = { P: { Type: 'Parallel', Branches: [branch('x'), failing], End: true } };
    expect(await run(states)).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'it is' });
    const caught = {
      ...states.P,
      Catch: [{ ErrorEquals: ['Bad'], Output: '{% $states.errorOutput.Cause %}', Next: 'Q' }],
    };
    expect(await run({ P: caught, Q: { Type: 'Succeed' } })).toMatchObject({ output: 'it is' });
  });
});
