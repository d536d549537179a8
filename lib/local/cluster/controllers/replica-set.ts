import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { ApiError } from '../api-error.ts';
import { isTrue, withCondition, withoutCondition } from './conditions.ts';
import type { Control, Controller } from './control.ts';
import { isBeingDeleted, tryToCreate } from './creating.ts';
import { itsController, itself, ownedBy } from './owners.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { asPod, availableAt, hasEnded, isActive, isAvailable, isReady, type Pod } from './pod-view.ts';
import { generatedName } from './random-name.ts';
import type { Condition } from './view.ts';
import { asReplicaSet, type ReplicaSet } from './workload-views.ts';
import { nonZero, writeStatus } from './write-status.ts';

const component = 'replicaset-controller';

/** Keeps as many pods as a ReplicaSet asks for. */
export function replicaSetController(control: Control): Controller {
  const { storage, kinds, clock } = control;
  return {
    name: 'replicaset',
    watches: { ReplicaSet: itself, Pod: itsController('ReplicaSet') },
    reconcile({ namespace, name }) {
      const stored = storage.get(kinds.replicaSet, namespace, name);
      if (stored === undefined) return undefined;
      const set = asReplicaSet(stored);
      const failure = set.metadata.deletionTimestamp ? undefined : manage(control, set, podsOf(control, set));
      const pods = podsOf(control, set);
      writeStatus(control, stored, statusOf(set, pods, failure, clock.now()));
      if (failure !== undefined) throw failure;
      return untilAvailable(pods, set.spec.minReadySeconds, clock.now());
    },
  };
}

const podsOf = (control: Control, set: ReplicaSet): Pod[] =>
  ownedBy(control, control.kinds.pod, set.metadata).map(asPod);

/** Creates what is missing and deletes what is too much. @returns what kept it from creating */
function manage(control: Control, set: ReplicaSet, pods: readonly Pod[]): ApiError | undefined {
  const active = pods.filter(isActive);
  for (const pod of active.toSorted(leastWorthFirst).slice(0, Math.max(active.length - set.spec.replicas, 0)))
    removePod(control, set, pod);
  for (let missing = set.spec.replicas - active.length; missing > 0; missing -= 1) {
    const failure = createPod(control, set);
    if (failure !== undefined) return isBeingDeleted(failure) ? undefined : failure;
  }
  return undefined;
}

function createPod(control: Control, set: ReplicaSet): ApiError | undefined {
  const generateName = `${set.metadata.name}-`;
  const pod = podFromTemplate({
    template: set.spec.template,
    name: generatedName(generateName, control.random),
    generateName,
    owner: { resource: control.kinds.replicaSet, metadata: set.metadata },
  });
  return tryToCreate(control, pod, {
    created: ({ metadata }: KubernetesObject) =>
      control.events.record({
        about: set.raw,
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message: `Created pod: ${metadata.name}`,
        component,
      }),
    refused: (error) =>
      control.events.record({
        about: set.raw,
        type: 'Warning',
        reason: 'FailedCreate',
        message: `Error creating: ${error.message}`,
        component,
      }),
  });
}

function removePod({ storage, kinds, events }: Control, set: ReplicaSet, { metadata }: Pod): void {
  storage.remove(kinds.pod, metadata.namespace, metadata.name);
  events.record({
    about: set.raw,
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Deleted pod: ${metadata.name}`,
    component,
  });
}

/** Not placed before placed, pending before running, not ready before ready, newer before older. */
const rank = (pod: Pod): number =>
  (pod.spec.nodeName ? 4 : 0) + (pod.status.phase === 'Running' ? 2 : 0) + (isReady(pod) ? 1 : 0);
const leastWorthFirst = (left: Pod, right: Pod): number =>
  rank(left) - rank(right) || right.metadata.creationTimestamp.localeCompare(left.metadata.creationTimestamp);

function statusOf(set: ReplicaSet, pods: readonly Pod[], failure: ApiError | undefined, now: number) {
  const active = pods.filter(isActive);
  const terminating = pods.filter((pod) => pod.metadata.deletionTimestamp && !hasEnded(pod)).length;
  const conditions = conditionsOf(set, failure, now);
  return {
    replicas: active.length,
    fullyLabeledReplicas: nonZero(active.length),
    readyReplicas: nonZero(active.filter(isReady).length),
    availableReplicas: nonZero(active.filter((pod) => isAvailable(pod, set.spec.minReadySeconds, now)).length),
    terminatingReplicas: nonZero(terminating),
    observedGeneration: set.metadata.generation,
    conditions: conditions.length === 0 ? undefined : conditions,
  };
}

function conditionsOf({ status }: ReplicaSet, failure: ApiError | undefined, now: number): Condition[] {
  if (failure === undefined) return withoutCondition(status.conditions, 'ReplicaFailure');
  // The first refusal stays: each later one differs only in the pod's random name.
  if (isTrue(status.conditions, 'ReplicaFailure')) return status.conditions;
  return withCondition(
    status.conditions,
    { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure.message },
    now,
  );
}

/** Milliseconds until the next pod has been ready for long enough. */
export function untilAvailable(pods: readonly Pod[], minReadySeconds: number, now: number): number | undefined {
  const times = pods.map((pod) => availableAt(pod, minReadySeconds)).filter((at) => at !== undefined && at > now);
  return times.length === 0 ? undefined : Math.min(...times.map((at) => (at ?? now) - now));
}
