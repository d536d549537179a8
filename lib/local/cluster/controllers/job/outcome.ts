import { isActive, type Pod } from '../pod-view.ts';
import { milliseconds } from '../timestamps.ts';
import type { Job } from '../workload-views.ts';

export interface Tally {
  active: readonly Pod[];
  terminating: number;
  succeeded: number;
  failed: number;
}

/** Counts a Job's pods; what was counted once stays counted, though the pod be gone. */
export function tallyOf({ status }: Job, pods: readonly Pod[]): Tally {
  const phase = (name: string): number => pods.filter((pod) => pod.status.phase === name).length;
  return {
    active: pods.filter(isActive),
    terminating: pods.filter(
      (pod) => pod.metadata.deletionTimestamp && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed',
    ).length,
    succeeded: Math.max(status.succeeded, phase('Succeeded')),
    failed: Math.max(status.failed, phase('Failed')),
  };
}

export interface Verdict {
  type: 'Complete' | 'Failed';
  reason: string;
  message: string;
}

/** How a Job ends, if it does now. */
export function verdictOf(job: Job, tally: Tally, now: number): Verdict | undefined {
  const { spec, status } = job;
  const startedAt = milliseconds(status.startTime ?? '');
  const isLate =
    spec.activeDeadlineSeconds != null && startedAt > 0 && now >= startedAt + spec.activeDeadlineSeconds * 1000;
  if (tally.failed > spec.backoffLimit || hasRestartedTooOften(job, tally.active))
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (isLate)
    return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const isDone =
    spec.completions == null ? tally.succeeded > 0 && tally.active.length === 0 : tally.succeeded >= spec.completions;
  return isDone
    ? { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
    : undefined;
}

/** With restartPolicy OnFailure it is the containers' restarts that count. */
function hasRestartedTooOften({ spec }: Job, active: readonly Pod[]): boolean {
  const restarts = active
    .filter((pod) => pod.spec.restartPolicy === 'OnFailure')
    .flatMap(({ status }) => [...status.initContainerStatuses, ...status.containerStatuses])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit;
}

/** When a failed Job may start its next pod: the delay doubles with every failure. */
export function nextStart(
  pods: readonly Pod[],
  failed: number,
  firstDelay: number,
  seenAt: (pod: Pod) => number,
): number {
  if (failed === 0) return 0;
  const ended = pods.filter((pod) => pod.status.phase === 'Failed').map(seenAt);
  return Math.max(0, ...ended) + Math.min(firstDelay * 2 ** (failed - 1), firstDelay * 36);
}
