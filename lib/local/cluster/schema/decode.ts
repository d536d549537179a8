import { isRecord } from '../json.ts';
import { canonicalQuantity } from './canonical-quantity.ts';
import { childSchema, type ScalarType, type Schema } from './schema.ts';

/** What a value has that its schema doesn't allow. `path` is `spec.ports[0].foo`. */
export interface SchemaProblem {
  path: string;
  /** the same in the form of server-side apply: `.spec.ports[port=80].foo` */
  typedPath: string;
  problem: 'unknown' | 'type' | 'duplicate' | 'key';
  /** for `type`: the Go type expected; for `duplicate` and `key`: the sentence */
  expected: string;
  found: string;
}

export interface Decoded {
  /** the value without fields that nobody declared */
  value: unknown;
  problems: readonly SchemaProblem[];
}

interface Place {
  path: string;
  typedPath: string;
}

const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  if (isRecord(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

const goTypes: Record<ScalarType, string> = {
  string: 'string',
  integer: 'int32',
  number: 'float64',
  boolean: 'bool',
  intOrString: 'intstr.IntOrString',
  quantity: 'resource.Quantity',
  date: 'Time',
};

const quantityForm = /^[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

const fits: Record<ScalarType, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  intOrString: (value) => typeof value === 'string' || Number.isInteger(value),
  quantity: (value) => typeof value === 'number' || (typeof value === 'string' && quantityForm.test(value)),
  date: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** The values of an element's key fields, with their defaults; undefined where one is missing. */
export function elementKey(
  merge: readonly { name: string; default?: string }[],
  element: unknown,
): Record<string, unknown> | undefined {
  if (!isRecord(element)) return undefined;
  const pairs = merge.map(({ name, default: standard }): [string, unknown] => [name, element[name] ?? standard]);
  return pairs.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(pairs);
}

const bracketed = (key: Record<string, unknown>): string =>
  `[${Object.entries(key)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}]`;

class Decoder {
  readonly problems: SchemaProblem[] = [];

  decode(schema: Schema, value: unknown, place: Place): unknown {
    if (value === null || value === undefined || schema.kind === 'any') return value;
    if (schema.kind === 'scalar') return this.#scalar(schema.type, value, place);
    if (schema.kind === 'list') return this.#list(schema, value, place);
    if (!isRecord(value)) return this.#mismatch(schema.kind === 'map' ? 'map' : schema.typeName, value, place);
    const entries = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
      const below = { path: place.path === '' ? key : `${place.path}.${key}`, typedPath: `${place.typedPath}.${key}` };
      const found = childSchema(schema, key);
      if (found !== undefined) return [[key, this.decode(found, child, below)]];
      this.problems.push({ ...below, problem: 'unknown', expected: '', found: '' });
      return [];
    });
    return Object.fromEntries(entries);
  }

  #scalar(type: ScalarType, value: unknown, place: Place): unknown {
    if (!fits[type](value)) return this.#mismatch(goTypes[type], value, place);
    return type === 'quantity' ? canonicalQuantity(String(value)) : value;
  }

  #list(schema: Schema & { kind: 'list' }, value: unknown, place: Place): unknown {
    if (!Array.isArray(value)) return this.#mismatch('slice', value, place);
    const seen = new Set<string>();
    return value.map((element: unknown, index) => {
      const path = `${place.path}[${index}]`;
      if (typeof schema.merge === 'string') {
        return this.decode(schema.items, element, { path, typedPath: `${place.typedPath}[${index}]` });
      }
      const key = elementKey(schema.merge, element);
      const typedPath = `${place.typedPath}${key === undefined ? `[${index}]` : bracketed(key)}`;
      if (key === undefined) this.#missingKey(schema.merge, index, place);
      else if (seen.has(JSON.stringify(key))) this.#duplicate(bracketed(key), place);
      else seen.add(JSON.stringify(key));
      return this.decode(schema.items, element, { path, typedPath });
    });
  }

  #mismatch(expected: string, value: unknown, place: Place): unknown {
    this.problems.push({ ...place, problem: 'type', expected, found: typeOf(value) });
    return value;
  }

  #missingKey(merge: readonly { name: string }[], index: number, place: Place): void {
    const names = merge.map(({ name }) => JSON.stringify(name)).join(', ');
    const expected = `element ${index}: associative list with keys has an element that omits key field ${names}`;
    this.problems.push({ ...place, problem: 'key', expected, found: '' });
  }

  #duplicate(key: string, place: Place): void {
    this.problems.push({ ...place, problem: 'duplicate', expected: `duplicate entries for key ${key}`, found: '' });
  }
}

/** Holds a value against its schema: every problem at once, and the value without what isn't declared. */
export function decode(schema: Schema, value: unknown): Decoded {
  const decoder = new Decoder();
  const decoded = decoder.decode(schema, value, { path: '', typedPath: '' });
  return { value: decoded, problems: decoder.problems };
}
