import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkValues,
  keySegments,
  resolveChartValues,
  resolveInputs,
  setLeaf,
} from '../../../lambdas/domain/values.ts';
import { aBlueprint } from '../../support/world.ts';

const input = (over: Record<string, unknown>) => ({ type: 'string', description: 'x', to: [{ values: 'x' }], ...over });

const helm = (over: Record<string, unknown> = {}) => aBlueprint({ source: { helm: { chart: './chart' } }, ...over });

describe('the segments of a key', () => {
  it.each([
    ['a', ['a']],
    ['a.b.c', ['a', 'b', 'c']],
    [
      String.raw`annotations.nginx\.ingress\.kubernetes\.io/rewrite`,
      ['annotations', 'nginx.ingress.kubernetes.io/rewrite'],
    ],
    ['a..b', ['a', '', 'b']],
    ['.a', ['', 'a']],
    ['a.', ['a', '']],
  ])('%s', (key, segments) => {
    expect(keySegments(key)).toEqual(segments);
  });
});

describe('a leaf', () => {
  it('is set beside what is there, and leaves what it was given alone', () => {
    const tree = { web: { replicas: 1, image: { tag: 'v1' } } };

    expect(setLeaf(tree, ['web', 'image', 'tag'], 'v2')).toEqual({ web: { replicas: 1, image: { tag: 'v2' } } });
    expect(tree.web.image.tag).toBe('v1');
  });

  it('never reaches a prototype', () => {
    setLeaf({}, ['__proto__', 'polluted'], true);
    setLeaf({}, ['constructor', 'prototype', 'polluted'], true);

    expect('polluted' in {}).toBe(false);
  });

  it('that was set is what is found there', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { minLength: 1, maxLength: 4 }),
        fc.integer(),
        (path, value) => {
          const found = path.reduce<unknown>(
            (tree, key) => (tree as Record<string, unknown>)[key],
            setLeaf({ a: 1 }, path, value),
          );

          expect(found).toBe(value);
        },
      ),
    );
  });
});

describe('inputs', () => {
  const blueprint = aBlueprint({
    inputs: {
      tag: input({ default: 'v1' }),
      debug: input({ type: 'boolean' }),
      db: input({ type: 'object', default: { size: 'small', flags: { a: true, b: true } } }),
    },
  });

  it.each([
    { why: 'defaults where nothing is set', values: {}, tag: 'v1', size: 'small' },
    { why: 'the request over the default', values: { tag: 'v2' }, tag: 'v2', size: 'small' },
    { why: 'one leaf by a dotted key', values: { 'db.size': 'large' }, tag: 'v1', size: 'large' },
    { why: 'a tree as its leaves', values: { db: { size: 'large' } }, tag: 'v1', size: 'large' },
    {
      why: 'nothing where null removed the default',
      values: { tag: null, 'db.size': null },
      tag: null,
      size: undefined,
    },
  ])('are $why', ({ values, tag, size }) => {
    const resolved = resolveInputs(blueprint, values);

    expect(resolved['tag']).toBe(tag);
    expect(resolved['db']).toMatchObject({ flags: { a: true, b: true } });
    expect((resolved['db'] as Record<string, unknown>)['size']).toBe(size);
    expect('debug' in resolved).toBe(false);
  });
});

describe('chart values', () => {
  const blueprint = helm({
    inputs: { tag: input({ default: 'v1', to: [{ values: 'web.image.tag' }, { values: 'worker.image.tag' }] }) },
    values: 'any',
    defaults: { 'web.replicas': 2, 'web.image.tag': 'never', worker: { enabled: true } },
  });

  it('are the blueprint’s defaults, its inputs over them, the request’s own over both', () => {
    expect(resolveChartValues(blueprint, { tag: 'v2', 'web.replicas': 3, 'extra.on': true })).toEqual({
      web: { replicas: 3, image: { tag: 'v2' } },
      worker: { enabled: true, image: { tag: 'v2' } },
      extra: { on: true },
    });
  });

  it('keep a null, which removes the default of the chart as well', () => {
    expect(resolveChartValues(blueprint, { 'web.replicas': null })).toMatchObject({ web: { replicas: null } });
  });

  it('give a default back when a key is left out again', () => {
    const before = resolveChartValues(blueprint, {});

    resolveChartValues(blueprint, { 'web.replicas': 9 });

    expect(resolveChartValues(blueprint, {})).toEqual(before);
  });
});

describe('a check of values', () => {
  const blueprint = aBlueprint({
    inputs: {
      tag: input({ required: true, pattern: '^v\\d+$', maxLength: 4 }),
      mode: input({ enum: ['sandbox', 'production'], default: 'sandbox' }),
      replicas: input({ type: 'integer', minimum: 1, maximum: 5 }),
      ratio: input({ type: 'number' }),
      debug: input({ type: 'boolean' }),
      hosts: input({ type: 'array' }),
      db: input({ type: 'object' }),
    },
  });

  it('passes what fits', () => {
    const values = { tag: 'v1', mode: 'production', replicas: 5, ratio: 0.5, debug: false, hosts: ['a'], 'db.size': 1 };

    expect(checkValues(blueprint, values)).toEqual([]);
  });

  it.each([
    ['tag', 7, 'must be a string'],
    ['tag', 'latest', 'must match ^v\\d+$'],
    ['tag', 'v12345', 'must be at most 4 characters'],
    ['tag', null, 'is required'],
    ['mode', 'staging', 'must be one of "sandbox", "production"'],
    ['replicas', 1.5, 'must be an integer'],
    ['replicas', 0, 'must be at least 1'],
    ['replicas', 6, 'must be at most 5'],
    ['replicas', '3', 'must be an integer'],
    ['ratio', 'half', 'must be a number'],
    ['debug', 'yes', 'must be a boolean'],
    ['hosts', 'a', 'must be an array'],
    ['db', [], 'must be an object'],
    ['db', { a: { '': 1 } }, 'has an empty key in it'],
    ['db', { a: [{ b: 2 ** 53 }] }, 'holds a number beyond 2^53, which would be rounded; send it as text'],
    ['ratio', -1e300, 'holds a number beyond 2^53, which would be rounded; send it as text'],
    ['ratio', 5e-324, 'holds a number that is too small to be kept; send it as text'],
    ['colour', 'red', /^is no input of blueprint "hello", whose inputs are tag, mode/],
    ['toString', 'x', /^is no input/],
    ['debug.x', 'y', `can't be set: "debug" has nothing below it`],
    ['db..x', 'y', /^must be names with dots/],
  ])('refuses %s = %j', (key, value, detail) => {
    const problems = checkValues(blueprint, { tag: 'v1', [key]: value });

    expect(problems.find((problem) => problem.field === `values.${key}`)?.detail).toMatch(
      typeof detail === 'string' ? new RegExp(`^${RegExp.escape(detail)}$`) : detail,
    );
  });

  it('names every wrong field at once', () => {
    const fields = checkValues(blueprint, { mode: 'x', replicas: 9, other: 1 }).map((problem) => problem.field);

    expect(fields.toSorted()).toEqual(['values.mode', 'values.other', 'values.replicas', 'values.tag']);
  });

  it('refuses a key that is set as a whole and in part', () => {
    const problems = checkValues(blueprint, { tag: 'v1', db: { size: 1 }, 'db.size': 2 });

    expect(problems).toEqual([{ field: 'values.db.size', detail: 'is set twice: "db" holds it already' }]);
  });

  it('knows an input whose name means something to JavaScript', () => {
    const odd = aBlueprint({ inputs: { constructor: input({}), valueOf: input({ default: 'x' }) } });

    expect(checkValues(odd, {})).toEqual([]);
    expect(checkValues(odd, { constructor: 1 })).toEqual([{ field: 'values.constructor', detail: 'must be a string' }]);
    expect(resolveInputs(odd, { constructor: 'y' })).toEqual({ constructor: 'y', valueOf: 'x' });
  });

  // As many as a body holds. In the square of their number they take half a minute.
  it.each([
    ['keys', (key: string) => key],
    ['keys of one input', (key: string) => `db.${key}`],
  ])('takes thousands of %s in no more than linear time', { timeout: 10_000 }, (_, keyOf) => {
    const values = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [keyOf(`k${index}`), 1]));
    const any = helm({ values: 'any', inputs: { db: input({ type: 'object' }) } });

    expect(checkValues(any, values)).toEqual([]);
    expect(JSON.stringify(resolveChartValues(any, values)).match(/"k\d+":1/g)).toHaveLength(9_000);
  });

  it('lets chart values through that are no input where the blueprint says so', () => {
    expect(checkValues(helm({ values: 'any' }), { 'web.replicas': 3 })).toEqual([]);
  });
});
