import type { ApiError } from '../../api-error.ts';
import { conditionOf, isTrue, withCondition } from '../conditions.ts';
import type { Control, Controller } from '../control.ts';
import { isBeingDeleted } from '../creating.ts';
import { itsController, itself, ownedBy } from '../owners.ts';
import { asPod, isReady, type Pod } from '../pod-view.ts';
import { milliseconds, timestamp } from '../timestamps.ts';
import type { Condition } from '../view.ts';
import { asJob, type Job } from '../workload-views.ts';
import { nonZero, writeStatus } from '../write-status.ts';
import { nextStart, type Tally, tallyOf, type Verdict, verdictOf } from './outcome.ts';
import { completedIndexes, createJobPod, deleteJobPod, record } from './pods.ts';

interface Round {
  control: Control;
  job: Job;
  now: number;
  /** when each failed pod was first seen, to the millisecond; the stored times are whole seconds */
  seen: Map<string, number>;
}

/** Runs the pods of a Job until enough have succeeded or too many have failed. */
export function jobController(control: Control): Controller {
  const { storage, kinds, clock } = control;
  const seen = new Map<string, number>();
  return {
    name: 'job',
    watches: {
      Job: itself,
      Pod: (event) => {
        if (event.type === 'DELETED') seen.delete(event.object.metadata.uid ?? '');
        return itsController('Job')(event);
      },
    },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.job, namespace, name);
      if (stored === undefined) return undefined;
      const round = { control, job: asJob(stored), now: clock.now(), seen };
      return isOver(round.job) ? afterEnd(round) : run(round);
    },
  };
}

export const isOver = ({ status }: Job): boolean =>
  isTrue(status.conditions, 'Complete') || isTrue(status.conditions, 'Failed');

const podsOf = ({ control, job }: Round): Pod[] => ownedBy(control, control.kinds.pod, job.metadata).map(asPod);

/** An ended Job is deleted when its time to live is over. */
function afterEnd({ control, job, now }: Round): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished == null || job.metadata.deletionTimestamp) return undefined;
  const ended = conditionOf(job.status.conditions, isTrue(job.status.conditions, 'Complete') ? 'Complete' : 'Failed');
  const left = milliseconds(ended?.lastTransitionTime ?? '') + ttlSecondsAfterFinished * 1000 - now;
  if (left > 0) return left;
  control.storage.remove(control.kinds.job, job.metadata.namespace, job.metadata.name);
  return undefined;
}

function run(round: Round): number | undefined {
  const { control, job, now, seen } = round;
  const before = podsOf(round);
  for (const pod of before)
    if (pod.status.phase === 'Failed' && !seen.has(pod.metadata.uid)) seen.set(pod.metadata.uid, now);
  const tally = tallyOf(job, before);
  const verdict = job.spec.suspend ? undefined : verdictOf(job, tally, now);
  const stays = verdict === undefined && !job.spec.suspend && !job.metadata.deletionTimestamp;
  if (!stays) for (const pod of tally.active) deleteJobPod(control, job, pod);
  const { failure, wait } = stays ? grow(round, before, tally) : { failure: undefined, wait: undefined };
  const pods = podsOf(round);
  writeStatus(control, job.raw, statusOf(round, pods, { ...tallyOf(job, pods), failed: tally.failed }, verdict));
  if (verdict !== undefined) announce(round, verdict);
  if (failure !== undefined && !isBeingDeleted(failure)) throw failure;
  return verdict === undefined ? earliest(wait, untilDeadline(round)) : 1;
}

/** Starts pods up to the parallelism, but no more than are still needed, and not before the back-off is over. */
function grow(
  round: Round,
  pods: readonly Pod[],
  tally: Tally,
): { failure: ApiError | undefined; wait: number | undefined } {
  const { control, job, now, seen } = round;
  const { parallelism, completions } = job.spec;
  const needed =
    completions == null ? (tally.succeeded > 0 ? tally.active.length : parallelism) : completions - tally.succeeded;
  const missing = Math.min(parallelism, needed) - tally.active.length;
  if (missing < 0) for (const pod of tally.active.slice(missing)) deleteJobPod(control, job, pod);
  if (missing <= 0 || tally.terminating > 0) return { failure: undefined, wait: undefined };
  const start = nextStart(pods, tally.failed, control.timings.jobBackoff, (pod) => seen.get(pod.metadata.uid) ?? now);
  if (start > now) return { failure: undefined, wait: start - now };
  for (let count = 0; count < missing; count += 1) {
    const failure = createJobPod(control, job, podsOf(round));
    if (failure !== undefined) return { failure, wait: undefined };
  }
  return { failure: undefined, wait: undefined };
}

function untilDeadline({ job, now }: Round): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds == null || suspend) return undefined;
  return Math.max(milliseconds(job.status.startTime ?? timestamp(now)) + activeDeadlineSeconds * 1000 - now, 1);
}

const earliest = (...waits: (number | undefined)[]): number | undefined => {
  const given = waits.filter((wait) => wait !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
};

function announce({ control, job }: Round, { type, reason, message }: Verdict): void {
  if (type === 'Complete') record(control, job, 'Normal', 'Completed', 'Job completed');
  else record(control, job, 'Warning', reason, message);
}

function conditionsOf({ control, job, now }: Round, verdict: Verdict | undefined): Condition[] {
  const { conditions } = job.status;
  if (verdict !== undefined) {
    const { type, reason, message } = verdict;
    const first = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
    const targeted = withCondition(conditions, { type: first, status: 'True', reason, message }, now);
    return withCondition(targeted, { type, status: 'True', reason, message }, now).map((condition) => ({
      lastProbeTime: timestamp(now),
      ...condition,
    }));
  }
  const isSuspended = isTrue(conditions, 'Suspended');
  if (job.spec.suspend === isSuspended) return conditions;
  const [status, reason, message] = job.spec.suspend
    ? (['True', 'JobSuspended', 'Job suspended'] as const)
    : (['False', 'JobResumed', 'Job resumed'] as const);
  record(control, job, 'Normal', job.spec.suspend ? 'Suspended' : 'Resumed', message);
  return withCondition(conditions, { type: 'Suspended', status, reason, message }, now);
}

function statusOf(round: Round, pods: readonly Pod[], tally: Tally, verdict: Verdict | undefined) {
  const { job, now } = round;
  const conditions = conditionsOf(round, verdict);
  const active = verdict === undefined ? tally.active : [];
  const startTime = job.spec.suspend ? undefined : (job.status.startTime ?? timestamp(now));
  return {
    conditions: conditions.length === 0 ? undefined : conditions,
    startTime,
    completionTime: verdict?.type === 'Complete' ? timestamp(now) : undefined,
    active: nonZero(active.length),
    ready: active.filter(isReady).length,
    terminating: tally.terminating,
    succeeded: nonZero(tally.succeeded),
    // pods that a failing Job stops count as failed too
    failed: nonZero(tally.failed + (verdict?.type === 'Failed' ? tally.terminating : 0)),
    completedIndexes: completedIndexes(job, pods),
    uncountedTerminatedPods: {},
  };
}
