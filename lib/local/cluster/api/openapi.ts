import { apiVersionOf, type ServedResources } from '../resources.ts';
import type { ResourceType } from '../storage.ts';
import { answer } from './answer.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

const prefix = '/openapi/v3';

const pathOfVersion = (resource: ResourceType): string =>
  resource.group === '' ? `api/${resource.version}` : `apis/${apiVersionOf(resource)}`;

const queryParameter = (name: string, type: string): object => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
});

/** What a client looks for before it lets the server check fields: that PATCH takes the parameters. There are no schemas in it. */
function patchPath(resource: ResourceType): [string, object] {
  const { group, version, kind, namespaced, plural } = resource;
  const scope = namespaced ? '/namespaces/{namespace}' : '';
  const patch = {
    parameters: [
      queryParameter('dryRun', 'string'),
      queryParameter('fieldManager', 'string'),
      queryParameter('fieldValidation', 'string'),
      queryParameter('force', 'boolean'),
    ],
    responses: {},
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
  return [`/${pathOfVersion(resource)}${scope}/${plural}/{name}`, { patch }];
}

/** `/openapi/v3`: enough for kubectl to leave the checking of fields to the server. @returns undefined for other paths */
export function describeApi(request: ApiRequest, resources: ServedResources): ApiResponse | undefined {
  const { pathname } = new URL(request.url, 'https://cluster');
  if (request.method !== 'GET' || !pathname.startsWith(prefix)) return undefined;
  const byPath = Map.groupBy(resources.all(), pathOfVersion);
  if (pathname === prefix) {
    const paths = Array.from(byPath.keys(), (path) => [path, { serverRelativeURL: `${prefix}/${path}?hash=none` }]);
    return answer({ paths: Object.fromEntries(paths) });
  }
  const members = byPath.get(pathname.slice(prefix.length + 1));
  if (members === undefined) return undefined;
  return answer({
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.0-simulated' },
    paths: Object.fromEntries(members.map(patchPath)),
    components: { schemas: {} },
  });
}
