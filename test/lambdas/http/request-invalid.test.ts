import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fieldProblems } from '../../../lambdas/http/request-invalid.ts';

const Body = z.strictObject({
  blueprint: z.string().min(2),
  count: z.int().min(0).max(3).optional(),
  kind: z.enum(['a', 'b']).optional(),
  name: z.string().max(3, 'is too long for a label').optional(),
  number: z.int().positive().optional(),
  owner: z.string().min(1).optional(),
  url: z.url().optional(),
  values: z.record(z.string().min(1), z.json()).optional(),
});

const problemsOf = (value: unknown) => fieldProblems(Body.safeParse(value).error?.issues ?? []);

describe('problems of a request', () => {
  it.each([
    [null, 'body', 'must be an object'],
    [{}, 'blueprint', 'is required'],
    [{ blueprint: 3 }, 'blueprint', 'must be a text'],
    [{ blueprint: 'x' }, 'blueprint', 'must have at least 2 characters'],
    [{ blueprint: 'xy', count: 4 }, 'count', 'must be at most 3'],
    [{ blueprint: 'xy', count: 1.5 }, 'count', 'must be a whole number'],
    [{ blueprint: 'xy', count: Number.NaN }, 'count', 'must be a number'],
    [{ blueprint: 'xy', kind: 'c' }, 'kind', 'must be one of a, b'],
    [{ blueprint: 'xy', name: 'long' }, 'name', 'is too long for a label'],
    [{ blueprint: 'xy', number: 0 }, 'number', 'must be more than 0'],
    [{ blueprint: 'xy', owner: '' }, 'owner', 'must have at least 1 character'],
    [{ blueprint: 'xy', url: 'nowhere' }, 'url', 'must be a URL such as "https://example.com/"'],
    [{ blueprint: 'xy', values: { '': 1 } }, 'values.', 'has a wrong name, which must have at least 1 character'],
    [
      { blueprint: 'xy', values: { a: [JSON.parse('1e400')] } },
      'values.a',
      'holds a number that is too large; send it as text',
    ],
    [{ blueprint: 'xy', more: 1 }, 'more', 'is no field of this request'],
  ])('say of %j what would be right', (value, field, detail) => {
    expect(problemsOf(value)).toEqual([{ field, detail }]);
  });
});
