import { describe, expect, it } from 'vitest';
import { maxTextLength, parseObjects } from '../../../lambdas/render/parse-objects.ts';

const parse = (text: string) => parseObjects([{ name: 'a.yaml', text }]);
const configMap = (name: string, data = '{}') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${data}\n`;
const dataOf = (data: string) => parse(configMap('x', data))[0]?.data;
const renderFailed = (message: RegExp) =>
  expect.objectContaining({ name: 'RenderFailed', message: expect.stringMatching(message) });

describe('parseObjects', () => {
  it('reads every document and skips empty ones', () => {
    const text = `---\n${configMap('a')}---\n# nothing here\n---\n\n---\n${configMap('b')}`;
    expect(parse(text).map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(parse('')).toEqual([]);
  });

  it('flattens lists, lists in lists too', () => {
    const item = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const list = (items: unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });
    const text = JSON.stringify(list([item('a'), list([item('b')]), item('c')]));
    expect(parse(text)).toEqual([item('a'), item('b'), item('c')]);
  });

  it('reads YAML as kubectl does: octal modes and "yes" are 1.1, base 60 and dates stay text', () => {
    expect(dataOf('{mode: 0644, on: yes, port: 22:30, day: 2026-01-02, quoted: "yes"}')).toEqual({
      mode: 420,
      true: true,
      port: '22:30',
      day: '2026-01-02',
      quoted: 'yes',
    });
  });

  it('keeps what looks like a template as text', () => {
    expect(dataOf('{text: "{{ .Values.secret }}"}')).toEqual({ text: '{{ .Values.secret }}' });
  });

  it.each([
    ['is no object', '- a\n- b', /^a\.yaml: is no Kubernetes object/],
    ['lacks apiVersion', 'kind: A\nmetadata: {name: x}', /apiVersion/],
    ['lacks kind', 'apiVersion: v1\nmetadata: {name: x}', /kind/],
    ['lacks metadata', 'apiVersion: v1\nkind: A', /metadata/],
    ['lacks a name', 'apiVersion: v1\nkind: A\nmetadata: {}', /A has no metadata\.name/],
    ['has an empty name', 'apiVersion: v1\nkind: A\nmetadata: {name: ""}', /A has no metadata\.name/],
    ['has a generateName', 'apiVersion: v1\nkind: A\nmetadata: {generateName: x-}', /A has a generateName/],
    ['has a number as name', 'apiVersion: v1\nkind: A\nmetadata: {name: 12}', /metadata\.name/],
    ['has a key twice', `${configMap('a')}kind: Secret\n`, /unique/],
    ['is broken', 'a: [', /^a\.yaml: /],
    ['has a tag of its own', configMap('a', '{x: !js/function "f"}'), /tag/],
    ['holds what JSON lacks', configMap('a', '{x: .nan}'), /JSON/],
  ])('refuses a document that %s', (_, text, message) => {
    expect(() => parse(text)).toThrow(renderFailed(message));
  });

  it('says where a document is broken, and not what stands there', () => {
    const text = `${configMap('a')}  password: hunter2: "x\n`;
    expect(() => parse(text)).toThrow(renderFailed(/^a\.yaml: .* at line \d$/));
    expect(() => parse(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });

  it('says which document is wrong', () => {
    expect(() => parse(`${configMap('a')}---\nkind: A\n`)).toThrow(renderFailed(/^a\.yaml, document 2: /));
    expect(() => parse(`---\n# Source: shop/templates/web.yaml\nkind: A\n`)).toThrow(
      renderFailed(/^shop\/templates\/web\.yaml: /),
    );
    const list = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'A', metadata: {} }] };
    expect(() => parse(JSON.stringify(list))).toThrow(renderFailed(/^a\.yaml, item 1: /));
  });

  it('refuses aliases that multiply', () => {
    const levels = 'bcdefghij'.split('').map((name, index) => {
      const before = 'abcdefghi'[index];
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
    });
    const bomb = `a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n${levels.join('\n')}\n`;
    expect(() => parse(bomb)).toThrow(renderFailed(/alias/));
  });

  it('takes aliases and merge keys as they are meant', () => {
    expect(dataOf('{a: &a {x: 1, z: 2}, b: {<<: *a, z: 3}, c: [*a, *a], ? &d k : *d}')).toEqual({
      a: { x: 1, z: 2 },
      b: { x: 1, z: 3 },
      c: [
        { x: 1, z: 2 },
        { x: 1, z: 2 },
      ],
      k: 'k',
    });
  });

  it('refuses merge keys that multiply', () => {
    const keys = Array.from({ length: 6000 }, (_, index) => `k${index}: v`).join(', ');
    const merges = Array.from({ length: 90 }, (_, index) => `m${index}: {<<: *a}`).join(', ');
    expect(() => dataOf(`{a: &a {${keys}}, ${merges}}`)).toThrow(renderFailed(/more than 500000 values/));
  });

  it('refuses more aliases than anybody writes', () => {
    expect(() => dataOf(`{a: &a x, b: [${'*a,'.repeat(1001)}]}`)).toThrow(renderFailed(/more than 1000 aliases/));
  });

  it.each(['[*b]', '&b {x: *b}', '{x: *b, y: &b 1}'])(
    'refuses an alias for what is not there before it: %s',
    (data) => {
      expect(() => dataOf(`{a: ${data}}`)).toThrow(renderFailed(/alias \*b stands for nothing/));
    },
  );

  it('refuses a list that holds itself', () => {
    const text = '&a {apiVersion: v1, kind: List, items: [*a]}';
    expect(() => parse(text)).toThrow(renderFailed(/alias \*a stands for nothing/));
  });

  it('refuses an object that few aliases make larger than the cluster takes', () => {
    const big = 'x'.repeat(100_000);
    const data = `{a: &a ${big}, ${Array.from({ length: 50 }, (_, index) => `k${index}: *a`).join(', ')}}`;
    expect(() => dataOf(data)).toThrow(renderFailed(/is larger than/));
  });

  it.each([201, 1000, 20_000])('refuses %d levels of nesting', (levels) => {
    const flow = '['.repeat(levels) + ']'.repeat(levels);
    expect(() => dataOf(flow)).toThrow(
      renderFailed(/^a\.yaml: is nested (deeper than 200 levels at line 4|too deep)$/),
    );
  });

  it('takes as many levels as the largest schemas have', () => {
    expect(dataOf('['.repeat(150) + ']'.repeat(150))).toHaveLength(1);
  });

  it.each([
    ['values', () => configMap('a', `[${'1,'.repeat(300_000)}]`), /a document has more than 500000 parts/],
    ['documents', () => '---\n'.repeat(20_000), /has more than 10000 documents/],
    ['errors', () => 'a: ]\n'.repeat(100_000), /^a\.yaml: /],
    ['errors within a document', () => '? - ! - %\n'.repeat(10_000), /^a\.yaml/],
  ])('gives up at too many %s, before they take much memory', (_, text, message) => {
    expect(() => parse(text())).toThrow(renderFailed(message));
  });

  // Comparing each key with each other takes 20 s.
  it('compares the keys of a large map in no more than linear time', { timeout: 10_000 }, () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `\n  k${index}: v`).join('');
    expect(() => dataOf(`${keys}\n  k7: v`)).toThrow(
      renderFailed(/keys must be unique, and "k7" is there twice at line 50005/),
    );
  });

  it('keeps keys that mean something to JavaScript as keys', () => {
    const data = '{__proto__: {polluted: true}, constructor: {prototype: {polluted: true}}, toString: x}';
    const [object] = parse(configMap('a', data).replace('{name: a}', '{name: a, labels: {constructor: z}}'));
    expect(JSON.parse(JSON.stringify(object))).toMatchObject({
      metadata: { labels: { constructor: 'z' } },
      data: { constructor: { prototype: { polluted: true } }, toString: 'x' },
    });
    expect(JSON.stringify(object)).toContain('{"__proto__":{"polluted":true}');
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    '9007199254740993',
    '-9007199254740993',
    '0x20000000000001',
    '12345678901234567890',
    '9_007_199_254_740_993',
  ])('refuses the number %s rather than round it', (number) => {
    expect(() => dataOf(`{x: ${number}}`)).toThrow(
      renderFailed(/^a\.yaml: the number -?\d+ would be rounded.* at line 4$/),
    );
    expect(dataOf(`{x: "${number}"}`)).toEqual({ x: number });
  });

  it('takes numbers that a double holds, and the bounds of 64 bits, which schemas have', () => {
    const text =
      '{a: 9007199254740991, b: 9223372036854775807, c: -9223372036854775808, d: 1e400000, e: 1234567.5, f: 0o17}';
    expect(() => dataOf(text)).toThrow(renderFailed(/JSON/));
    expect(dataOf(text.replace('1e400000', '1e300'))).toEqual({
      a: 9007199254740991,
      b: 2 ** 63,
      c: -(2 ** 63),
      d: 1e300,
      e: 1234567.5,
      f: '0o17',
    });
  });

  it('keeps control characters that are escaped, and refuses half a character', () => {
    expect(dataOf('{x: "a\\0b\\x07"}')).toEqual({ x: 'a\0b\u0007' });
    expect(() => dataOf('{x: "a\\ud800b"}')).toThrow(renderFailed(/JSON/));
    expect(() => dataOf('{"a\\udc00": x}')).toThrow(renderFailed(/JSON/));
  });

  it.each(['? [a]\n: b', '? {a: b}\n: c'])('refuses a key that is no text: %j', (data) => {
    expect(() => parse(`apiVersion: v1\nkind: A\nmetadata: {name: a}\n${data}\n`)).toThrow(
      renderFailed(/has a key that is no text at line 4/),
    );
  });

  it('refuses objects that are too large together, though each is not', () => {
    const object = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: ${'x'.repeat(1024 * 1024)}}}`;
    expect(() => parse(`{a: &a ${object}, kind: List, items: [${'*a,'.repeat(9)}]}`)).toThrow(
      renderFailed(/larger than 8388608 bytes together/),
    );
  });

  it('refuses more text and more objects than a staging has', () => {
    expect(() => parse('#'.repeat(maxTextLength + 1))).toThrow(renderFailed(/more than/));
    const items = Array.from({ length: 1001 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${index}` },
    }));
    expect(() => parse(JSON.stringify({ kind: 'List', items }))).toThrow(renderFailed(/more than 1000 objects/));
  });
});
