import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { withoutKey } from './json.ts';
import { isTerminating } from './object-lifecycle.ts';
import type { ObjectStore } from './object-store.ts';
import type { Change, Stored } from './object-table.ts';
import type { ServedResources } from './resources.ts';
import { controllerUser, type WriteContext } from './write-context.ts';

const context: WriteContext = {
  user: { ...controllerUser, name: 'system:serviceaccount:kube-system:generic-garbage-collector' },
};

type Owner = NonNullable<KubernetesObject['metadata']['ownerReferences']>[number];

/** Deletes what lost its owners, and carries out foreground deletion and orphaning. @returns ends the work */
export function collectGarbage(store: ObjectStore, resources: ServedResources): () => void {
  const { table } = store;

  /** The owner, if it still exists under the uid that the reference names. */
  const findOwner = (dependent: KubernetesObject, owner: Owner): Stored | undefined => {
    const resource = resources.ofKind(owner.apiVersion, owner.kind);
    if (resource === undefined) return undefined;
    const namespace = resource.namespaced ? dependent.metadata.namespace : undefined;
    const found = table.get(resource, namespace, owner.name);
    return found?.object.metadata.uid === owner.uid ? found : undefined;
  };

  const current = (entry: Stored): Stored | undefined => {
    const { namespace, name = '', uid } = entry.object.metadata;
    const found = table.get(entry.resource, namespace, name);
    return found?.object.metadata.uid === uid ? found : undefined;
  };

  const dropOwner = (dependent: Stored, uid: string): void => {
    const { metadata } = dependent.object;
    const kept = (metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
    const bare = withoutKey(withoutKey(metadata, 'ownerReferences'), 'resourceVersion');
    const next = {
      ...dependent.object,
      metadata: { ...bare, ...(kept.length === 0 ? {} : { ownerReferences: kept }) },
    };
    store.update(next, context);
  };

  const dropFinalizer = (entry: Stored, finalizer: string): void => {
    const { metadata } = entry.object;
    const finalizers = (metadata.finalizers ?? []).filter((one) => one !== finalizer);
    store.update({ ...entry.object, metadata: { ...metadata, finalizers } }, context);
  };

  /** A dependent whose owners are all gone is deleted; one that has others left only loses the reference. */
  const settle = (dependent: Stored): void => {
    const owners = dependent.object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const gone = owners.filter((owner) => findOwner(dependent.object, owner) === undefined);
    if (gone.length === owners.length) {
      if (!isTerminating(dependent.object)) store.delete(dependent, context);
      return;
    }
    for (const owner of gone) {
      const latest = current(dependent);
      if (latest !== undefined) dropOwner(latest, owner.uid);
    }
  };

  const advanceForeground = (owner: Stored): void => {
    const dependents = table.dependentsOf(owner.object.metadata.uid ?? '');
    for (const dependent of dependents) {
      if (!isTerminating(dependent.object)) store.delete(dependent, context, { propagationPolicy: 'Foreground' });
    }
    const latest = current(owner);
    const isBlocked = table.dependentsOf(owner.object.metadata.uid ?? '').length > 0;
    if (!isBlocked && latest !== undefined) dropFinalizer(latest, 'foregroundDeletion');
  };

  const orphan = (owner: Stored): void => {
    const uid = owner.object.metadata.uid ?? '';
    for (const dependent of table.dependentsOf(uid)) dropOwner(dependent, uid);
    const latest = current(owner);
    if (latest !== undefined) dropFinalizer(latest, 'orphan');
  };

  const advanceOwnersOf = (dependent: KubernetesObject): void => {
    for (const reference of dependent.metadata.ownerReferences ?? []) {
      const owner = findOwner(dependent, reference);
      if (owner?.object.metadata.finalizers?.includes('foregroundDeletion') === true) advanceForeground(owner);
    }
  };

  const react = (change: Change): void => {
    if (change.type === 'DELETED') {
      for (const dependent of table.dependentsOf(change.object.metadata.uid ?? '')) settle(dependent);
      advanceOwnersOf(change.object);
      return;
    }
    resume(change);
  };

  const resume = (entry: Stored): void => {
    const latest = current(entry);
    if (latest === undefined) return;
    if (!isTerminating(latest.object)) {
      settle(latest);
      return;
    }
    const finalizers = latest.object.metadata.finalizers ?? [];
    if (finalizers.includes('foregroundDeletion')) advanceForeground(latest);
    else if (finalizers.includes('orphan')) orphan(latest);
  };

  const stop = table.subscribe(react);
  // What a former process left unfinished.
  for (const stored of table.everything()) resume(stored);
  return stop;
}
