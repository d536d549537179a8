import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { forbidden, invalid, qualifiedResource } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { listAt, recordAt, stringAt, valueAt, withValueAt } from '../json.ts';
import type { ObjectStore } from '../object-store.ts';
import type { Change, ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { ResourceType } from '../storage.ts';
import { type Admission, controllerUser } from '../write-context.ts';
import { type Amounts, amountText, containersOf, initContainersOf, podAmounts } from './pod-resources.ts';

const countedPlainly = new Set([
  'pods',
  'services',
  'persistentvolumeclaims',
  'configmaps',
  'secrets',
  'resourcequotas',
  'replicationcontrollers',
]); // prettier-ignore

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
function usageOf(resource: ResourceType, object: KubernetesObject): Amounts {
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

const computed = /^((requests|limits)\.)?(cpu|memory|ephemeral-storage)$/;

/** Containers that leave out what a quota counts can't be counted. */
function unspecified(pod: KubernetesObject, limited: readonly string[]): string {
  const containers = [...initContainersOf(pod['spec']), ...containersOf(pod['spec'])];
  return limited
    .filter((name) => computed.test(name))
    .flatMap((name) => {
      const [, , part = 'requests', amount = ''] = computed.exec(name) ?? [];
      const without = containers.filter((one) => valueAt(one, 'resources', part, amount) === undefined);
      const names = without.map((one) => stringAt(one, 'name')).join(',');
      return without.length === 0 ? [] : [`${name} for: ${names}`];
    })
    .join('; ');
}

const amountList = (names: readonly string[], amount: (name: string) => string): string =>
  names.map((name) => `${name}=${amount(name)}`).join(',');

/** Sums of amounts carry the noise of binary fractions. */
const isMore = (one: number, other: number): boolean => one - other > 1e-6;

/** Quotas at the moment of creation. @throws ApiError 403 in the words of the real admission plugin */
export function quotaAdmission(table: ObjectTable, resources: ServedResources): Admission {
  const quotas = resources.builtIn('v1', 'ResourceQuota');
  return {
    validate({ operation, resource, object, namespace, name }) {
      if (object === undefined || namespace === undefined) return;
      if (resource === quotas && listAt(object, 'spec', 'scopes').length > 0) {
        const message = 'Unsupported value: the simulated cluster does not have scopes of quotas';
        throw invalid(resource, name, [{ reason: 'FieldValueNotSupported', message, field: 'spec.scopes' }]);
      }
      const inForce = operation === 'CREATE' ? table.list(quotas, namespace) : [];
      if (inForce.length === 0) return;
      const requested = usageOf(resource, object);
      for (const { object: quota } of inForce) {
        const hard = recordAt(quota, 'spec', 'hard');
        const limited = Object.keys(hard).toSorted();
        const used = usageIn(table, namespace, limited);
        const missing = resource.group === '' && resource.kind === 'Pod' ? unspecified(object, limited) : '';
        if (missing !== '')
          throw forbidden(resource, name, `failed quota: ${quota.metadata.name}: must specify ${missing}`);
        const exceeded = limited.filter(
          (one) => (requested[one] ?? 0) > 0 && isMore((requested[one] ?? 0) + (used[one] ?? 0), quantity(hard[one])),
        );
        if (exceeded.length === 0) continue;
        const list = (amounts: Amounts): string => amountList(exceeded, (one) => amountText(one, amounts[one] ?? 0));
        const why = `exceeded quota: ${quota.metadata.name}, requested: ${list(requested)}, used: ${list(used)}, limited: ${amountList(exceeded, (one) => String(hard[one]))}`;
        throw forbidden(resource, name, why);
      }
    },
  };
}

/** What a namespace takes of the named amounts. */
function usageIn(table: ObjectTable, namespace: string, names: readonly string[]): Amounts {
  const sums: Amounts = {};
  for (const { resource, object } of table.contentsOf(namespace)) {
    const usage = usageOf(resource, object);
    for (const name of names) sums[name] = (sums[name] ?? 0) + (usage[name] ?? 0);
  }
  return sums;
}

/** Whether a change makes a difference to any of the named amounts. */
function isFelt({ type, resource, object, before }: Change, names: readonly string[]): boolean {
  const now = type === 'DELETED' ? {} : usageOf(resource, object);
  const then = before === undefined ? {} : usageOf(resource, before);
  return names.some((name) => (now[name] ?? 0) !== (then[name] ?? 0));
}

/** Keeps `status.used` of quotas as things come and go. @returns ends the work */
export function countUsage(store: ObjectStore, resources: ServedResources): () => void {
  const { table } = store;
  const quotas = resources.builtIn('v1', 'ResourceQuota');
  return table.subscribe((change) => {
    const { namespace } = change.object.metadata;
    if (namespace === undefined) return;
    for (const { object: quota } of table.list(quotas, namespace)) {
      const hard = recordAt(quota, 'spec', 'hard');
      const names = Object.keys(hard);
      if (change.resource !== quotas && !isFelt(change, names)) continue;
      const used = usageIn(table, namespace, names);
      const amounts = names.map((name) => [name, amountText(name, used[name] ?? 0)]);
      const status = { hard, used: Object.fromEntries(amounts) };
      if (isDeepStrictEqual(recordAt(quota, 'status'), status)) continue;
      store.update(withValueAt(quota, ['status'], status), { user: controllerUser, subresource: 'status' });
    }
  });
}
