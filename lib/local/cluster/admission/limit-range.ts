import type { KubernetesObject } from '../../../../lambdas/domain/kubernetes-object.ts';
import { forbidden } from '../api-error.ts';
import { quantity } from '../controllers/quantity.ts';
import { fill } from '../defaults/fill.ts';
import { isRecord, type JsonRecord, listAt, recordAt, stringAt, textAt } from '../json.ts';
import type { ObjectTable } from '../object-table.ts';
import type { ServedResources } from '../resources.ts';
import type { Admission } from '../write-context.ts';
import { type Amounts, containersOf, initContainersOf, podAmounts } from './pod-resources.ts';

function withDefaults(container: JsonRecord, item: JsonRecord): JsonRecord {
  const limits = fill(recordAt(container, 'resources', 'limits'), recordAt(item, 'default'));
  const requests = fill(recordAt(container, 'resources', 'requests'), recordAt(item, 'defaultRequest'));
  const resources = {
    ...recordAt(container, 'resources'),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
  };
  return { ...container, resources };
}

/** A limit range fills its own gaps: a default is the most allowed, a default request the default. */
function completed(item: JsonRecord): JsonRecord {
  if (item['type'] !== 'Container') return item;
  const limits = fill(recordAt(item, 'default'), recordAt(item, 'max'));
  const requests = fill(fill(recordAt(item, 'defaultRequest'), limits), recordAt(item, 'min'));
  return { ...item, default: limits, defaultRequest: requests };
}

function outOfBounds(item: JsonRecord, requests: JsonRecord | Amounts, limits: JsonRecord | Amounts): string[] {
  const type = stringAt(item, 'type') ?? '';
  const below = Object.entries(recordAt(item, 'min')).flatMap(([name, min]) => {
    const value = requests[name];
    if (value === undefined)
      return [`minimum ${name} usage per ${type} is ${textAt(min, '')}.  No request is specified`];
    return quantity(value) < quantity(min)
      ? [`minimum ${name} usage per ${type} is ${textAt(min, '')}, but request is ${textAt(value, '')}`]
      : [];
  });
  const above = Object.entries(recordAt(item, 'max')).flatMap(([name, max]) => {
    const value = limits[name];
    if (value === undefined) return [`maximum ${name} usage per ${type} is ${textAt(max, '')}.  No limit is specified`];
    return quantity(value) > quantity(max)
      ? [`maximum ${name} usage per ${type} is ${textAt(max, '')}, but limit is ${textAt(value, '')}`]
      : [];
  });
  return [...below, ...above];
}

function podProblems(pod: KubernetesObject, item: JsonRecord): string[] {
  const spec = recordAt(pod, 'spec');
  if (item['type'] === 'Pod') return outOfBounds(item, podAmounts(spec, 'requests'), podAmounts(spec, 'limits'));
  if (item['type'] !== 'Container') return [];
  return [...initContainersOf(spec), ...containersOf(spec)].flatMap((container) =>
    outOfBounds(item, recordAt(container, 'resources', 'requests'), recordAt(container, 'resources', 'limits')),
  );
}

function claimProblems(claim: KubernetesObject, item: JsonRecord): string[] {
  const requests = recordAt(claim, 'spec', 'resources', 'requests');
  return item['type'] === 'PersistentVolumeClaim' ? outOfBounds(item, requests, requests) : [];
}

/** Limit ranges: defaults for containers that say nothing, and bounds for those that do. @throws ApiError 403 */
export function limitRanger(table: ObjectTable, resources: ServedResources): Admission {
  const ranges = resources.builtIn('v1', 'LimitRange');
  const itemsIn = (namespace: string | undefined): JsonRecord[] =>
    table
      .list(ranges, namespace)
      .flatMap(({ object }) => listAt(object, 'spec', 'limits').filter(isRecord).map(completed));

  return {
    mutate({ operation, resource, object, namespace, context }) {
      if (resource.group !== '' || resource.kind !== 'Pod' || operation !== 'CREATE' || context.subresource)
        return object;
      const items = itemsIn(namespace).filter((item) => item['type'] === 'Container');
      if (items.length === 0) return object;
      const filled = (list: readonly JsonRecord[]): JsonRecord[] =>
        list.map((container) => items.reduce(withDefaults, container));
      const spec = recordAt(object, 'spec');
      const initContainers = initContainersOf(spec);
      return {
        ...object,
        spec: {
          ...spec,
          containers: filled(containersOf(spec)),
          ...(initContainers.length === 0 ? {} : { initContainers: filled(initContainers) }),
        },
      };
    },
    validate({ operation, resource, object, namespace, name }) {
      if (operation !== 'CREATE' || object === undefined || resource.group !== '') return;
      const check = { Pod: podProblems, PersistentVolumeClaim: claimProblems }[resource.kind];
      const problems = check === undefined ? [] : itemsIn(namespace).flatMap((item) => check(object, item));
      if (problems.length === 0) return;
      throw forbidden(resource, name, problems.length === 1 ? problems.join('') : `[${problems.join(', ')}]`);
    },
  };
}
