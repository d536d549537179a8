import * as z from 'zod';
import type { KubernetesObject } from '../kubernetes-object.ts';

/** What lies under a path of keys; undefined where the path leads nowhere. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

export function numberAt(value: unknown, fallback: number, ...path: readonly string[]): number {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : fallback;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTransitionTime: z.string().nullish(),
  lastUpdateTime: z.string().nullish(),
});
export type Condition = z.infer<typeof Condition>;

export const conditionsOf = (object: KubernetesObject): Condition[] =>
  listAt(object, 'status', 'conditions').flatMap((condition) => Condition.safeParse(condition).data ?? []);

export const conditionOf = (object: KubernetesObject, type: string): Condition | undefined =>
  conditionsOf(object).find((condition) => condition.type === type);

/** Milliseconds since 1970; `fallback` where there is no time or no parseable one. */
export function timeOf(text: string | null | undefined, fallback: number): number {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? fallback : time;
}
