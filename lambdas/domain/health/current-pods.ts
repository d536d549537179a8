import type { KubernetesObject } from '../kubernetes-object.ts';
import { groupKindOf } from '../object-ref.ts';
import { at, conditionOf, numberAt, textAt } from './fields.ts';
import type { View } from './object-health.ts';
import { isObserved } from './replicated.ts';

const revision = 'deployment.kubernetes.io/revision';

const isOwnedBy = (object: KubernetesObject, owner: KubernetesObject): boolean =>
  (object.metadata.ownerReferences ?? []).some(({ uid }) => uid === owner.metadata.uid);

const owned = (view: View, kind: string, owner: KubernetesObject): KubernetesObject[] =>
  view.of(kind).filter((object) => isOwnedBy(object, owner));

/** The ReplicaSet of a Deployment's newest revision; undefined until its controller has made it. */
export function currentReplicaSet(deployment: KubernetesObject, view: View): KubernetesObject | undefined {
  const wanted = deployment.metadata.annotations?.[revision];
  if (wanted === undefined || !isObserved(deployment)) return undefined;
  return owned(view, 'apps/ReplicaSet', deployment).find((set) => set.metadata.annotations?.[revision] === wanted);
}

/** Of a controller that numbers its revisions by a label, those of the newest; all where it says none. */
function ofRevision(pods: readonly KubernetesObject[], label: string, wanted: string | undefined): KubernetesObject[] {
  return pods.filter((pod) => wanted === undefined || (pod.metadata.labels?.[label] ?? wanted) === wanted);
}

/**
 * The pods by which an object is to be judged: those of its newest revision, not on their way out. A previous revision
 * may fail as it likes.
 */
export function currentPods(object: KubernetesObject, view: View): KubernetesObject[] {
  return podsOf(object, view).filter((pod) => !isLeaving(pod));
}

function podsOf(object: KubernetesObject, view: View): KubernetesObject[] {
  switch (groupKindOf(object)) {
    case 'Pod':
      return [object];
    case 'apps/Deployment': {
      const set = currentReplicaSet(object, view);
      return set ? owned(view, 'Pod', set) : [];
    }
    case 'apps/StatefulSet': {
      const wanted = isObserved(object) ? textAt(object, 'status', 'updateRevision') : 'unknown';
      return ofRevision(owned(view, 'Pod', object), 'controller-revision-hash', wanted);
    }
    case 'apps/DaemonSet': {
      const wanted = object.metadata.annotations?.['deprecated.daemonset.template.generation'];
      return ofRevision(owned(view, 'Pod', object), 'pod-template-generation', wanted);
    }
    case 'apps/ReplicaSet':
    case 'ReplicationController':
    case 'batch/Job':
      return owned(view, 'Pod', object);
    default:
      return [];
  }
}

/** The number in the name of a StatefulSet's pod. */
const ordinalOf = ({ metadata: { name = '' } }: KubernetesObject): number =>
  Number(name.slice(name.lastIndexOf('-') + 1));

const firstOrdinal = (set: KubernetesObject): number => numberAt(set, 0, 'spec', 'ordinals', 'start');

const endOrdinal = (set: KubernetesObject): number => firstOrdinal(set) + numberAt(set, 1, 'spec', 'replicas');

const isLeaving = ({ metadata }: KubernetesObject): boolean => metadata.deletionTimestamp !== undefined;

/** Pods of an older revision for which a StatefulSet waits until they are ready, before it goes on: one after the other. */
function awaitedPods(set: KubernetesObject, view: View): KubernetesObject[] {
  const isOrdered = textAt(set, 'spec', 'podManagementPolicy') !== 'Parallel';
  if (groupKindOf(set) !== 'apps/StatefulSet' || !isOrdered || !isObserved(set)) return [];
  const current = new Set(currentPods(set, view));
  // Those from the end on are on their way out, in whatever state.
  const stays = (pod: KubernetesObject): boolean => !isLeaving(pod) && ordinalOf(pod) < endOrdinal(set);
  return owned(view, 'Pod', set).filter((pod) => stays(pod) && !current.has(pod));
}

/** Whether a StatefulSet is to replace a pod of an older revision. With `OnDelete`, and below a partition, such are to stay. */
function isReplaced(pod: KubernetesObject, set: KubernetesObject): boolean {
  const strategy = at(set, 'spec', 'updateStrategy');
  const partition = numberAt(strategy, 0, 'rollingUpdate', 'partition');
  return textAt(strategy, 'type') === 'RollingUpdate' && ordinalOf(pod) >= firstOrdinal(set) + partition;
}

/** Pods of an older revision for which an object waits although it keeps them: what fails in them for good, stops it for good. */
export const podsInTheWay = (object: KubernetesObject, view: View): KubernetesObject[] =>
  awaitedPods(object, view).filter((pod) => !isReplaced(pod, object));

/**
 * The pod of an older revision that an update waits for before it replaces it: the first of all that isn't ready. Where it never
 * gets ready the update never goes on, unless somebody deletes it ("forced rollback" in Kubernetes' documentation).
 */
export function podHoldingUp(set: KubernetesObject, view: View): KubernetesObject | undefined {
  const older = awaitedPods(set, view);
  if (older.length === 0) return undefined;
  const members = new Map(
    owned(view, 'Pod', set)
      .filter((pod) => isControlledBy(pod, set))
      .map((pod) => [ordinalOf(pod), pod]),
  );
  for (let ordinal = firstOrdinal(set); ordinal < endOrdinal(set); ordinal += 1) {
    const pod = members.get(ordinal);
    if (pod && !isLeaving(pod) && conditionOf(pod, 'Ready')?.status === 'True') continue;
    return pod && isReplaced(pod, set) && older.includes(pod) ? pod : undefined;
  }
  return undefined;
}

const isControlledBy = ({ metadata }: KubernetesObject, owner: KubernetesObject): boolean =>
  (metadata.ownerReferences ?? []).some(
    (reference) => reference.uid === owner.metadata.uid && at(reference, 'controller') === true,
  );

/** Whoever creates an object's pods, and complains in events where it can't. */
export function podCreator(object: KubernetesObject, view: View): KubernetesObject | undefined {
  return groupKindOf(object) === 'apps/Deployment' ? currentReplicaSet(object, view) : object;
}
