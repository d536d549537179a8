import type { KubernetesObject } from '../kubernetes-object.ts';
import { conditionOf, numberAt, textAt } from './fields.ts';
import type { View } from './object-health.ts';
import { isObserved } from './replicated.ts';

/** `exceeded quota: berth, requested: pods=1, used: pods=3, limited: pods=3` */
const refusal = /exceeded quota: ([^,\s]+), requested: \S+, used: (\S+), limited: /;

/**
 * Whether a quota that refused a pod may take it yet: it isn't as full any more, or pods are on their way out of it. An update
 * has more pods for a moment than before and after it.
 */
export const mayHaveRoom = (message: string, creator: KubernetesObject, view: View): boolean =>
  isOutdated(message, view) || isMakingRoom(creator, view);

/** What is used by now is something else: whoever was refused will try again, and then knows better. */
function isOutdated(message: string, view: View): boolean {
  const [, name, used = ''] = refusal.exec(message) ?? [];
  const quota = view.of('ResourceQuota').find(({ metadata }) => metadata.name === name);
  return used.split(',').some((pair) => {
    const [resource = '', amount] = pair.split('=');
    const now = textAt(quota, 'status', 'used', resource);
    return now !== undefined && now !== amount;
  });
}

const uidsOf = ({ metadata }: KubernetesObject): string[] => (metadata.ownerReferences ?? []).map(({ uid }) => uid);

function isMakingRoom(creator: KubernetesObject, view: View): boolean {
  const deployments = view.of('apps/Deployment');
  const known = new Set(deployments.map(({ metadata }) => metadata.uid));
  const isOrphan = (set: KubernetesObject): boolean => uidsOf(set).some((uid) => !known.has(uid));
  return (
    view.of('Pod').some(({ metadata }) => metadata.deletionTimestamp !== undefined) ||
    view.of('apps/ReplicaSet').some((set) => numberAt(set, 0, 'status', 'replicas') > 0 && isOrphan(set)) ||
    deployments.some((other) => !uidsOf(creator).includes(other.metadata.uid ?? '') && isShrinking(other))
  );
}

/** It has pods too many, or will have, and nothing keeps it from getting on. */
function isShrinking(deployment: KubernetesObject): boolean {
  if (!isObserved(deployment)) return true;
  if (conditionOf(deployment, 'ReplicaFailure')?.status === 'True') return false;
  const count = (field: string): number => numberAt(deployment, 0, 'status', field);
  return count('replicas') > Math.min(count('updatedReplicas'), numberAt(deployment, 1, 'spec', 'replicas'));
}
