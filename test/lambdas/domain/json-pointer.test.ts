import { describe, expect, it } from 'vitest';
import { setAtPointer } from '../../../lambdas/domain/json-pointer.ts';

const tree = {
  spec: {
    replicas: 1,
    containers: [
      { name: 'web', env: [{ name: 'PORT', value: '80' }] },
      { name: 'proxy', env: [] },
    ],
  },
  data: { 'a/b': 'x', 'c~d': 'y' },
};

describe('setAtPointer', () => {
  it('sets a field and leaves what was handed in as it was', () => {
    const before = structuredClone(tree);
    expect(setAtPointer(tree, '/spec/replicas', 3)).toMatchObject({ value: { spec: { replicas: 3 } } });
    expect(tree).toEqual(before);
  });

  it('finds list elements by index and by name', () => {
    const expected = {
      value: { spec: { containers: [{ env: [{ name: 'PORT', value: 'x' }] }, tree.spec.containers[1]] } },
    };
    expect(setAtPointer(tree, '/spec/containers/0/env/0/value', 'x')).toMatchObject(expected);
    expect(setAtPointer(tree, '/spec/containers/web/env/PORT/value', 'x')).toMatchObject(expected);
  });

  it('writes numbers and booleans as text where text stands', () => {
    expect(setAtPointer(tree, '/spec/containers/web/env/PORT/value', 8080)).toMatchObject({
      value: { spec: { containers: [{ env: [{ value: '8080' }] }, {}] } },
    });
    expect(setAtPointer({ data: { on: 'no' } }, '/data/on', true)).toEqual({ value: { data: { on: 'true' } } });
  });

  it('adds a field that is new in its object', () => {
    expect(setAtPointer({ spec: {} }, '/spec/paused', true)).toEqual({ value: { spec: { paused: true } } });
  });

  it('reads the escapes of RFC 6901', () => {
    expect(setAtPointer(tree, '/data/a~1b', 'z')).toMatchObject({ value: { data: { 'a/b': 'z' } } });
    expect(setAtPointer(tree, '/data/c~0d', 'z')).toMatchObject({ value: { data: { 'c~d': 'z' } } });
  });

  it('removes a field or a list element for null', () => {
    expect(setAtPointer(tree, '/spec/replicas', null)).toEqual({
      value: { ...tree, spec: { containers: tree.spec.containers } },
    });
    expect(setAtPointer(tree, '/spec/containers/web', null)).toMatchObject({
      value: { spec: { containers: [{ name: 'proxy' }] } },
    });
  });

  it.each([
    ['/spec/template/spec', '/spec/template'],
    ['/spec/containers/2/name', '/spec/containers/2'],
    ['/spec/containers/db/name', '/spec/containers/db'],
    ['/spec/replicas/x', '/spec/replicas/x'],
    ['/spec/containers/-', '/spec/containers/-'],
  ])('names the first step of %s that is not there', (pointer, missing) => {
    expect(setAtPointer(tree, pointer, 1)).toEqual({ missing });
  });

  it('treats __proto__ as a key like any other', () => {
    expect(setAtPointer({}, '/__proto__/polluted', 1)).toEqual({ missing: '/__proto__' });
    setAtPointer({}, '/__proto__', { polluted: 1 });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
