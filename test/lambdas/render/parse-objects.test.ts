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

  it('refuses an object that few aliases make larger than the cluster takes', () => {
    const big = 'x'.repeat(100_000);
    const data = `{a: &a ${big}, ${Array.from({ length: 50 }, (_, index) => `k${index}: *a`).join(', ')}}`;
    expect(() => dataOf(data)).toThrow(renderFailed(/is larger than/));
  });

  it('refuses nesting that is deeper than the stack', () => {
    expect(() => parse(`a: ${'['.repeat(100_000)}`)).toThrow(renderFailed(/^a\.yaml: /));
  });

  it('refuses more text and more objects than a staging has', () => {
    expect(() => parse('#'.repeat(maxTextLength + 1))).toThrow(renderFailed(/more than/));
    const items = Array.from({ length: 1001 }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${index}` },
    }));
    expect(() => parse(JSON.stringify({ kind: 'List', items }))).toThrow(renderFailed(/1001 objects/));
  });
});
