import { NotFound } from '../domain/errors.ts';
import { type BrakedSweep, isOpen, sweepIdAt } from '../domain/sweep.ts';
import type { DueEntry, StagingStore } from '../stores/stagings.ts';
import type { SweepStore } from '../stores/sweeps.ts';
import type { Log } from './log.ts';

export interface FindDueDeps {
  stagings: Pick<StagingStore, 'listDue'>;
  sweeps: SweepStore;
  /** most stagings that may end in one sweep without an operator's approval */
  brake: number;
  now(): Date;
  random(): number;
  log: Log;
}

/** What one pass of a sweep is to look at: names only, to be decided one by one. */
export interface Due {
  due: { name: string }[];
  /** there is more than fits into this pass */
  more: boolean;
  /** too many would end at once: none does until an operator approves the sweep */
  braked: boolean;
  /** the braked or the approved sweep; empty where neither is */
  sweepId: string;
}

/** A Map's items stay far below Step Functions' 256 KiB. */
const perPass = 100;

/** Most entries that are looked at: names of all that would end fit one item of 400 KB. */
const mostRead = 1000;

/** An approved sweep has this long to end what it was approved for; the scheduled ones leave that to it. */
const approvalTime = 15 * 60_000;

/**
 * Finds what is due. A failed read throws: nothing is ever settled, and nothing braked, by an empty answer.
 * @throws NotFound where the approved sweep isn't approved, or isn't known
 */
export async function findDue(deps: FindDueDeps, approvedSweep?: string): Promise<Due> {
  const now = deps.now();
  const entries = await deps.stagings.listDue(now, mostRead);
  return approvedSweep === undefined ? scheduled(deps, entries, now) : approved(deps, entries, now, approvedSweep);
}

const isPast = (instant: string | undefined, now: Date): boolean =>
  instant !== undefined && instant <= now.toISOString();

async function approved(deps: FindDueDeps, entries: readonly DueEntry[], now: Date, id: string): Promise<Due> {
  const sweep = await deps.sweeps.get(id);
  if (sweep?.approvedAt === undefined) throw new NotFound('approved sweep', id);
  const names = new Set(sweep.names);
  const due = entries.filter((entry) => names.has(entry.name) && isPast(entry.expiresAt, now));
  return { ...pick(deps, due), braked: false, sweepId: id };
}

async function scheduled(deps: FindDueDeps, entries: readonly DueEntry[], now: Date): Promise<Due> {
  const latest = await deps.sweeps.latest();
  const underApproval = new Set(isBeingSettled(latest, now) ? latest?.names : []);
  const expiring = entries.filter((entry) => isPast(entry.expiresAt, now) && !underApproval.has(entry.name));
  const isBraked = expiring.length > deps.brake;
  if (!isBraked) {
    if (latest && isOpen(latest)) await deps.sweeps.release(latest.id, now.toISOString());
    const mayEnd = new Set(expiring);
    return {
      ...pick(
        deps,
        entries.filter((entry) => mayEnd.has(entry) || isPast(entry.choreAt, now)),
      ),
      braked: false,
      sweepId: '',
    };
  }
  const sweep = latest && isOpen(latest) ? latest : await brake(deps, expiring, latest, now);
  return {
    ...pick(
      deps,
      entries.filter((entry) => isPast(entry.choreAt, now)),
    ),
    braked: true,
    sweepId: sweep.id,
  };
}

const isBeingSettled = (sweep: BrakedSweep | undefined, now: Date): boolean =>
  sweep?.approvedAt !== undefined && Date.parse(sweep.approvedAt) > now.getTime() - approvalTime;

async function brake(
  deps: FindDueDeps,
  expiring: readonly DueEntry[],
  latest: BrakedSweep | undefined,
  now: Date,
): Promise<BrakedSweep> {
  const sweep = { id: sweepIdAt(now), brakedAt: now.toISOString(), names: expiring.map((entry) => entry.name) };
  await deps.sweeps.brake(sweep, latest);
  deps.log.error('sweep braked: an operator has to approve it', {
    sweep: sweep.id,
    expiring: expiring.length,
    allowed: deps.brake,
  });
  return sweep;
}

/** By chance, so that a hundred stagings that can't be settled never stand in the way of the others. */
function pick(deps: FindDueDeps, entries: readonly DueEntry[]): Pick<Due, 'due' | 'more'> {
  const shuffled = entries
    .map((entry) => ({ entry, place: deps.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ entry }) => ({ name: entry.name }));
  return { due: shuffled.slice(0, perPass), more: shuffled.length > perPass };
}
