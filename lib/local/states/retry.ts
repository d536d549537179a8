import type { Retrier } from './definition.ts';
import { matchesError } from './state-error.ts';

export interface RetryChance {
  /** attempts used by retrier, this one counted */
  retries: readonly number[];
  milliseconds: number;
}

/**
 * The first retrier that takes the error decides. Each counts its own attempts.
 * @returns undefined where none takes it, or its attempts are used up
 */
export function nextRetry(
  retriers: readonly Retrier[],
  used: readonly number[],
  error: string,
  random: () => number,
): RetryChance | undefined {
  const index = retriers.findIndex((retrier) => matchesError(retrier.ErrorEquals, error));
  const retrier = retriers[index];
  const before = used[index] ?? 0;
  if (!retrier || before >= (retrier.MaxAttempts ?? 3)) return undefined;
  const retries = retriers.map((_, place) => (used[place] ?? 0) + (place === index ? 1 : 0));
  return { retries, milliseconds: delay(retrier, before, random) };
}

function delay(retrier: Retrier, before: number, random: () => number): number {
  const grown = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** before;
  const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return Math.round(1000 * (retrier.JitterStrategy === 'FULL' ? seconds * random() : seconds));
}
