import { forbidden } from '../api-error.ts';
import { stringAt } from '../json.ts';
import type { ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { Admission } from '../write-context.ts';

/** Classes that every cluster has. */
const systemClasses = new Set(['system-cluster-critical', 'system-node-critical']);

/** A pod's priority class has to exist. @throws ApiError 403 */
export function priorities(table: ObjectTable, resources: ServedResources): Admission {
  const classes = resources.builtIn('scheduling.k8s.io/v1', 'PriorityClass');
  return {
    validate({ operation, resource, object, name }) {
      if (operation !== 'CREATE' || resource.group !== '' || resource.kind !== 'Pod') return;
      const wanted = stringAt(object, 'spec', 'priorityClassName') ?? '';
      if (wanted === '' || systemClasses.has(wanted) || table.get(classes, undefined, wanted) !== undefined) return;
      throw forbidden(resource, name, `no PriorityClass with name ${wanted} was found`);
    },
  };
}
