import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fieldProblems } from '../../../lambdas/http/request-invalid.ts';

const Body = z.strictObject({
  blueprint: z.string().min(2),
  count: z.int().min(0).max(3).optional(),
  kind: z.enum(['a', 'b']).optional(),
  name: z.string().max(3, 'is too long for a label').optional(),
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
    [{ blueprint: 'xy', more: 1 }, 'more', 'is no field of this request'],
  ])('say of %j what would be right', (value, field, detail) => {
    expect(problemsOf(value)).toEqual([{ field, detail }]);
  });
});
