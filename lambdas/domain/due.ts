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

/** What is due now, the weightiest first: an end before a warning. Undefined where nothing is (any more). */
export function choreDue(staging: Staging, now: Date): Chore | undefined {
  const order: readonly Chore[] = ['declare-lost', 'start', 'expire', 'retry-teardown', 'warn'];
  const due = candidates(staging).filter((candidate) => candidate.at <= now.toISOString());
  return order.find((chore) => due.some((candidate) => candidate.chore === chore));
}
