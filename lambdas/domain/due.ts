import type { Staging } from './staging.ts';

/** What the sweep does for a staging whose time has come. */
export type Chore = 'warn' | 'expire' | 'start' | 'retry-teardown' | 'declare-lost';

interface Due {
  at: string;
  chore: Chore;
}

function candidates(staging: Staging): Due[] {
  const { active, status, expiresAt, warnAt, retryAt } = staging;
  if (status === 'Deleted') return [];
  const due: Due[] = [];
  if (active) due.push({ at: active.deadline, chore: active.claimedAt === undefined ? 'start' : 'declare-lost' });
  if (retryAt !== undefined) due.push({ at: retryAt, chore: 'retry-teardown' });
  const leaving = status === 'Deleting' || status === 'DeleteFailed';
  if (warnAt !== undefined && !leaving) due.push({ at: warnAt, chore: 'warn' });
  if (expiresAt !== undefined && !leaving) due.push({ at: expiresAt, chore: 'expire' });
  return due;
}

/** ISO 8601 instant at which the sweep must look at the staging, undefined where it never has to. */
export function dueAt(staging: Staging): string | undefined {
  return candidates(staging)
    .map((due) => due.at)
    .toSorted()[0];
}

/** ISO 8601 instant at which the staging is to be taken away, undefined where it never is or is leaving already. */
export const expiryOf = (staging: Staging): string | undefined =>
  candidates(staging).find((due) => due.chore === 'expire')?.at;

/** ISO 8601 instant at which there is something to do besides that. */
export const choreAt = (staging: Staging): string | undefined =>
  candidates(staging)
    .filter((due) => due.chore !== 'expire')
    .map((due) => due.at)
    .toSorted()[0];

/**
 * What is due now, the weightiest first: an end before a warning. Undefined where nothing is (any more).
 * With `mayExpire` false, the end of a lifetime has to wait for an operator, and nothing else does.
 */
export function choreDue(staging: Staging, now: Date, mayExpire = true): Chore | undefined {
  const order: readonly Chore[] = ['declare-lost', 'start', 'expire', 'retry-teardown', 'warn'];
  const due = candidates(staging).filter((candidate) => candidate.at <= now.toISOString());
  return order.find((chore) => (mayExpire || chore !== 'expire') && due.some((candidate) => candidate.chore === chore));
}

/** The owner has been told that the end is near. */
export function warned(staging: Staging): Staging {
  const { warnAt: _warnAt, ...kept } = staging;
  return { ...kept, revision: staging.revision + 1 };
}
