import type { KubernetesObject } from '../kubernetes-object.ts';
import { groupKindOf } from '../object-ref.ts';
import { numberAt, textAt } from './fields.ts';
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
  return podsOf(object, view).filter((pod) => pod.metadata.deletionTimestamp === undefined);
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

/**
 * Pods of an older revision for which an object waits until they are ready, before it replaces them: a StatefulSet goes on
 * in order, and what fails for good stops it for good ("forced rollback" in Kubernetes' documentation).
 */
export function podsInTheWay(object: KubernetesObject, view: View): KubernetesObject[] {
  const isOrdered = textAt(object, 'spec', 'podManagementPolicy') !== 'Parallel';
  if (groupKindOf(object) !== 'apps/StatefulSet' || !isOrdered || !isObserved(object)) return [];
  const current = new Set(currentPods(object, view));
  const end = numberAt(object, 0, 'spec', 'ordinals', 'start') + numberAt(object, 1, 'spec', 'replicas');
  // Those from there on are on their way out, in whatever state.
  const stays = ({ metadata: { name = '', deletionTimestamp } }: KubernetesObject): boolean =>
    deletionTimestamp === undefined && Number(name.slice(name.lastIndexOf('-') + 1)) < end;
  return owned(view, 'Pod', object).filter((pod) => stays(pod) && !current.has(pod));
}

/** Whoever creates an object's pods, and complains in events where it can't. */
export function podCreator(object: KubernetesObject, view: View): KubernetesObject | undefined {
  return groupKindOf(object) === 'apps/Deployment' ? currentReplicaSet(object, view) : object;
}
