import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';

export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Enough of an object to be stored: apiVersion, kind and metadata. The rest is checked against its schema. */
export const isKubernetesObject = (value: unknown): value is KubernetesObject =>
  isRecord(value) &&
  typeof value['apiVersion'] === 'string' &&
  typeof value['kind'] === 'string' &&
  isRecord(value['metadata']);

/** The value at a path of keys; undefined where the path ends early. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (!isRecord(current)) return undefined;
    current = current[key];
  }
  return current;
}

/** The record at a path; empty where there is none. */
export function recordAt(value: unknown, ...path: readonly string[]): JsonRecord {
  const found = valueAt(value, ...path);
  return isRecord(found) ? found : {};
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The string at a path; undefined where there is none. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The text, number or boolean at a path as text; the fallback where there is none. */
export function textAt(value: unknown, fallback: string, ...path: readonly string[]): string {
  const found = valueAt(value, ...path);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean'
    ? String(found)
    : fallback;
}

/** The object with a value at a path; what lies on the way is copied, nothing is changed in place. */
export function withValueAt<T extends object>(object: T, path: readonly string[], value: unknown): T {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const child = valueAt(object, key);
  const next = rest.length === 0 ? value : withValueAt(isRecord(child) ? child : {}, rest, value);
  return { ...object, [key]: next };
}

/** The record without one of its keys. */
export function withoutKey<T extends object>(object: T, key: string): T {
  if (!(key in object)) return object;
  const copy: T = { ...object };
  Reflect.deleteProperty(copy, key);
  return copy;
}
