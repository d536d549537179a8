import type { KubernetesObject } from '../domain/kubernetes-object.ts';

/**
 * Helm's install order, cut into tiers: within one, nothing needs another of it, so all are applied at once. Kinds that
 * are not named come last but one, as with Helm; what intercepts writes comes after everything that it would intercept.
 */
const tiers: readonly (readonly string[])[] = [
  ['CustomResourceDefinition'],
  ['PriorityClass', 'Namespace', 'StorageClass', 'IngressClass', 'RuntimeClass'],
  [
    'NetworkPolicy',
    'ResourceQuota',
    'LimitRange',
    'PodDisruptionBudget',
    'ServiceAccount',
    'Secret',
    'ConfigMap',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'ClusterRole',
    'Role',
    'Service',
  ],
  // The API server looks the role up when it is bound.
  ['ClusterRoleBinding', 'RoleBinding'],
  [
    'DaemonSet',
    'Pod',
    'ReplicationController',
    'ReplicaSet',
    'Deployment',
    'HorizontalPodAutoscaler',
    'StatefulSet',
    'Job',
    'CronJob',
  ],
  ['Ingress', 'APIService'],
];
const lastTier = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'ValidatingAdmissionPolicy'];

const rank = new Map<string, number>([
  ...tiers.flatMap((kinds, index) => kinds.map((kind): [string, number] => [kind, index])),
  ...lastTier.map((kind): [string, number] => [kind, tiers.length + 1]),
]);

const rankOf = ({ kind }: Pick<KubernetesObject, 'kind'>): number => rank.get(kind) ?? tiers.length;

/** The objects in tiers, first to last; empty ones are left out. */
export function installTiers(objects: readonly KubernetesObject[]): KubernetesObject[][] {
  const byRank = Map.groupBy(objects, rankOf);
  return [...byRank.keys()].toSorted((a, b) => a - b).map((key) => byRank.get(key) ?? []);
}

const podRank = rankOf({ kind: 'Pod' });

/** Before pods and what makes them, nothing but a claim is counted by the quota of a staging's namespace. */
const isUncounted = (object: KubernetesObject): boolean =>
  rankOf(object) < podRank && object.kind !== 'PersistentVolumeClaim';

/** The objects that may be applied before the quota is in force, and those that may not; the order of tiers holds. */
export function splitByQuota(objects: readonly KubernetesObject[]): [KubernetesObject[], KubernetesObject[]] {
  return [objects.filter(isUncounted), objects.filter((object) => !isUncounted(object))];
}

/** Kinds in the order in which Helm installs them, for what runs one by one. */
const helmOrder = tiers.flat();

export function compareKinds(a: string, b: string): number {
  const position = (kind: string): number => {
    const index = helmOrder.indexOf(kind);
    return index < 0 ? helmOrder.length : index;
  };
  return position(a) - position(b) || (a < b ? -1 : Number(a > b));
}
