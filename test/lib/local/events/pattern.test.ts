import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../../lib/local/events/pattern.ts';
import type { Json } from '../../../../lib/local/states/json.ts';

const event: Json = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  resources: ['arn:a', 'arn:b'],
  detail: {
    status: 'FAILED',
    count: 7,
    output: null,
    empty: [],
    flag: true,
    file: 'dir/picture.PNG',
    list: [
      { name: 'x', size: 1 },
      { name: 'y', size: 2 },
    ],
  },
};

describe('an event pattern', () => {
  it.each<[string, Json, boolean]>([
    ['an exact value', { source: ['aws.states'] }, true],
    ['any of several', { detail: { status: ['ABORTED', 'FAILED'] } }, true],
    ['none of several', { detail: { status: ['ABORTED', 'TIMED_OUT'] } }, false],
    ['all fields', { source: ['aws.states'], detail: { status: ['FAILED'], count: [8] } }, false],
    ['a number, not its text', { detail: { count: ['7'] } }, false],
    ['a boolean', { detail: { flag: [true] } }, true],
    ['null', { detail: { output: [null] } }, true],
    ['an item of a list', { resources: ['arn:b'] }, true],
    ['an object within a list', { detail: { list: { name: ['y'], size: [2] } } }, true],
    ['no mix of two objects within a list', { detail: { list: { name: ['x'], size: [2] } } }, false],
    ['a prefix', { source: [{ prefix: 'aws.' }] }, true],
    ['a prefix in other case', { source: [{ prefix: { 'equals-ignore-case': 'AWS.' } }] }, true],
    ['a suffix', { detail: { file: [{ suffix: '.PNG' }] } }, true],
    ['a suffix in other case', { detail: { file: [{ suffix: { 'equals-ignore-case': '.png' } }] } }, true],
    ['a text in other case', { detail: { status: [{ 'equals-ignore-case': 'failed' }] } }, true],
    ['a wildcard', { detail: { file: [{ wildcard: 'dir/*.PNG' }] } }, true],
    ['a wildcard that does not fit', { detail: { file: [{ wildcard: 'dir*.png' }] } }, false],
    ['a wildcard with a dot that is a dot', { detail: { file: [{ wildcard: '*x.PNG' }] } }, false],
    ['anything but', { detail: { status: [{ 'anything-but': 'SUCCEEDED' }] } }, true],
    ['anything but several', { detail: { status: [{ 'anything-but': ['FAILED', 'X'] }] } }, false],
    ['anything but a number', { detail: { count: [{ 'anything-but': 7 }] } }, false],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }, false],
    ['anything but several prefixes', { source: [{ 'anything-but': { prefix: ['berth', 'x'] } }] }, true],
    ['anything but, of a missing field', { detail: { absent: [{ 'anything-but': 'x' }] } }, false],
    ['a field that exists', { detail: { output: [{ exists: true }] } }, true],
    ['a field that does not exist', { detail: { absent: [{ exists: true }] } }, false],
    ['the absence of a field', { detail: { absent: [{ exists: false }] } }, true],
    ['the absence of a field of a missing object', { other: { deep: [{ exists: false }] } }, true],
    ['the absence of a field that is there', { detail: { status: [{ exists: false }] } }, false],
    ['an object, which is no leaf', { detail: [{ exists: true }] }, false],
    ['a numeric range', { detail: { count: [{ numeric: ['>', 5, '<=', 7] }] } }, true],
    ['a numeric range that ends below', { detail: { count: [{ numeric: ['>', 5, '<', 7] }] } }, false],
    ['an alternative', { $or: [{ source: ['x'] }, { detail: { count: [7] } }] }, true],
    ['an alternative beside a field', { source: ['y'], $or: [{ source: ['x'] }, { detail: { count: [7] } }] }, false],
    ['a name of every object', { toString: [{ exists: true }] }, false],
  ])('knows %s', (_, pattern, matches) => {
    expect(compilePattern(pattern)(event)).toBe(matches);
  });

  it.each<[Json, string]>([
    [{ source: [{ cidr: '10.0.0.0/8' }] }, 'cidr'],
    [{ source: [{ prefix: 1 }] }, 'has to be a text'],
    [{ source: [{ prefix: 'a', suffix: 'b' }] }, 'no comparison'],
    [{ source: 'aws.states' }, 'neither a list nor an object'],
    [{ detail: { n: [{ numeric: ['~', 1] }] } }, 'no numeric comparison'],
    [[], 'is an object'],
    [{ $or: [] }, '$or'],
  ])('is refused where it is not understood: %j', (pattern, problem) => {
    expect(() => compilePattern(pattern)).toThrow(problem);
  });
});
