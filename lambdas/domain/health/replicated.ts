import type { KubernetesObject } from '../kubernetes-object.ts';
import { at, conditionOf, numberAt, textAt } from './fields.ts';
import { failed, type ObjectHealth, type Rule, ready, waiting } from './object-health.ts';

/** Whether the object's controller has seen its newest spec. Controllers that set the field always set it. */
export const isObserved = (object: KubernetesObject): boolean =>
  numberAt(object, 0, 'status', 'observedGeneration') >= (object.metadata.generation ?? 1);

const status = (object: KubernetesObject, field: string): number => numberAt(object, 0, 'status', field);

/** Controllers take a missing count as 1. */
const wanted = (object: KubernetesObject): number => numberAt(object, 1, 'spec', 'replicas');

const podCount = (count: number): string => (count === 1 ? '1 pod' : `${count} pods`);

const notSeen = (): ObjectHealth => waiting('not yet seen by its controller');

const pods = (have: number, of: number, what: string): ObjectHealth => waiting(`${have} of ${of} pods ${what}`);

/** apps/Deployment: all pods of the newest revision, all available, none of an older one left. */
export const deploymentHealth: Rule = (object) => {
  if (!isObserved(object)) return notSeen();
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    const message = progressing.message ?? 'the rollout made no progress in time';
    return failed('RolloutStalled', message, progressing.lastUpdateTime ?? progressing.lastTransitionTime);
  }
  if (at(object, 'spec', 'paused') === true) return failed('RolloutStalled', 'its rollout is paused');
  const count = wanted(object);
  if (status(object, 'updatedReplicas') < count) return pods(status(object, 'updatedReplicas'), count, 'updated');
  if (status(object, 'availableReplicas') < count) return pods(status(object, 'availableReplicas'), count, 'available');
  if (status(object, 'readyReplicas') < count) return pods(status(object, 'readyReplicas'), count, 'ready');
  const older = status(object, 'replicas') - status(object, 'updatedReplicas');
  if (older > 0) return waiting(`${podCount(older)} of the previous revision still there`);
  return ready(`${count} of ${count} pods ready`);
};

/** apps/StatefulSet. With `OnDelete` somebody else replaces the pods, with a partition only those above it count. */
export const statefulSetHealth: Rule = (object) => {
  if (!isObserved(object)) return notSeen();
  const count = wanted(object);
  const partition = numberAt(object, 0, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const updates = textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete' ? 0 : Math.max(count - partition, 0);
  if (status(object, 'readyReplicas') < count) return pods(status(object, 'readyReplicas'), count, 'ready');
  const isSettled = textAt(object, 'status', 'currentRevision') === textAt(object, 'status', 'updateRevision');
  if (!isSettled && status(object, 'updatedReplicas') < updates) {
    return pods(status(object, 'updatedReplicas'), updates, 'updated');
  }
  const extra = status(object, 'replicas') - count;
  if (extra > 0) return waiting(`${podCount(extra)} too many still there`);
  return ready(`${count} of ${count} pods ready`);
};

/** apps/DaemonSet: one updated, available pod on each node that it wants. */
export const daemonSetHealth: Rule = (object) => {
  if (!isObserved(object)) return notSeen();
  const count = status(object, 'desiredNumberScheduled');
  const isRolling = textAt(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete';
  if (isRolling && status(object, 'updatedNumberScheduled') < count) {
    return pods(status(object, 'updatedNumberScheduled'), count, 'updated');
  }
  if (status(object, 'numberAvailable') < count) return pods(status(object, 'numberAvailable'), count, 'available');
  return ready(`${count} of ${count} pods ready`);
};

/** apps/ReplicaSet and the core's ReplicationController. */
export const replicaSetHealth: Rule = (object) => {
  if (!isObserved(object)) return notSeen();
  const count = wanted(object);
  if (status(object, 'availableReplicas') < count) return pods(status(object, 'availableReplicas'), count, 'available');
  const extra = status(object, 'replicas') - count;
  if (extra > 0) return waiting(`${podCount(extra)} too many still there`);
  return ready(`${count} of ${count} pods ready`);
};
