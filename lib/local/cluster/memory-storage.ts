import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { objectDefaults } from './defaults/object-defaults.ts';
import { collectGarbage } from './garbage-collection.ts';
import type { Random } from './identifiers.ts';
import { withoutKey } from './json.ts';
import { emptyNamespaces, furnishNamespaces } from './namespace-deletion.ts';
import { ObjectStore } from './object-store.ts';
import { ObjectTable } from './object-table.ts';
import { ServedResources } from './resources.ts';
import type { Storage } from './storage.ts';
import { type Admission, controllerUser, type WriteContext } from './write-context.ts';

export interface MemoryStorageOptions {
  clock: Clock;
  random: Random;
  /** handed to pods as `kube-root-ca.crt` */
  rootCertificate?: string;
  resources?: ServedResources;
  table?: ObjectTable;
  admissions?: (parts: { table: ObjectTable; resources: ServedResources }) => readonly Admission[];
}

export interface MemoryStorage {
  storage: Storage;
  store: ObjectStore;
  table: ObjectTable;
  resources: ServedResources;
  stop(): void;
}

const context: WriteContext = { user: controllerUser };
const clusterNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The state of a simulated cluster in memory, with garbage collection and namespace deletion at work in it. */
export function createMemoryStorage(options: MemoryStorageOptions): MemoryStorage {
  const { clock, random, resources = new ServedResources(), table = new ObjectTable() } = options;
  const store = new ObjectStore({
    clock,
    random,
    table,
    resources,
    admissions: [objectDefaults(random), ...(options.admissions?.({ table, resources }) ?? [])],
  });
  const stops = [
    furnishNamespaces(store, resources, options.rootCertificate ?? ''),
    collectGarbage(store, resources),
    emptyNamespaces(store, resources, clock),
  ];
  const namespaces = resources.builtIn('v1', 'Namespace');
  for (const name of clusterNamespaces) {
    if (table.get(namespaces, undefined, name) !== undefined) continue;
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, context);
  }
  const stop = (): void => {
    for (const one of stops) one();
  };
  return { storage: storageOf(store, resources), store, table, resources, stop };
}

/** The store as controllers see it. */
export function storageOf(store: ObjectStore, resources: ServedResources): Storage {
  const { table } = store;
  const withoutVersion = (object: KubernetesObject): KubernetesObject => ({
    ...object,
    metadata: withoutKey(object.metadata, 'resourceVersion'),
  });
  return {
    resourceOf: (apiVersion, kind) => resources.ofKind(apiVersion, kind),
    get: (resource, namespace, name) => table.get(resource, namespace, name)?.object,
    list: (resource, namespace) => table.list(resource, namespace).map(({ object }) => object),
    create: (object) => store.create(object, context).object,
    update: (object) => store.update(object, context).object,
    updateStatus: (object) => store.update(withoutVersion(object), { ...context, subresource: 'status' }).object,
    remove: (resource, namespace, name, options) => {
      const stored = table.get(resource, namespace, name);
      if (stored !== undefined) store.delete(stored, context, options);
    },
    subscribe: (listener) => table.subscribe(({ type, resource, object }) => listener({ type, resource, object })),
  };
}
