import { conditionOf, withCondition, withoutCondition } from '../conditions.ts';
import { milliseconds, timestamp } from '../timestamps.ts';
import type { Condition } from '../view.ts';
import type { Deployment, ReplicaSet } from '../workload-views.ts';
import { nonZero } from '../write-status.ts';
import { allOf, type Sets } from './replica-sets.ts';
import { unavailableOf } from './strategy.ts';

const noDeadline = 2 ** 31 - 1;

interface Counts {
  replicas: number;
  updatedReplicas: number;
  readyReplicas: number;
  availableReplicas: number;
}

const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);

function countsOf(sets: Sets): Counts {
  const all = allOf(sets);
  return {
    replicas: sum(all, (set) => set.status.replicas),
    updatedReplicas: sets.current?.status.replicas ?? 0,
    readyReplicas: sum(all, (set) => set.status.readyReplicas),
    availableReplicas: sum(all, (set) => set.status.availableReplicas),
  };
}

/** Whether every wanted pod is of the present template and available, and no other is left. */
export function isComplete({ spec }: Deployment, counts: Counts): boolean {
  return (
    counts.updatedReplicas === spec.replicas &&
    counts.replicas === spec.replicas &&
    counts.availableReplicas === spec.replicas
  );
}

/** Set with its update time, which other conditions lack: the deadline counts from it. */
function progressing(
  conditions: readonly Condition[],
  next: { status: 'True' | 'False' | 'Unknown'; reason: string; message: string },
  now: number,
): Condition[] {
  const set = withCondition(conditions, { type: 'Progressing', ...next }, now);
  return set.map((condition) =>
    condition.type === 'Progressing' ? { ...condition, lastUpdateTime: timestamp(now) } : condition,
  );
}

function withAvailable(deployment: Deployment, counts: Counts, conditions: readonly Condition[], now: number) {
  const isEnough = counts.availableReplicas >= deployment.spec.replicas - unavailableOf(deployment);
  const status = isEnough ? 'True' : 'False';
  if (conditionOf(conditions, 'Available')?.status === status) return conditions;
  const reason = isEnough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable';
  const message = isEnough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.';
  return withCondition(conditions, { type: 'Available', status, reason, message }, now).map((condition) =>
    condition.type === 'Available' ? { ...condition, lastUpdateTime: timestamp(now) } : condition,
  );
}

const hasMoved = ({ status }: Deployment, counts: Counts): boolean =>
  counts.updatedReplicas > status.updatedReplicas ||
  counts.replicas - counts.updatedReplicas < status.replicas - status.updatedReplicas ||
  counts.readyReplicas > status.readyReplicas ||
  counts.availableReplicas > status.availableReplicas;

/** When a rollout that stands still is given up; undefined where it isn't running or has no deadline. */
function deadlineOf({ spec }: Deployment, condition: Condition | undefined): number | undefined {
  if (condition === undefined || spec.progressDeadlineSeconds === noDeadline) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  return milliseconds(condition.lastUpdateTime ?? '') + spec.progressDeadlineSeconds * 1000;
}

function withProgress(
  deployment: Deployment,
  counts: Counts,
  sets: Sets,
  conditions: readonly Condition[],
  now: number,
) {
  if (deployment.spec.progressDeadlineSeconds === noDeadline) return withoutCondition(conditions, 'Progressing');
  const current = conditionOf(conditions, 'Progressing');
  const isOver = counts.replicas === counts.updatedReplicas && current?.reason === 'NewReplicaSetAvailable';
  if (isOver) return conditions;
  const subject = sets.current
    ? `ReplicaSet "${sets.current.metadata.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, counts)) {
    const message = `${subject} has successfully progressed.`;
    return progressing(conditions, { status: 'True', reason: 'NewReplicaSetAvailable', message }, now);
  }
  if (hasMoved(deployment, counts)) {
    const message = `${subject} is progressing.`;
    return progressing(conditions, { status: 'True', reason: 'ReplicaSetUpdated', message }, now);
  }
  const deadline = deadlineOf(deployment, current);
  if (deadline === undefined || deadline > now) return conditions;
  const message = `${subject} has timed out progressing.`;
  return progressing(conditions, { status: 'False', reason: 'ProgressDeadlineExceeded', message }, now);
}

function withReplicaFailure(sets: Sets, conditions: readonly Condition[], now: number): Condition[] {
  const failures = [sets.current, ...sets.old].map((set) =>
    conditionOf(set?.status.conditions ?? [], 'ReplicaFailure'),
  );
  const failure = failures.find((condition) => condition !== undefined);
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { reason = '', message = '' } = failure;
  const before = conditionOf(conditions, 'ReplicaFailure');
  const isNew = before?.reason !== reason || before.message !== message;
  const set = withCondition(conditions, { type: 'ReplicaFailure', status: 'True', reason, message }, now);
  const lastUpdateTime = isNew ? timestamp(now) : before.lastUpdateTime;
  return set.map((condition) => (condition.type === 'ReplicaFailure' ? { ...condition, lastUpdateTime } : condition));
}

/** What happened to the Deployment in this step besides its counts. */
export type Notice = { created: string } | { refused: string } | { paused: boolean } | undefined;

function withNotice(conditions: readonly Condition[], notice: Notice, now: number): readonly Condition[] {
  if (notice === undefined) return conditions;
  if ('created' in notice) {
    const message = `Created new replica set "${notice.created}"`;
    return progressing(conditions, { status: 'True', reason: 'NewReplicaSetCreated', message }, now);
  }
  if ('refused' in notice) {
    const current = conditionOf(conditions, 'Progressing');
    if (current?.reason === 'FailedCreate' && current.message === notice.refused) return conditions;
    return progressing(conditions, { status: 'False', reason: 'FailedCreate', message: notice.refused }, now);
  }
  const { reason } = conditionOf(conditions, 'Progressing') ?? {};
  if (reason === 'ProgressDeadlineExceeded' || notice.paused === (reason === 'DeploymentPaused')) return conditions;
  return notice.paused
    ? progressing(conditions, { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }, now)
    : progressing(
        conditions,
        { status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' },
        now,
      );
}

/** The status of a Deployment and the milliseconds until its deadline has to be looked at. */
export function statusOf(deployment: Deployment, sets: Sets, notice: Notice, now: number) {
  const counts = countsOf(sets);
  const noticed = withNotice(deployment.status.conditions, notice, now);
  const available = withAvailable(deployment, counts, noticed, now);
  const isRolling = !deployment.spec.paused && notice === undefined;
  const moved = isRolling ? withProgress(deployment, counts, sets, available, now) : available;
  const conditions = withReplicaFailure(sets, moved, now);
  const deadline = deadlineOf(deployment, conditionOf(conditions, 'Progressing'));
  const status = {
    observedGeneration: deployment.metadata.generation,
    replicas: nonZero(counts.replicas),
    updatedReplicas: nonZero(counts.updatedReplicas),
    readyReplicas: nonZero(counts.readyReplicas),
    availableReplicas: nonZero(counts.availableReplicas),
    unavailableReplicas: nonZero(Math.max(sum(allOf(sets), (set) => set.spec.replicas) - counts.availableReplicas, 0)),
    conditions,
  };
  return { status, lookAgain: deadline === undefined ? undefined : Math.max(deadline - now, 0) + 1000 };
}
