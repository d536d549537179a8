import { describe, expect, it } from 'vitest';
import { evaluateTemplate } from '../../../../lib/local/states/expression.ts';
import type { Json } from '../../../../lib/local/states/json.ts';

const scope = {
  states: { input: { name: 'one', list: [1, 2, 3] } },
  variables: { limit: 2 },
  now: () => Date.parse('2026-01-02T03:04:05.006Z'),
  random: () => 0.25,
};
const evaluate = (template: Json): Promise<Json> => evaluateTemplate(template, 'Output', scope);

describe('an expression', () => {
  it('is evaluated at any depth, and everything else stays as it is', async () => {
    const template = { a: [{ b: '{% $states.input.name %}' }, 'plain {% text %}', 1, null], c: '{% $limit %}' };
    expect(await evaluate(template)).toEqual({ a: [{ b: 'one' }, 'plain {% text %}', 1, null], c: 2 });
  });

  it.each<[string, Json]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ["$hash('abc')", '900150983cd24fb0d6963f7d28e17f72'],
    ["$hash('abc', 'SHA-1')", 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['$parse(\'{"a":[1]}\')', { a: [1] }],
    ['$random()', 0.25],
    ['$random(7) = $random(7)', true],
    ['$uuid()', '44444444-4444-4444-8444-444444444444'],
    ['$now()', '2026-01-02T03:04:05.006Z'],
    ["$now('[Y0001]')", '2026'],
    ['$millis()', 1767323045006],
    ['$merge([$states.input, {"x": 1}])', { name: 'one', list: [1, 2, 3], x: 1 }],
    ['$states.input.list[$ > 1]', [2, 3]],
    ['$states.input.list.{ "n": $ }', [{ n: 1 }, { n: 2 }, { n: 3 }]],
  ])('gives what AWS gives: %s', async (expression, expected) => {
    expect(await evaluate(`{% ${expression} %}`)).toEqual(expected);
  });

  it('fails the state when it gives nothing', async () => {
    await expect(evaluate({ deep: ['{% $states.input.absent %}'] })).rejects.toMatchObject({
      error: 'States.QueryEvaluationError',
      cause:
        "The JSONata expression '$states.input.absent' specified for the field 'Output/deep[0]' returned nothing (undefined).",
      location: 'Output/deep[0]',
    });
  });

  it.each(["'a' + 1", '$f := function($x) { $f($x) + 1 }; $f(1)', "$error('no')", '$nothing(1)'])(
    'fails the state when it throws: %s',
    async (expression) => {
      await expect(evaluate(`{% (${expression}) %}`)).rejects.toMatchObject({ error: 'States.QueryEvaluationError' });
    },
  );

  it('fails the state when it gives a function', async () => {
    await expect(evaluate('{% $sum %}')).rejects.toMatchObject({ error: 'States.QueryEvaluationError' });
    await expect(evaluate('{% function($x) { $x } %}')).rejects.toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});
