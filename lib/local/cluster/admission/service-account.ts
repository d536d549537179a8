import { forbidden } from '../api-error.ts';
import { stringAt } from '../json.ts';
import type { ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { Admission } from '../write-context.ts';

/** A pod needs its service account to exist. @throws ApiError 403 */
export function serviceAccounts(table: ObjectTable, resources: ServedResources): Admission {
  const accounts = resources.builtIn('v1', 'ServiceAccount');
  return {
    validate({ operation, resource, object, namespace, name }) {
      if (operation !== 'CREATE' || resource.group !== '' || resource.kind !== 'Pod') return;
      const account = stringAt(object, 'spec', 'serviceAccountName') ?? 'default';
      if (table.get(accounts, namespace, account) !== undefined) return;
      const why = `error looking up service account ${namespace}/${account}: serviceaccount "${account}" not found`;
      throw forbidden(resource, name, why);
    },
  };
}
