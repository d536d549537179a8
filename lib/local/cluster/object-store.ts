import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { alreadyExists, conflict, forbidden, noSuchPath, notFound } from './api-error.ts';
import type { Random } from './identifiers.ts';
import { hasGeneration } from './kind-rules.ts';
import { carriedOver, isHeld, marked, newborn, specOf, withName, withStatusOf } from './object-lifecycle.ts';
import type { ObjectTable, Stored } from './object-table.ts';
import type { ServedResources } from './resources.ts';
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
    const named = withName(resource, given, this.#parts.random);
    const { name = '', namespace } = named.metadata;
    this.#requireNamespace(resource, namespace, name);
    const object = this.#admit({
      operation: 'CREATE',
      resource,
      namespace,
      name,
      object: newborn(resource, named, this.#parts),
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
      options,
      context,
    });
    const leaving = marked(stored, options, this.#parts.clock.now());
    if (context.isDryRun === true) return { object: leaving, isGone: !isHeld(leaving) };
    if (isHeld(leaving)) {
      const kept = isDeepStrictEqual(leaving, object) ? stored : this.table.put({ ...stored, object: leaving });
      return { object: kept.object, isGone: false };
    }
    this.table.delete(stored);
    return { object, isGone: true };
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
}
