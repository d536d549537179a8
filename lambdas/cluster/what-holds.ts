import { conditionsOf } from '../domain/health/fields.ts';
import { describeObject, type KubernetesObject } from '../domain/kubernetes-object.ts';
import type { KubernetesClient } from './client.ts';
import { namespaceRef } from './namespace.ts';

/** Says what keeps an object that was deleted. */
export function holdOf(object: KubernetesObject): string {
  const { finalizers = [], deletionTimestamp } = object.metadata;
  if (finalizers.length > 0) return `${describeObject(object)}: is held by ${finalizers.join(', ')}`;
  return `${describeObject(object)}: ${deletionTimestamp === undefined ? 'was not deleted' : 'is still going away'}`;
}

/** `persistentvolumeclaims. has 1 resource instances`, `widgets.example.com has 2 resource instances` */
const remaining = /([a-z0-9-]+)\.([a-z0-9.-]*) has \d+ resource instances/g;

/**
 * Says what keeps a namespace that was deleted: the object with its finalizers where it can be found, the namespace's own
 * deletion conditions, or a pod that is still there. Begins with `Kind/name: `.
 */
export async function whatHolds(client: KubernetesClient, namespace: string): Promise<string> {
  const found = await client.get(namespaceRef(namespace));
  if (!found) return `Namespace/${namespace}: is gone by now`;
  const told = conditionsOf(found).filter(({ status, type }) => status === 'True' && type.startsWith('Namespace'));
  const text = told.map(({ message, reason }) => message || reason || '').join('; ');
  for (const [, plural = '', group = ''] of text.matchAll(remaining)) {
    const object = await heldObject(client, namespace, group, plural).catch(() => undefined);
    if (object) return `${holdOf(object)}; ${text}`;
  }
  // A finalizer of the namespace's own is no condition, and one that passes may be told just then.
  if (text !== '') return `${holdOf(found)}; ${text}`;
  // Pods go before all else, and while they do, the namespace's conditions tell of nothing.
  const { objects } = await client.list('v1', 'Pod', { namespace, metadataOnly: true });
  return holdOf(objects[0] ?? found);
}

async function heldObject(
  client: KubernetesClient,
  namespace: string,
  group: string,
  plural: string,
): Promise<KubernetesObject | undefined> {
  const resource = await client.discovery.findPlural(group, plural);
  if (!resource) return undefined;
  const { objects } = await client.list(resource.apiVersion, resource.kind, { namespace, metadataOnly: true });
  return objects.find(({ metadata }) => (metadata.finalizers ?? []).length > 0) ?? objects[0];
}
