import type { KubernetesObject } from '../../../lambdas/domain/kubernetes-object.ts';
import { AdjustableClock } from '../../../lib/local/clock.ts';
import type { Control } from '../../../lib/local/cluster/controllers/control.ts';
import { readKinds } from '../../../lib/local/cluster/controllers/kinds.ts';
import { type Timings, usualTimings } from '../../../lib/local/cluster/controllers/timings.ts';
import { createWorkQueue } from '../../../lib/local/cluster/controllers/work-queue.ts';
import { createKubelet, type Kubelet } from '../../../lib/local/cluster/kubelet/kubelet.ts';
import type { ResourceType, Storage, StorageEvent } from '../../../lib/local/cluster/storage.ts';
import type { Api } from '../api.ts';
import { runByKwok } from '../pod-stages.ts';
import { createEventWrites } from './event-writes.ts';
import { type Mirror, mirror } from './mirror.ts';
import { createStatusWrites, type StatusWrites } from './status-writes.ts';

export interface Kubelets {
  /** what they see of the cluster */
  storage: Storage;
  logsOf: Kubelet['logsOf'];
  stop(): void;
}

export interface KubeletsOptions {
  api: Api;
  timings?: Partial<Timings> | undefined;
  onError?: (error: unknown) => void;
}

/** kwok runs the others. */
const ownPods = Object.entries(runByKwok)
  .map(([key, value]) => `${key}!=${value}`)
  .join(',');

/** What the kubelets look at, and what answers for their pods. */
const watched = [
  ['v1', 'Pod'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Namespace'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
] as const;

const typeOf = (apiVersion: string, kind: string): ResourceType => {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const singular = kind.toLowerCase();
  return { group, version, kind, plural: `${singular}s`, singular, shortNames: [], namespaced: true, subresources: [] };
};

/**
 * Runs the pods of all nodes by the rules of the simulated cluster's kubelet, which sees the API server's objects here and
 * writes its statuses and Events there.
 */
export async function startKubelets({ api, timings, onError = console.error }: KubeletsOptions): Promise<Kubelets> {
  const ending = new AbortController();
  const { signal } = ending;
  const clock = new AdjustableClock();
  const report = (error: unknown): void => (signal.aborted ? undefined : onError(error));
  const writes = createStatusWrites(api, report);
  const mirrors = new Map<string, Mirror>();
  const listeners = new Set<(event: StorageEvent) => void>();
  const tell = (event: StorageEvent): void => listeners.forEach((listener) => listener(event));
  for (const [apiVersion, kind] of watched) {
    const seen =
      kind === 'Pod' ? { labelSelector: ownPods, seen: (pod: KubernetesObject) => writes.withOwnStatus(pod) } : {};
    mirrors.set(kind, mirror({ api, resource: typeOf(apiVersion, kind), signal, ...seen, tell, onError: report }));
  }
  await Promise.all(mirrors.values().map(({ filled }) => filled));

  const storage = storageOver(mirrors, writes, listeners, tell);
  const control: Control = {
    storage,
    clock,
    random: Math.random,
    kinds: readKinds(storage),
    events: createEventWrites(api, report),
    timings: { ...usualTimings, ...timings },
  };
  const kubelet = createKubelet(control);
  run(kubelet, control, report);
  return {
    storage,
    logsOf: kubelet.logsOf,
    stop() {
      ending.abort();
      listeners.clear();
      clock.stop();
    },
  };
}

function run({ controller }: Kubelet, { storage, clock, kinds }: Control, onError: (error: unknown) => void): void {
  const queue = createWorkQueue({
    clock,
    work(key) {
      const [namespace = '', name = ''] = key.split('/');
      return controller.reconcile({ namespace, name });
    },
    onError: (_key, error) => onError(error),
  });
  const look = (event: StorageEvent): void => {
    for (const { namespace, name } of controller.watches[event.object.kind]?.(event) ?? [])
      queue.add(`${namespace}/${name}`);
  };
  storage.subscribe(look);
  for (const object of storage.list(kinds.pod)) look({ type: 'ADDED', resource: kinds.pod, object });
}

/** As much of a storage as a kubelet works with. */
function storageOver(
  mirrors: ReadonlyMap<string, Mirror>,
  writes: StatusWrites,
  listeners: Set<(event: StorageEvent) => void>,
  tell: (event: StorageEvent) => void,
): Storage {
  const objectsOf = ({ kind }: ResourceType) => mirrors.get(kind)?.objects ?? new Map<string, never>();
  const refuse = (): never => {
    throw new Error('a kubelet writes statuses of pods only');
  };
  return {
    resourceOf: typeOf,
    get: (resource, namespace, name) => objectsOf(resource).get(`${namespace ?? ''}/${name}`),
    list: (resource, namespace) =>
      [...objectsOf(resource).values()].filter(({ metadata }) => !namespace || metadata.namespace === namespace),
    create: refuse,
    update: refuse,
    updateStatus(object) {
      const resource = typeOf('v1', object.kind);
      objectsOf(resource).set(`${object.metadata.namespace}/${object.metadata.name}`, object);
      writes.write(object);
      tell({ type: 'MODIFIED', resource, object });
      return object;
    },
    remove(resource, namespace, name) {
      const object = objectsOf(resource).get(`${namespace}/${name}`);
      if (object !== undefined) writes.remove(object);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
