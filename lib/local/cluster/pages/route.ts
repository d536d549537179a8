import type { Kinds } from '../controllers/kinds.ts';
import { asPod, type Pod } from '../controllers/pod-view.ts';
import { asEndpointSlice, asIngress, asService, type Ingress, type ServicePort } from '../controllers/service-view.ts';
import type { Storage } from '../storage.ts';

export interface Cluster {
  storage: Storage;
  kinds: Kinds;
}

/** Where a request goes inside the cluster. */
export interface Route {
  namespace: string;
  service: string;
  /** ready pods behind the Service */
  ready: readonly Pod[];
  /** what keeps it from being answered, where no pod is ready */
  problem: string | undefined;
}

type Path = NonNullable<Ingress['spec']['rules'][number]['http']>['paths'][number];
type Backend = NonNullable<Path['backend']['service']>;

interface Candidate {
  namespace: string;
  backend: Backend;
  weight: number;
}

/** The host of a Host header, without its port. */
export const hostOf = (header: string): string => header.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

/** Exact hosts before wildcards before rules without a host; undefined where a rule isn't for the host. */
function hostWeight(rule: string, host: string): number | undefined {
  if (rule === '') return 0;
  if (rule === host) return 2;
  const dot = host.indexOf('.');
  return rule.startsWith('*.') && dot > 0 && host.slice(dot) === rule.slice(1) ? 1 : undefined;
}

/** Longer paths first; undefined where a path isn't for the request. */
function pathWeight({ path, pathType }: Path, requested: string): number | undefined {
  if (pathType === 'Exact') return path === requested ? path.length + 1 : undefined;
  const prefix = path.replace(/\/+$/, '');
  return requested === prefix || requested.startsWith(`${prefix}/`) ? prefix.length : undefined;
}

function candidatesOf(stored: Ingress, host: string, path: string): Candidate[] {
  const { namespace } = stored.metadata;
  return stored.spec.rules.flatMap((rule) =>
    (rule.http?.paths ?? []).flatMap((one) => {
      const [hostRank, pathRank] = [hostWeight((rule.host ?? '').toLowerCase(), host), pathWeight(one, path)];
      const backend = one.backend.service;
      if (hostRank === undefined || pathRank === undefined || !backend) return [];
      return [{ namespace, backend, weight: hostRank * 10_000 + pathRank }];
    }),
  );
}

/** Follows a request through Ingress, Service and endpoints; undefined where no Ingress has this host and path. */
export function routeOf(cluster: Cluster, host: string, path: string): Route | undefined {
  const { storage, kinds } = cluster;
  const [best] = storage
    .list(kinds.ingress)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap((stored) => candidatesOf(asIngress(stored), host, path))
    .toSorted((left, right) => right.weight - left.weight);
  return best === undefined ? undefined : followService(cluster, best.namespace, best.backend);
}

function followService(cluster: Cluster, namespace: string, { name, port }: Backend): Route {
  const { storage, kinds } = cluster;
  const to = { namespace, service: name };
  const stored = storage.get(kinds.service, namespace, name);
  if (stored === undefined) return { ...to, ready: [], problem: `Service ${name} does not exist` };
  const service = asService(stored);
  const servicePort = service.spec.ports.find(
    (one) => one.port === port.number || (port.name && one.name === port.name),
  );
  if (servicePort === undefined) {
    return { ...to, ready: [], problem: `Service ${name} has no port ${port.number ?? port.name ?? ''}` };
  }
  const ready = readyPods(cluster, namespace, name, servicePort);
  return { ...to, ready, problem: ready.length > 0 ? undefined : 'no pod behind it is ready' };
}

function readyPods({ storage, kinds }: Cluster, namespace: string, service: string, port: ServicePort): Pod[] {
  return storage
    .list(kinds.endpointSlice, namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service)
    .map(asEndpointSlice)
    .filter(({ ports }) => ports.some(({ name }) => name === (port.name ?? '')))
    .flatMap(({ endpoints }) => endpoints)
    .flatMap(({ conditions, targetRef }) => {
      const pod = conditions.ready && targetRef ? storage.get(kinds.pod, namespace, targetRef.name) : undefined;
      return pod === undefined ? [] : [asPod(pod)];
    });
}
