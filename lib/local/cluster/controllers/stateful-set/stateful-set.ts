import type { ApiError } from '../../api-error.ts';
import type { Control, Controller } from '../control.ts';
import { isBeingDeleted } from '../creating.ts';
import { itsController, itself, ownedBy } from '../owners.ts';
import { asPod, hasEnded, isAvailable, isReady, type Pod } from '../pod-view.ts';
import { untilAvailable } from '../replica-set.ts';
import { asStatefulSet, type StatefulSet } from '../workload-views.ts';
import { nonZero, writeStatus } from '../write-status.ts';
import { createMember, deleteMember, ordinalOf, revisionLabel } from './members.ts';
import { keepRevision, revisionName } from './revisions.ts';

/** Keeps a StatefulSet's numbered pods, one after another, each with its volumes. */
export function statefulSetController(control: Control): Controller {
  const { storage, kinds, clock } = control;
  return {
    name: 'statefulset',
    watches: { StatefulSet: itself, Pod: itsController('StatefulSet') },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.statefulSet, namespace, name);
      if (stored === undefined) return undefined;
      const set = asStatefulSet(stored);
      const failure = set.metadata.deletionTimestamp ? undefined : manage(control, set);
      const pods = membersOf(control, set);
      writeStatus(control, stored, statusOf(set, pods, clock.now()));
      if (failure !== undefined && !isBeingDeleted(failure)) throw failure;
      return untilAvailable(pods, set.spec.minReadySeconds, clock.now());
    },
  };
}

const membersOf = (control: Control, set: StatefulSet): Pod[] =>
  ownedBy(control, control.kinds.pod, set.metadata)
    .map(asPod)
    .filter((pod) => ordinalOf(set, pod) >= 0)
    .toSorted((left, right) => ordinalOf(set, left) - ordinalOf(set, right));

const isHealthy = (control: Control, set: StatefulSet, pod: Pod): boolean =>
  !pod.metadata.deletionTimestamp && isAvailable(pod, set.spec.minReadySeconds, control.clock.now());

/** The revision of which a member is to be made: below the partition the one that ran before, whoever deleted it. */
function revisionFor(set: StatefulSet, ordinal: number): string {
  const update = revisionName(set);
  const isHeldBack = ordinal < (set.spec.updateStrategy.rollingUpdate?.partition ?? 0);
  return isHeldBack && set.status.currentRevision !== '' ? set.status.currentRevision : update;
}

function manage(control: Control, set: StatefulSet): ApiError | undefined {
  keepRevision(control, set);
  const pods = membersOf(control, set);
  const isOrdered = set.spec.podManagementPolicy !== 'Parallel';
  for (let ordinal = 0; ordinal < set.spec.replicas; ordinal += 1) {
    const pod = pods.find((member) => ordinalOf(set, member) === ordinal);
    if (pod !== undefined && hasEnded(pod) && !pod.metadata.deletionTimestamp) deleteMember(control, set, pod);
    const failure = pod === undefined ? createMember(control, set, ordinal, revisionFor(set, ordinal)) : undefined;
    if (failure !== undefined) return failure;
    if (isOrdered && (pod === undefined || !isHealthy(control, set, pod))) return undefined;
  }
  if (!shrink(control, set, pods, isOrdered)) update(control, set, pods);
  return undefined;
}

/** Deletes members beyond the wanted number, the highest first. @returns whether there were any */
function shrink(control: Control, set: StatefulSet, pods: readonly Pod[], isOrdered: boolean): boolean {
  const beyond = pods.filter((pod) => ordinalOf(set, pod) >= set.spec.replicas).toReversed();
  const isLeaving = beyond.some((pod) => pod.metadata.deletionTimestamp);
  const now = isOrdered ? beyond.slice(0, isLeaving ? 0 : 1) : beyond;
  for (const pod of now) if (!pod.metadata.deletionTimestamp) deleteMember(control, set, pod);
  return beyond.length > 0;
}

/** Replaces the highest member that isn't of the present template, once all above it are healthy again. */
function update(control: Control, set: StatefulSet, pods: readonly Pod[]): void {
  if (set.spec.updateStrategy.type === 'OnDelete') return;
  for (const pod of pods.toReversed()) {
    const isOld = pod.metadata.labels[revisionLabel] !== revisionFor(set, ordinalOf(set, pod));
    if (isOld && !pod.metadata.deletionTimestamp) return deleteMember(control, set, pod);
    if (!isHealthy(control, set, pod)) return;
  }
}

function statusOf(set: StatefulSet, pods: readonly Pod[], now: number) {
  const updateRevision = revisionName(set);
  const updated = pods.filter((pod) => pod.metadata.labels[revisionLabel] === updateRevision).length;
  const available = pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds, now)).length;
  const isDone = updated === set.spec.replicas && pods.length === updated && available === updated;
  const before = set.status.currentRevision === '' ? updateRevision : set.status.currentRevision;
  const currentRevision = isDone ? updateRevision : before;
  const current = pods.filter((pod) => pod.metadata.labels[revisionLabel] === currentRevision).length;
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: nonZero(pods.filter(isReady).length),
    availableReplicas: available,
    currentReplicas: nonZero(current),
    updatedReplicas: nonZero(updated),
    currentRevision,
    updateRevision,
    collisionCount: 0,
  };
}
