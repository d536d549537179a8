import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { forbidden, invalid } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { listAt, recordAt, stringAt, valueAt } from '../json.ts';
import type { ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { Admission } from '../write-context.ts';
import { type Amounts, amountText, containersOf, initContainersOf } from './pod-resources.ts';
import { usageIn, usageOf } from './usage.ts';

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

/**
 * Quotas at the moment of creation, as far as their status has them.
 * @throws ApiError 403 in the words of the real admission plugin
 */
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
        const hard = recordAt(quota, 'status', 'hard');
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
