import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { qualifiedResource } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { listAt, stringAt, valueAt } from '../json.ts';
import type { Change, ObjectTable } from '../object-table.ts';
import type { ResourceType } from '../storage.ts';
import { type Amounts, podAmounts } from './pod-resources.ts';

const countedPlainly = new Set([
  'pods',
  'services',
  'persistentvolumeclaims',
  'configmaps',
  'secrets',
  'resourcequotas',
  'replicationcontrollers',
]);

const isEnded = (pod: KubernetesObject): boolean =>
  ['Succeeded', 'Failed'].includes(stringAt(pod, 'status', 'phase') ?? '');

function podUsage(pod: KubernetesObject): Amounts {
  const requests = podAmounts(pod['spec'], 'requests');
  const limits = podAmounts(pod['spec'], 'limits');
  const prefixed = (prefix: string, amounts: Amounts): [string, number][] =>
    Object.entries(amounts).map(([name, amount]) => [`${prefix}${name}`, amount]);
  return Object.fromEntries([
    ...prefixed('', requests),
    ...prefixed('requests.', requests),
    ...prefixed('limits.', limits),
  ]);
}

function claimUsage(claim: KubernetesObject): Amounts {
  const storage = quantity(valueAt(claim, 'spec', 'resources', 'requests', 'storage'));
  const storageClass = stringAt(claim, 'spec', 'storageClassName');
  const own =
    storageClass === undefined
      ? {}
      : {
          [`${storageClass}.storageclass.storage.k8s.io/requests.storage`]: storage,
          [`${storageClass}.storageclass.storage.k8s.io/persistentvolumeclaims`]: 1,
        };
  return { 'requests.storage': storage, ...own };
}

function serviceUsage(service: KubernetesObject): Amounts {
  const type = stringAt(service, 'spec', 'type');
  const nodePorts = type === 'NodePort' || type === 'LoadBalancer' ? listAt(service, 'spec', 'ports').length : 0;
  return { 'services.nodeports': nodePorts, 'services.loadbalancers': type === 'LoadBalancer' ? 1 : 0 };
}

const usages = new WeakMap<KubernetesObject, Amounts>();

/** What one object takes of a quota, worked out once: objects don't change in place. */
export function usageOf(resource: ResourceType, object: KubernetesObject): Amounts {
  const known = usages.get(object) ?? measure(resource, object);
  usages.set(object, known);
  return known;
}

/** Pods that have ended take nothing but their place among all objects. */
function measure(resource: ResourceType, object: KubernetesObject): Amounts {
  const counts: Amounts = { [`count/${qualifiedResource(resource)}`]: 1 };
  if (resource.group !== '') return counts;
  if (resource.kind === 'Pod' && isEnded(object)) return counts;
  if (countedPlainly.has(resource.plural)) counts[resource.plural] = 1;
  if (resource.kind === 'Pod') return { ...counts, ...podUsage(object) };
  if (resource.kind === 'PersistentVolumeClaim') return { ...counts, ...claimUsage(object) };
  return resource.kind === 'Service' ? { ...counts, ...serviceUsage(object) } : counts;
}

/** What a namespace takes of the named amounts. */
export function usageIn(table: ObjectTable, namespace: string, names: readonly string[]): Amounts {
  const sums: Amounts = {};
  for (const { resource, object } of table.contentsOf(namespace)) {
    const usage = usageOf(resource, object);
    for (const name of names) sums[name] = (sums[name] ?? 0) + (usage[name] ?? 0);
  }
  return sums;
}

/** Whether a change makes a difference to any of the named amounts. */
export function isFelt({ type, resource, object, before }: Change, names: readonly string[]): boolean {
  const now = type === 'DELETED' ? {} : usageOf(resource, object);
  const then = before === undefined ? {} : usageOf(resource, before);
  return names.some((name) => (now[name] ?? 0) !== (then[name] ?? 0));
}
