import type { KubernetesObject } from '../../lambdas/domain/kubernetes-object.ts';
import { type ControllersOptions, startControllers } from '../../lib/local/cluster/controllers/start-controllers.ts';
import { createMemoryStorage } from '../../lib/local/cluster/memory-storage.ts';
import type { Storage } from '../../lib/local/cluster/storage.ts';
import { createManualClock } from './manual-clock.ts';

/** A small generator of repeatable chance (mulberry32). */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Objects of any kind, as assertions read them by path. */
export type Loose = ReturnType<typeof JSON.parse>;

/** A cluster in memory on a clock that the test moves, with the namespace `shop`. */
export function simulatedCluster(options: Partial<ControllersOptions> = {}) {
  const clock = createManualClock();
  const random = seededRandom();
  const { storage } = createMemoryStorage({ clock, random });
  const errors: unknown[] = [];
  const start = () =>
    startControllers({ storage, clock, random, onError: (_key, error) => errors.push(error), ...options });
  const controllers = start();
  const resource = (object: { apiVersion: string; kind: string }) => {
    const found = storage.resourceOf(object.apiVersion, object.kind);
    if (found === undefined) throw new Error(`${object.kind} is not served`);
    return found;
  };
  const apiVersions: Record<string, string> = {
    Deployment: 'apps/v1',
    ReplicaSet: 'apps/v1',
    StatefulSet: 'apps/v1',
    DaemonSet: 'apps/v1',
    ControllerRevision: 'apps/v1',
    Job: 'batch/v1',
    CronJob: 'batch/v1',
    Ingress: 'networking.k8s.io/v1',
    EndpointSlice: 'discovery.k8s.io/v1',
    HorizontalPodAutoscaler: 'autoscaling/v2',
    PodDisruptionBudget: 'policy/v1',
    StorageClass: 'storage.k8s.io/v1',
  };
  const kind = (name: string) => resource({ apiVersion: apiVersions[name] ?? 'v1', kind: name });
  const clusterScoped = (name: string) => !kind(name).namespaced;
  storage.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  return {
    clock,
    storage: storage satisfies Storage,
    controllers,
    errors,
    /** controllers that know nothing but what is stored */
    restart: () => {
      controllers.stop();
      return start();
    },
    create: (object: Loose): KubernetesObject =>
      storage.create({
        ...object,
        apiVersion: object.apiVersion ?? apiVersions[object.kind] ?? 'v1',
        metadata: { namespace: 'shop', ...object.metadata },
      }),
    get: (name: string, object: string): Loose =>
      storage.get(kind(name), clusterScoped(name) ? undefined : 'shop', object),
    list: (name: string): Loose[] => [...storage.list(kind(name), clusterScoped(name) ? undefined : 'shop')],
    /** Changes the spec of an object. */
    change: (name: string, object: string, change: (spec: Loose) => Loose): KubernetesObject => {
      const stored: Loose = storage.get(kind(name), 'shop', object);
      return storage.update({ ...stored, spec: change(stored.spec) });
    },
    remove: (name: string, object: string) => storage.remove(kind(name), 'shop', object),
    events: (reason: string): Loose[] =>
      storage.list(kind('Event'), 'shop').filter((event: Loose) => event.reason === reason),
  };
}

export type SimulatedCluster = ReturnType<typeof simulatedCluster>;

export const alphabetically = (left: string, right: string): number => left.localeCompare(right);

export const condition = (object: Loose, type: string): Loose =>
  object.status.conditions.find((one: Loose) => one.type === type);

const labels = { app: 'web' };

export const podTemplate = (image = 'acme/web:1.0', container: Loose = {}, spec: Loose = {}): Loose => ({
  metadata: { labels },
  spec: {
    containers: [
      {
        name: 'web',
        image,
        readinessProbe: { httpGet: { path: '/healthz', port: 8080 } },
        ports: [{ name: 'http', containerPort: 8080 }],
        ...container,
      },
    ],
    ...spec,
  },
});

export const deployment = (spec: Loose = {}, image?: string): Loose => ({
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: labels }, template: podTemplate(image), ...spec },
});
