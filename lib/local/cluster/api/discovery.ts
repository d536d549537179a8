import { apiVersionOf, type ServedResources } from '../resources.ts';
import type { ResourceType } from '../storage.ts';
import { answer } from './answer.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What `kubectl get all` shows. */
const inAll = new Set([
  'Pod',
  'Service',
  'ReplicationController',
  'Deployment',
  'ReplicaSet',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'HorizontalPodAutoscaler',
]);

const extras = ({ kind, shortNames }: ResourceType): object => ({
  ...(shortNames.length === 0 ? {} : { shortNames }),
  ...(inAll.has(kind) ? { categories: ['all'] } : {}),
});

/** What can be done with a subresource. */
export const subresourceVerbs = (name: string): string[] =>
  name === 'log' ? ['get'] : name === 'finalize' ? ['update'] : ['get', 'patch', 'update'];

const subresourceKind = (resource: ResourceType, name: string): { group: string; version: string; kind: string } =>
  name === 'scale'
    ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
    : { group: resource.group, version: resource.version, kind: resource.kind };

function groupsOf(resources: ServedResources): Map<string, Map<string, ResourceType[]>> {
  const groups = new Map<string, Map<string, ResourceType[]>>();
  for (const resource of resources.all()) {
    const versions = groups.get(resource.group) ?? new Map<string, ResourceType[]>();
    groups.set(resource.group, versions);
    versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource]);
  }
  return groups;
}

function resourceList(members: readonly ResourceType[], groupVersion: string): object {
  const resources = members.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: allVerbs,
      ...extras(resource),
    },
    ...resource.subresources.map((name) => ({
      name: `${resource.plural}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...subresourceKind(resource, name),
      verbs: subresourceVerbs(name),
    })),
  ]);
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

const aggregatedResource = (resource: ResourceType): object => ({
  resource: resource.plural,
  responseKind: { group: resource.group, version: resource.version, kind: resource.kind },
  scope: resource.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: resource.singular,
  verbs: allVerbs,
  ...extras(resource),
  subresources: resource.subresources.map((name) => ({
    subresource: name,
    responseKind: subresourceKind(resource, name),
    verbs: subresourceVerbs(name),
  })),
});

const isCore = (group: string): boolean => group === '';

function aggregated(resources: ServedResources, wantsCore: boolean): ApiResponse {
  const items = [...groupsOf(resources)]
    .filter(([group]) => isCore(group) === wantsCore)
    .map(([group, versions]) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: [...versions].map(([version, members]) => ({
        version,
        resources: members.map(aggregatedResource),
        freshness: 'Current',
      })),
    }));
  const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const body = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
  return answer(body, 200, { 'content-type': type, vary: 'Accept' });
}

const versionEntry = (group: string, version: string) => ({ groupVersion: apiVersionOf({ group, version }), version });

function groupEntry(group: string, versions: Iterable<string>): object {
  const entries = Array.from(versions, (version) => versionEntry(group, version));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

const wantsAggregated = ({ headers }: ApiRequest): boolean =>
  /g=apidiscovery\.k8s\.io;v=v2;as=APIGroupDiscoveryList/.test(headers['accept'] ?? '');

/** `/api`, `/apis` and what lies directly below: which kinds are served. @returns undefined for other paths */
export function discover(request: ApiRequest, resources: ServedResources): ApiResponse | undefined {
  const { pathname } = new URL(request.url, 'https://cluster');
  const [root, ...rest] = pathname.split('/').filter((segment) => segment !== '');
  if (request.method !== 'GET' || (root !== 'api' && root !== 'apis')) return undefined;
  const groups = groupsOf(resources);
  if (rest.length === 0) {
    if (wantsAggregated(request)) return aggregated(resources, root === 'api');
    if (root === 'api') return answer({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] });
    const named = [...groups].filter(([group]) => !isCore(group));
    return answer({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: named.map(([group, versions]) => groupEntry(group, versions.keys())),
    });
  }
  const [group = '', version] = root === 'api' ? ['', rest[0]] : rest;
  const versions = groups.get(group);
  if (versions === undefined || rest.length > (root === 'api' ? 1 : 2)) return undefined;
  if (version === undefined)
    return answer({ kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, versions.keys()) });
  const members = versions.get(version);
  return members === undefined ? undefined : answer(resourceList(members, apiVersionOf({ group, version })));
}

/** The Kubernetes release this API is modelled on. */
export const versionInfo = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0-simulated',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};
