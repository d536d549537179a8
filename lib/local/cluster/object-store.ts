import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { alreadyExists, conflict, forbidden, invalid, noSuchPath, notFound } from './api-error.ts';
import { nameSuffix, type Random, timestamp, uuid } from './identifiers.ts';
import { listAt, recordAt, stringAt, valueAt, withoutKey } from './json.ts';
import { hasGeneration, initialStatus } from './kind-rules.ts';
import type { ObjectTable, Stored } from './object-table.ts';
import { apiVersionOf, type ServedResources } from './resources.ts';
import type { ResourceType } from './storage.ts';
import type { Admission, AdmissionRequest, DeleteOptions, WriteContext } from './write-context.ts';

export interface ObjectStoreParts {
  clock: Clock;
  random: Random;
  table: ObjectTable;
  resources: ServedResources;
  admissions: readonly Admission[];
}

const modified = 'the object has been modified; please apply your changes to the latest version and try again';
/** Namespaces a cluster can't be without. */
const permanentNamespaces = new Set(['default', 'kube-system', 'kube-public']);

/** The rules every write goes through, whoever makes it: names, uids, generations, admission, finalizers, optimistic locking. */
export class ObjectStore {
  readonly #parts: ObjectStoreParts;
  readonly #namespaces: ResourceType;

  constructor(parts: ObjectStoreParts) {
    this.#parts = parts;
    this.#namespaces = parts.resources.builtIn('v1', 'Namespace');
  }

  get table(): ObjectTable {
    return this.#parts.table;
  }

  /** @throws ApiError 404 for a kind that isn't served */
  resourceFor(object: KubernetesObject): ResourceType {
    const resource = this.#parts.resources.ofKind(object.apiVersion, object.kind);
    if (resource === undefined) throw noSuchPath();
    return resource;
  }

  /** @throws ApiError 404 */
  require(resource: ResourceType, namespace: string | undefined, name: string): Stored {
    const stored = this.table.get(resource, namespace, name);
    if (stored === undefined) throw notFound(resource, name);
    return stored;
  }

  /** @throws ApiError 403, 404 (namespace), 409 (exists), 422 */
  create(given: KubernetesObject, context: WriteContext): Stored {
    const resource = this.resourceFor(given);
    const named = this.#named(resource, given);
    const { name = '', namespace } = named.metadata;
    this.#requireNamespace(resource, namespace, name);
    const object = this.#admit({
      operation: 'CREATE',
      resource,
      namespace,
      name,
      object: this.#fresh(resource, named),
      context,
    });
    if (this.table.get(resource, namespace, name) !== undefined) throw alreadyExists(resource, name);
    const stored = { resource, object, managers: context.managersOf?.(undefined, object) ?? [] };
    return context.isDryRun === true ? stored : this.table.put(stored);
  }

  /** Replaces spec and metadata, or with subresource `status` the status alone. @throws ApiError 404, 409, 422, 403 */
  update(given: KubernetesObject, context: WriteContext): Stored {
    const resource = this.resourceFor(given);
    const { name = '', namespace } = given.metadata;
    const old = this.require(resource, namespace, name);
    this.#checkVersion(old, given.metadata.uid, given.metadata.resourceVersion);
    const prepared = context.subresource === 'status' ? withStatusOf(old, given) : carriedOver(old, given);
    const admitted = this.#admit({
      operation: 'UPDATE',
      resource,
      namespace,
      name,
      object: prepared,
      oldObject: old.object,
      context,
    });
    return this.#replace(old, admitted, context);
  }

  /** Marks for deletion, and removes once nothing holds it. @returns the object as it was left, and whether it is gone */
  delete(
    stored: Stored,
    context: WriteContext,
    options: DeleteOptions = {},
  ): { object: KubernetesObject; isGone: boolean } {
    const { resource, object } = stored;
    const name = object.metadata.name ?? '';
    this.#checkPreconditions(stored, options);
    if (resource === this.#namespaces && permanentNamespaces.has(name)) {
      throw forbidden(resource, name, 'this namespace may not be deleted');
    }
    this.#admit({
      operation: 'DELETE',
      resource,
      namespace: object.metadata.namespace,
      name,
      oldObject: object,
      context,
    });
    const marked = this.#marked(stored, options);
    if (context.isDryRun === true) return { object: marked, isGone: !isHeld(marked) };
    if (isHeld(marked)) {
      const kept = isDeepStrictEqual(marked, object) ? stored : this.table.put({ ...stored, object: marked });
      return { object: kept.object, isGone: false };
    }
    this.table.delete(stored);
    return { object, isGone: true };
  }

  #named(resource: ResourceType, object: KubernetesObject): KubernetesObject {
    const { name, generateName } = object.metadata;
    const metadata = resource.namespaced ? object.metadata : withoutKey(object.metadata, 'namespace');
    if (name !== undefined && name !== '') return { ...object, metadata };
    if (generateName === undefined || generateName === '') {
      throw invalid(resource, '', [
        {
          reason: 'FieldValueRequired',
          message: 'Required value: name or generateName is required',
          field: 'metadata.name',
        },
      ]);
    }
    return { ...object, metadata: { ...metadata, name: `${generateName}${nameSuffix(this.#parts.random)}` } };
  }

  #fresh(resource: ResourceType, object: KubernetesObject): KubernetesObject {
    const metadata = {
      ...withoutKey(withoutKey(object.metadata, 'managedFields'), 'deletionTimestamp'),
      uid: uuid(this.#parts.random),
      creationTimestamp: timestamp(this.#parts.clock.now()),
      ...(hasGeneration(resource) ? { generation: 1 } : {}),
    };
    const status = initialStatus(resource);
    const bare = resource.subresources.includes('status') ? withoutKey(object, 'status') : object;
    return { ...bare, metadata, ...(status === undefined ? {} : { status }) };
  }

  #requireNamespace(resource: ResourceType, namespace: string | undefined, name: string): void {
    if (!resource.namespaced) return;
    const found = this.table.get(this.#namespaces, undefined, namespace ?? '');
    if (found === undefined) throw notFound(this.#namespaces, namespace ?? '');
    if (found.object.metadata.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(resource, name, why, [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ]);
  }

  #admit(request: AdmissionRequest & { object: KubernetesObject }): KubernetesObject;
  #admit(request: AdmissionRequest): KubernetesObject | undefined;
  #admit(request: AdmissionRequest): KubernetesObject | undefined {
    const { object } = request;
    const { admissions } = this.#parts;
    const changed =
      object && admissions.reduce((object, admission) => admission.mutate?.({ ...request, object }) ?? object, object);
    const final = changed === undefined ? request : { ...request, object: changed };
    for (const admission of admissions) admission.validate?.(final);
    return changed;
  }

  #checkVersion(old: Stored, uid: string | undefined, resourceVersion: string | undefined): void {
    const { resource, object } = old;
    const name = object.metadata.name ?? '';
    if (uid !== undefined && uid !== '' && uid !== object.metadata.uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${object.metadata.uid}`;
      throw conflict(resource, name, why);
    }
    const isOld = resourceVersion !== undefined && resourceVersion !== '';
    if (isOld && resourceVersion !== object.metadata.resourceVersion) throw conflict(resource, name, modified);
  }

  #checkPreconditions(stored: Stored, { preconditions }: DeleteOptions): void {
    const { metadata } = stored.object;
    this.#checkVersion(stored, preconditions?.uid, undefined);
    const wanted = preconditions?.resourceVersion;
    if (wanted === undefined || wanted === metadata.resourceVersion) return;
    const why = `Precondition failed: ResourceVersion in precondition: ${wanted}, ResourceVersion in object meta: ${metadata.resourceVersion}`;
    throw conflict(stored.resource, metadata.name ?? '', why);
  }

  #replace(old: Stored, next: KubernetesObject, context: WriteContext): Stored {
    const isStatus = context.subresource === 'status';
    const isSpecChanged =
      !isStatus && hasGeneration(old.resource) && !isDeepStrictEqual(specOf(old.object), specOf(next));
    const generation = (old.object.metadata.generation ?? 1) + 1;
    const object = isSpecChanged ? { ...next, metadata: { ...next.metadata, generation } } : next;
    const managers = context.managersOf?.(old, object) ?? old.managers;
    const isSame = isDeepStrictEqual(object, old.object) && isDeepStrictEqual(managers, old.managers);
    if (isSame || context.isDryRun === true) return { ...old, object, managers };
    const stored = this.table.put({ ...old, object, managers });
    if (object.metadata.deletionTimestamp !== undefined && !isHeld(object)) this.table.delete(stored);
    return stored;
  }

  #marked(stored: Stored, options: DeleteOptions): KubernetesObject {
    const { object, resource } = stored;
    const finalizers = finalizersFor(object, options.propagationPolicy);
    const grace = graceOf(stored, options);
    const before = object.metadata.deletionTimestamp;
    const isSooner = before === undefined || grace < Number(object.metadata['deletionGracePeriodSeconds'] ?? 0);
    const metadata = {
      ...withoutKey(object.metadata, 'finalizers'),
      ...(isSooner
        ? { deletionTimestamp: timestamp(this.#parts.clock.now() + 1000 * grace), deletionGracePeriodSeconds: grace }
        : {}),
      ...(finalizers.length === 0 ? {} : { finalizers }),
    };
    const status =
      resource === this.#namespaces ? { status: { ...recordAt(object, 'status'), phase: 'Terminating' } } : {};
    return { ...object, metadata, ...status };
  }
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

const specOf = (object: KubernetesObject): object => withoutKey(withoutKey(object, 'status'), 'metadata');

function withStatusOf(old: Stored, given: KubernetesObject): KubernetesObject {
  return given['status'] === undefined ? withoutKey(old.object, 'status') : { ...old.object, status: given['status'] };
}

/** What a writer can't change is taken from the old object, and status where it has a subresource of its own. */
function carriedOver(old: Stored, given: KubernetesObject): KubernetesObject {
  const { uid, creationTimestamp, resourceVersion, generation, deletionTimestamp, deletionGracePeriodSeconds } =
    old.object.metadata;
  const writable = ['managedFields', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'].reduce(
    (metadata, key) => withoutKey(metadata, key),
    given.metadata,
  );
  const metadata = {
    ...writable,
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
