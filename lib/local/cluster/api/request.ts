import { methodNotAllowed, noSuchPath, notSimulated } from '../api-error.ts';
import type { ServedResources } from '../resources.ts';
import type { ResourceType } from '../storage.ts';

/** One HTTP request, however it came here. */
export interface ApiRequest {
  method: string;
  /** path and query */
  url: string;
  /** names in lower case */
  headers: Readonly<Record<string, string | undefined>>;
  body?: string;
}

/** Takes the parts of an answer that goes on. */
export interface StreamSink {
  write(text: string): void;
  end(): void;
  /** breaks the connection off */
  cut(): void;
}

export interface ApiResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** a text, or what fills a stream; the function it returns is called when the caller has gone */
  body: string | ((sink: StreamSink) => () => void);
  /** break the connection off instead of answering */
  isCut?: boolean;
}

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What a request to a resource asks for. */
export interface ResourceRequest {
  verb: Verb;
  resource: ResourceType;
  namespace: string | undefined;
  name: string | undefined;
  subresource: string | undefined;
  query: URLSearchParams;
  request: ApiRequest;
}

interface Target {
  group: string;
  version: string;
  segments: readonly string[];
}

function targetOf(path: string): Target | undefined {
  const [root, ...rest] = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeURIComponent);
  if (root === 'api') {
    const [version = '', ...segments] = rest;
    return { group: '', version, segments };
  }
  const [group = '', version = '', ...segments] = rest;
  return root === 'apis' ? { group, version, segments } : undefined;
}

const isTrue = (value: string | null): boolean => value === 'true' || value === '1';

function verbOf(method: string, name: string | undefined, query: URLSearchParams): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isTrue(query.get('watch'))) return 'watch';
      return name === undefined ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

/** What kubectl asks of every cluster, and gets here told that it isn't there. */
const missingGroups = new Set(['authorization.k8s.io', 'authentication.k8s.io']);
const missingSubresources = new Set([
  'attach',
  'ephemeralcontainers',
  'eviction',
  'exec',
  'portforward',
  'proxy',
  'resize',
  'token',
]);

/** What can be done to a collection and what to an object; nobody deletes over all namespaces, or namespaces by the dozen. */
function isOpenTo(
  verb: Verb,
  resource: ResourceType,
  namespace: string | undefined,
  name: string | undefined,
): boolean {
  if (verb === 'update' || verb === 'patch') return name !== undefined;
  if (verb !== 'create' && verb !== 'deletecollection') return true;
  if (verb === 'deletecollection' && resource.group === '' && resource.kind === 'Namespace') return false;
  return name === undefined && (!resource.namespaced || namespace !== undefined);
}

/** Finds the resource behind a path. @throws ApiError 404 where nothing is served there, 405 */
export function parseResourceRequest(request: ApiRequest, resources: ServedResources): ResourceRequest {
  const url = new URL(request.url, 'https://cluster');
  const target = targetOf(url.pathname);
  if (target === undefined) throw noSuchPath();
  const { group, version, segments } = target;
  const isInside =
    segments[0] === 'namespaces' && segments.length > 2 && !['status', 'finalize'].includes(segments[2] ?? '');
  const [plural = '', name, subresource, ...tooMuch] = isInside ? segments.slice(2) : segments;
  const namespace = isInside ? segments[1] : undefined;
  const resource = resources.ofPlural(group, version, plural);
  if (resource === undefined && missingGroups.has(group)) throw notSimulated(`${plural}.${group}`);
  if (resource === undefined || tooMuch.length > 0) throw noSuchPath();
  if (subresource !== undefined && !resource.subresources.includes(subresource)) {
    throw missingSubresources.has(subresource) ? notSimulated(`${plural}/${subresource}`) : noSuchPath();
  }
  if (resource.namespaced ? namespace === undefined && name !== undefined : namespace !== undefined) throw noSuchPath();
  const verb = verbOf(request.method, name, url.searchParams);
  if (verb === undefined || !isOpenTo(verb, resource, namespace, name)) throw methodNotAllowed();
  return { verb, resource, namespace, name, subresource, query: url.searchParams, request };
}
