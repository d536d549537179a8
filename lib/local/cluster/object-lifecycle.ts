import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { invalid } from './api-error.ts';
import { nameSuffix, type Random, timestamp, uuid } from './identifiers.ts';
import { listAt, recordAt, stringAt, valueAt, withoutKey } from './json.ts';
import { hasGeneration, initialStatus } from './kind-rules.ts';
import type { Stored } from './object-table.ts';
import { apiVersionOf } from './resources.ts';
import type { ResourceType } from './storage.ts';
import { requiredValue } from './validation/problems.ts';
import type { DeleteOptions } from './write-context.ts';

/** The object under its name, made from `generateName` where it has none. @throws ApiError 422 */
export function withName(resource: ResourceType, object: KubernetesObject, random: Random): KubernetesObject {
  const { name, generateName } = object.metadata;
  const metadata = resource.namespaced ? object.metadata : withoutKey(object.metadata, 'namespace');
  if (name !== undefined && name !== '') return { ...object, metadata };
  if (generateName === undefined || generateName === '') {
    throw invalid(resource, '', [requiredValue('metadata.name', 'name or generateName is required')]);
  }
  return { ...object, metadata: { ...metadata, name: `${generateName}${nameSuffix(random)}` } };
}

/** Metadata without what only the server says. */
const withoutOwn = (metadata: KubernetesObject['metadata']): KubernetesObject['metadata'] =>
  ['managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'].reduce(
    (left, key) => withoutKey(left, key),
    metadata,
  );

/** The object as it is when it comes into being: uid, time and first status are the server's. */
export function newborn(
  resource: ResourceType,
  object: KubernetesObject,
  { clock, random }: { clock: Clock; random: Random },
): KubernetesObject {
  const metadata = {
    ...withoutOwn(object.metadata),
    uid: uuid(random),
    creationTimestamp: timestamp(clock.now()),
    ...(hasGeneration(resource) ? { generation: 1 } : {}),
  };
  const status = initialStatus(resource);
  const bare = resource.subresources.includes('status') ? withoutKey(object, 'status') : object;
  return { ...bare, metadata, ...(status === undefined ? {} : { status }) };
}

/** The object marked for deletion: when, and what is to happen before it goes. */
export function marked(stored: Stored, options: DeleteOptions, now: number): KubernetesObject {
  const { object, resource } = stored;
  const finalizers = finalizersFor(object, options.propagationPolicy);
  const grace = graceOf(stored, options);
  const before = object.metadata.deletionTimestamp;
  const isSooner = before === undefined || grace < Number(object.metadata['deletionGracePeriodSeconds'] ?? 0);
  const metadata = {
    ...withoutKey(object.metadata, 'finalizers'),
    ...(isSooner ? { deletionTimestamp: timestamp(now + 1000 * grace), deletionGracePeriodSeconds: grace } : {}),
    ...(finalizers.length === 0 ? {} : { finalizers }),
  };
  const status =
    resource.group === '' && resource.kind === 'Namespace'
      ? { status: { ...recordAt(object, 'status'), phase: 'Terminating' } }
      : {};
  return { ...object, metadata, ...status };
}

/** A first deletion says what becomes of the dependents; later ones may still change that. */
function finalizersFor(object: KubernetesObject, policy: DeleteOptions['propagationPolicy']): string[] {
  const own = object.metadata.finalizers ?? [];
  const extra = { Foreground: ['foregroundDeletion'], Orphan: ['orphan'], Background: [] };
  if (policy === undefined && object.metadata.deletionTimestamp !== undefined) return own;
  const kept = own.filter((one) => one !== 'orphan' && one !== 'foregroundDeletion');
  return [...kept, ...(policy === undefined ? [] : extra[policy])];
}

/** Seconds that a pod gets which its kubelet still has to stop; everything else goes at once. */
function graceOf({ object, resource }: Stored, { gracePeriodSeconds }: DeleteOptions): number {
  const phase = valueAt(object, 'status', 'phase');
  const isRunning = valueAt(object, 'spec', 'nodeName') !== undefined && phase !== 'Succeeded' && phase !== 'Failed';
  if (resource.group !== '' || resource.kind !== 'Pod' || !isRunning) return 0;
  return gracePeriodSeconds ?? Number(valueAt(object, 'spec', 'terminationGracePeriodSeconds') ?? 30);
}

/** Namespaces have finalizers of their own in the spec, beside those every object may have; pods have their time of grace. */
export const isHeld = (object: KubernetesObject): boolean =>
  Number(object.metadata['deletionGracePeriodSeconds'] ?? 0) > 0 ||
  (object.metadata.finalizers ?? []).length > 0 ||
  (object.apiVersion === 'v1' && object.kind === 'Namespace' && listAt(object, 'spec', 'finalizers').length > 0);

export const specOf = (object: KubernetesObject): object => withoutKey(withoutKey(object, 'status'), 'metadata');

/** The stored object with another status. */
export function withStatusOf(old: Stored, given: KubernetesObject): KubernetesObject {
  return given['status'] === undefined ? withoutKey(old.object, 'status') : { ...old.object, status: given['status'] };
}

/** What a writer can't change is taken from the old object, and status where it has a subresource of its own. */
export function carriedOver(old: Stored, given: KubernetesObject): KubernetesObject {
  const { uid, creationTimestamp, resourceVersion, generation, deletionTimestamp, deletionGracePeriodSeconds } =
    old.object.metadata;
  const metadata = {
    ...withoutOwn(given.metadata),
    ...Object.fromEntries(
      Object.entries({
        uid,
        creationTimestamp,
        resourceVersion,
        generation,
        deletionTimestamp,
        deletionGracePeriodSeconds,
      }).filter(([, value]) => value !== undefined),
    ),
  };
  const object = { ...given, apiVersion: apiVersionOf(old.resource), metadata };
  if (!old.resource.subresources.includes('status')) return object;
  const status = old.object['status'];
  return status === undefined ? withoutKey(object, 'status') : { ...object, status };
}

/** Whether the object is on its way out. */
export const isTerminating = (object: KubernetesObject): boolean =>
  stringAt(object, 'metadata', 'deletionTimestamp') !== undefined;
