import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { qualifiedResource } from './api-error.ts';
import { timestamp } from './identifiers.ts';
import { isRecord, listAt, recordAt, stringAt } from './json.ts';
import { isTerminating } from './object-lifecycle.ts';
import type { ObjectStore } from './object-store.ts';
import type { Change, Stored } from './object-table.ts';
import { apiVersionOf, type ServedResources } from './resources.ts';
import { controllerUser, type WriteContext } from './write-context.ts';

const context: WriteContext = {
  user: { ...controllerUser, name: 'system:serviceaccount:kube-system:namespace-controller' },
};

interface Condition {
  type: string;
  isTrue: boolean;
  reason: string;
  message: string;
}

const countBy = (keys: readonly string[]): [string, number][] => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].toSorted(([one], [other]) => one.localeCompare(other));
};

/** The conditions with which the namespace controller says what it still waits for, in its words. */
function deletionConditions(remaining: readonly Stored[]): Condition[] {
  const kinds = countBy(remaining.map(({ resource }) => qualifiedResource(resource).replace(/^[^.]+$/, '$&.')));
  const held = countBy(remaining.flatMap(({ object }) => object.metadata.finalizers ?? []));
  const content = kinds.map(([kind, count]) => `${kind} has ${count} resource instances`).join(', ');
  const finalizers = held.map(([finalizer, count]) => `${finalizer} in ${count} resource instances`).join(', ');
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      isTrue: false,
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      isTrue: false,
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      isTrue: false,
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    {
      type: 'NamespaceContentRemaining',
      isTrue: content !== '',
      reason: content === '' ? 'ContentRemoved' : 'SomeResourcesRemain',
      message: content === '' ? 'All content successfully removed' : `Some resources are remaining: ${content}`,
    },
    {
      type: 'NamespaceFinalizersRemaining',
      isTrue: finalizers !== '',
      reason: finalizers === '' ? 'ContentHasNoFinalizers' : 'SomeFinalizersRemain',
      message:
        finalizers === ''
          ? 'All content-preserving finalizers finished'
          : `Some content in the namespace has finalizers remaining: ${finalizers}`,
    },
  ];
}

/** Empties namespaces that are being deleted and lets them go once nothing is left. @returns ends the work */
export function emptyNamespaces(store: ObjectStore, resources: ServedResources, clock: Clock): () => void {
  const { table } = store;
  const namespaces = resources.builtIn('v1', 'Namespace');
  const pods = resources.builtIn('v1', 'Pod');

  const withConditions = (namespace: KubernetesObject, remaining: readonly Stored[]): KubernetesObject => {
    const before = listAt(namespace, 'status', 'conditions').filter(isRecord);
    const conditions = deletionConditions(remaining).map(({ type, isTrue, reason, message }) => {
      const status = isTrue ? 'True' : 'False';
      const old = before.find((condition) => condition['type'] === type);
      const since = old?.['status'] === status ? stringAt(old, 'lastTransitionTime') : undefined;
      return { type, status, lastTransitionTime: since ?? timestamp(clock.now()), reason, message };
    });
    return { ...namespace, status: { ...recordAt(namespace, 'status'), phase: 'Terminating', conditions } };
  };

  /** @returns those that are held by something */
  const removeAll = (entries: readonly Stored[]): Stored[] => {
    for (const stored of entries) if (!isTerminating(stored.object)) store.delete(stored, context);
    return entries.filter(
      ({ resource, object }) =>
        table.get(resource, object.metadata.namespace, object.metadata.name ?? '')?.object.metadata.uid ===
        object.metadata.uid,
    );
  };

  /** Pods go first: nothing that they may need is taken from under them. */
  const empty = (name: string): void => {
    const found = table.get(namespaces, undefined, name);
    if (found === undefined || !isTerminating(found.object)) return;
    const left = removeAll(table.list(pods, name)).length > 0 ? undefined : removeAll(table.contentsOf(name));
    const latest = table.get(namespaces, undefined, name);
    if (latest === undefined) return;
    if (left === undefined || left.length > 0) {
      // Of pods that are still there the real controller tells nothing, since it has not looked at all yet.
      const remaining = left ?? [];
      store.update(withConditions(latest.object, remaining), { ...context, subresource: 'status' });
      return;
    }
    if (listAt(latest.object, 'spec', 'finalizers').length === 0) return;
    store.update({ ...latest.object, spec: {} }, { ...context, subresource: 'finalize' });
  };

  const react = (change: Change): void => {
    const { metadata } = change.object;
    if (change.resource === namespaces) {
      if (change.type !== 'DELETED') empty(metadata.name ?? '');
    } else if (metadata.namespace !== undefined) empty(metadata.namespace);
  };

  const stop = table.subscribe(react);
  // What a former process left unfinished.
  for (const { object } of table.list(namespaces)) empty(object.metadata.name ?? '');
  return stop;
}

/** What the cluster itself puts into every new namespace. @returns ends the work */
export function furnishNamespaces(store: ObjectStore, resources: ServedResources, rootCertificate: string): () => void {
  const namespaces = resources.builtIn('v1', 'Namespace');
  const accounts = resources.builtIn('v1', 'ServiceAccount');
  return store.table.subscribe((change) => {
    if (change.resource !== namespaces || change.type !== 'ADDED') return;
    const namespace = change.object.metadata.name ?? '';
    const found = store.table.get(namespaces, undefined, namespace);
    if (found === undefined || isTerminating(found.object)) return;
    if (store.table.get(accounts, namespace, 'default') !== undefined) return;
    const metadata = { name: 'default', namespace };
    store.create({ apiVersion: apiVersionOf(accounts), kind: accounts.kind, metadata }, context);
    store.create(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kube-root-ca.crt', namespace },
        data: { 'ca.crt': rootCertificate },
      },
      context,
    );
  });
}
