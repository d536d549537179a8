import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import type { Clock } from '../clock.ts';
import { admissionChain } from './admission/chain.ts';
import { countUsage } from './admission/count-usage.ts';
import { customSchema, serveCustomResources } from './custom-resources.ts';
import { forgetEvents } from './event-expiry.ts';
import { collectGarbage } from './garbage-collection.ts';
import type { Random } from './identifiers.ts';
import { keepJournal } from './journal.ts';
import { withoutKey } from './json.ts';
import { isBuiltIn } from './kind-rules.ts';
import { emptyNamespaces, furnishNamespaces } from './namespace-deletion.ts';
import { ObjectStore } from './object-store.ts';
import { ObjectTable } from './object-table.ts';
import { ServedResources } from './resources.ts';
import { builtInSchema } from './schema/built-in-schema.ts';
import type { StructSchema } from './schema/schema.ts';
import type { ResourceType, Storage } from './storage.ts';
import { controllerUser, type WriteContext } from './write-context.ts';

export interface MemoryStorageOptions {
  clock: Clock;
  random: Random;
  /** handed to pods as `kube-root-ca.crt` */
  rootCertificate?: string;
  /** where the state is kept on disk; without it, it is gone with the process */
  folder?: string;
}

export interface MemoryStorage {
  storage: Storage;
  store: ObjectStore;
  table: ObjectTable;
  resources: ServedResources;
  schemaOf: (resource: ResourceType) => StructSchema;
  stop: () => void;
}

const context: WriteContext = { user: controllerUser };
const clusterNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The state of a simulated cluster in memory, with what belongs to the state at work in it: garbage collection, deletion of namespaces, usage of quotas. */
export function createMemoryStorage(options: MemoryStorageOptions): MemoryStorage {
  const { clock, random, folder, rootCertificate = '' } = options;
  const resources = new ServedResources();
  const table = new ObjectTable();
  const closeJournal = folder === undefined ? undefined : keepJournal(folder, table, resources);
  const schemaOf = (resource: ResourceType): StructSchema =>
    isBuiltIn(resource) ? builtInSchema(resource) : customSchema(table, resources, resource);
  const admissions = admissionChain({ table, resources, random, schemaOf });
  const store = new ObjectStore({ clock, random, table, resources, admissions });
  const stops = [
    furnishNamespaces(store, resources, rootCertificate),
    serveCustomResources(store, resources, clock),
    countUsage(store, resources, clock),
    collectGarbage(store, resources),
    emptyNamespaces(store, resources, clock),
    forgetEvents(store, resources, clock),
  ];
  const namespaces = resources.builtIn('v1', 'Namespace');
  for (const name of clusterNamespaces) {
    if (table.get(namespaces, undefined, name) !== undefined) continue;
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, context);
  }
  const stop = (): void => {
    for (const one of stops) one();
    closeJournal?.();
  };
  return { storage: storageOf(store, resources), store, table, resources, schemaOf, stop };
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
