import { timestamp } from './timestamps.ts';
import type { Condition } from './view.ts';

interface NewCondition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason?: string;
  message?: string;
}

export const conditionOf = (conditions: readonly Condition[], type: string): Condition | undefined =>
  conditions.find((condition) => condition.type === type);

export const isTrue = (conditions: readonly Condition[], type: string): boolean =>
  conditionOf(conditions, type)?.status === 'True';

export const withoutCondition = (conditions: readonly Condition[], type: string): Condition[] =>
  conditions.filter((condition) => condition.type !== type);

/** The conditions with one set in its place; its transition time moves only where its status changes. */
export function withCondition(conditions: readonly Condition[], next: NewCondition, now: number): Condition[] {
  const current = conditionOf(conditions, next.type);
  const isSameStatus = current?.status === next.status;
  const lastTransitionTime = (isSameStatus ? current.lastTransitionTime : undefined) ?? timestamp(now);
  const set = { ...next, lastTransitionTime };
  if (current === undefined) return [...conditions, set];
  return conditions.map((condition) => (condition === current ? set : condition));
}
