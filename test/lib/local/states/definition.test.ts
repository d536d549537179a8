import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readMachine } from '../../../../lib/local/states/machine.ts';
import { machine } from '../../../support/states.ts';

const machines = new URL('../../../../statemachines/', import.meta.url);
const lambda = 'arn:aws:states:::lambda:invoke';
const problemsOf = (definition: unknown): string => {
  try {
    readMachine(definition, ({ Resource }) =>
      Resource === lambda ? undefined : `the resource ${Resource} is not there`,
    );
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
const pass = { Type: 'Pass', End: true };

describe('a definition', () => {
  it('is taken as text and as an object', () => {
    expect(problemsOf(machine({ A: pass }))).toBe('');
    expect(problemsOf(JSON.stringify(machine({ A: pass })))).toBe('');
  });

  it.each(readdirSync(machines))('is taken as the repository has it: %s', (file) => {
    expect(problemsOf(readFileSync(new URL(file, machines), 'utf8'))).toBe('');
  });

  it.each([
    ['JSONPath machines', { StartAt: 'A', States: { A: pass } }, 'QueryLanguage has to be "JSONata"'],
    ['text that is no JSON', '{', 'it is not JSON'],
    ['a JSONPath field', machine({ A: { ...pass, InputPath: '$' } }), 'States.A: the field "InputPath"'],
    ['a field of another state type', machine({ A: { ...pass, Seconds: 1 } }), '"Seconds"'],
    ['an unknown state type', machine({ A: { Type: 'Sleep', End: true } }), 'States.A'],
    ['a start that is not there', machine({ A: pass }, { StartAt: 'B' }), 'there is no state "B"'],
    ['a target that is not there', machine({ A: { Type: 'Pass', Next: 'B' } }), 'no state "B" to go to'],
    ['both Next and End', machine({ A: { ...pass, Next: 'A' } }), 'either Next or End: true'],
    ['neither Next nor End', machine({ A: { Type: 'Pass' } }), 'either Next or End: true'],
    ['a state that no way leads to', machine({ A: pass, B: pass }), 'States.B: no way leads to it'],
    ['an expression that does not parse', machine({ A: { ...pass, Output: '{% 1 + %}' } }), 'States.A: {% 1 + %}'],
    ['$eval', machine({ A: { ...pass, Output: { deep: ["{% $eval('1') %}"] } } }), '$eval'],
    [
      'a resource without a handler',
      machine({ A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } }),
      'sqs:sendMessage is not there',
    ],
    [
      'a Wait with two times',
      machine({ A: { Type: 'Wait', Seconds: 1, Timestamp: '{% $now() %}', End: true } }),
      'one of Seconds and Timestamp',
    ],
    [
      'States.ALL beside others',
      machine({ A: { Type: 'Task', Resource: lambda, End: true, Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] } }),
      'States.ALL has to be alone',
    ],
    [
      'States.ALL before others',
      machine({
        A: {
          Type: 'Task',
          Resource: lambda,
          End: true,
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'B' },
            { ErrorEquals: ['X'], Next: 'B' },
          ],
        },
        B: pass,
      }),
      'has to be the last',
    ],
    ['a variable called states', machine({ A: { ...pass, Assign: { states: 1 } } }), '"states" is reserved'],
    [
      'a name that is used twice',
      machine({ A: { Type: 'Parallel', End: true, Branches: [{ StartAt: 'A', States: { A: pass } }] } }),
      'States.A: the name is used twice',
    ],
    [
      'a variable of the outer scope',
      machine({
        A: {
          Type: 'Parallel',
          End: true,
          Assign: { x: 1 },
          Branches: [{ StartAt: 'B', States: { B: { ...pass, Assign: { x: 2 } } } }],
        },
      }),
      'belongs to the outer scope',
    ],
    [
      'a distributed Map',
      machine({
        A: {
          Type: 'Map',
          End: true,
          ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: { B: pass } },
        },
      }),
      'Mode',
    ],
  ])('is refused for %s', (_, definition, problem) => {
    expect(problemsOf(definition)).toContain(problem);
  });

  it('names every problem at once', () => {
    const problems = problemsOf(machine({ A: { Type: 'Pass', Next: 'B', Output: '{% ( %}' }, C: pass }));
    expect(problems.match(/^- /gmu)).toHaveLength(3);
  });
});
