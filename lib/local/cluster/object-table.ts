import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { expired } from './api-error.ts';
import type { ResourceType, StorageEvent } from './storage.ts';

/** Who owns which fields of an object. `fields` is FieldsV1 as JSON text, kept as text since most objects share theirs. */
export interface ManagerEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  subresource?: string;
  fields: string;
}

export interface Stored {
  resource: ResourceType;
  object: KubernetesObject;
  managers: readonly ManagerEntry[];
}

export interface Change extends Stored {
  type: StorageEvent['type'];
  revision: number;
  /** what was stored before; absent for ADDED */
  before?: KubernetesObject;
}

interface History {
  changes: Change[];
  /** watches that start before this revision have missed something */
  compactedTo: number;
}

const emptyFrom = (compactedTo: number): History => ({ changes: [], compactedTo });

/** Changes kept per resource for watches that come late. A watcher further behind gets 410, as with a compacted etcd. */
const historyLimit = 1000;

const tableKey = (resource: ResourceType): string => `${resource.group}/${resource.kind}`;

/** The objects themselves, their one revision counter, and every change told to listeners in order. No rules live here. */
export class ObjectTable {
  revision = 0;
  readonly #kinds = new Map<string, Map<string, Map<string, Stored>>>();
  readonly #dependents = new Map<string, Map<string, Stored>>();
  readonly #history = new Map<string, History>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #undelivered: Change[] = [];
  #isDelivering = false;
  /** nothing is remembered from before it */
  #beginning = 0;

  get(resource: ResourceType, namespace: string | undefined, name: string): Stored | undefined {
    return this.#kinds
      .get(tableKey(resource))
      ?.get(namespace ?? '')
      ?.get(name);
  }

  /** All of a kind, in one namespace or in all, in no particular order. */
  list(resource: ResourceType, namespace?: string): Stored[] {
    const namespaces = this.#kinds.get(tableKey(resource));
    if (namespaces === undefined) return [];
    if (namespace !== undefined) return [...(namespaces.get(namespace)?.values() ?? [])];
    return [...namespaces.values()].flatMap((names) => [...names.values()]);
  }

  /** Everything inside a namespace, of every kind. */
  contentsOf(namespace: string): Stored[] {
    return [...this.#kinds.values()].flatMap((namespaces) => [...(namespaces.get(namespace)?.values() ?? [])]);
  }

  everything(): Stored[] {
    return [...this.#kinds.values()].flatMap((namespaces) =>
      [...namespaces.values()].flatMap((names) => [...names.values()]),
    );
  }

  /** What names this uid among its owners. */
  dependentsOf(uid: string): Stored[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Stores under the next revision and tells it. */
  put(entry: Stored): Stored {
    const { metadata } = entry.object;
    const before = this.get(entry.resource, metadata.namespace, metadata.name ?? '');
    this.revision += 1;
    const object = { ...entry.object, metadata: { ...metadata, resourceVersion: String(this.revision) } };
    const stored = { ...entry, object };
    this.restore(stored);
    this.#record({
      ...stored,
      type: before === undefined ? 'ADDED' : 'MODIFIED',
      revision: this.revision,
      ...(before === undefined ? {} : { before: before.object }),
    });
    return stored;
  }

  /** Removes under the next revision and tells it. */
  delete(entry: Stored): void {
    this.revision += 1;
    this.#drop(entry);
    const object = {
      ...entry.object,
      metadata: { ...entry.object.metadata, resourceVersion: String(this.revision) },
    };
    this.#record({ ...entry, object, type: 'DELETED', revision: this.revision, before: entry.object });
  }

  /** Puts back what was read from disk: revision as it was, nothing told. */
  restore(stored: Stored): void {
    const { name = '', namespace = '' } = stored.object.metadata;
    this.#drop(stored);
    const key = tableKey(stored.resource);
    const namespaces = this.#kinds.get(key) ?? new Map<string, Map<string, Stored>>();
    this.#kinds.set(key, namespaces);
    const names = namespaces.get(namespace) ?? new Map<string, Stored>();
    namespaces.set(namespace, names.set(name, stored));
    this.#index(stored);
  }

  /** Listeners hear each change once, in order of revision, after it is stored. @returns ends the subscription */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes of a resource after a revision. @throws ApiError 410 where some of them are no longer kept */
  changesSince(resource: ResourceType, revision: number): readonly Change[] {
    const history = this.#history.get(tableKey(resource)) ?? emptyFrom(this.#beginning);
    if (revision < history.compactedTo) {
      throw expired(`too old resource version: ${revision} (${history.compactedTo})`);
    }
    return history.changes.filter((change) => change.revision > revision);
  }

  /** Forgets the history, so that watches and pages from before must start again. */
  compactHistory(): void {
    this.#history.clear();
    this.#beginning = this.revision;
  }

  #index(stored: Stored): void {
    for (const { uid } of stored.object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid) ?? new Map<string, Stored>();
      this.#dependents.set(uid, dependents.set(stored.object.metadata.uid ?? '', stored));
    }
  }

  #drop(entry: Stored): void {
    const { name = '', namespace = '' } = entry.object.metadata;
    const namespaces = this.#kinds.get(tableKey(entry.resource));
    const names = namespaces?.get(namespace);
    const old = names?.get(name);
    if (namespaces === undefined || names === undefined || old === undefined) return;
    names.delete(name);
    if (names.size === 0) namespaces.delete(namespace);
    for (const { uid } of old.object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(old.object.metadata.uid ?? '');
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
  }

  #record(change: Change): void {
    const key = tableKey(change.resource);
    const history = this.#history.get(key) ?? emptyFrom(this.#beginning);
    this.#history.set(key, history);
    history.changes.push(change);
    if (history.changes.length > 2 * historyLimit) {
      const dropped = history.changes.splice(0, historyLimit);
      history.compactedTo = dropped.at(-1)?.revision ?? history.compactedTo;
    }
    this.#deliver(change);
  }

  /** A listener that writes causes changes of its own: they wait, so that everybody sees the same order. */
  #deliver(change: Change): void {
    this.#undelivered.push(change);
    if (this.#isDelivering) return;
    this.#isDelivering = true;
    try {
      for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
        for (const listener of this.#listeners) listener(next);
      }
    } finally {
      this.#isDelivering = false;
    }
  }
}
