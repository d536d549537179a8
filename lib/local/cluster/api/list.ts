import { ApiError, badRequest, expired } from '../api-error.ts';
import type { ObjectTable, Stored } from '../object-table.ts';
import { apiVersionOf } from '../resources.ts';
import type { ResourceType } from '../storage.ts';
import { presented } from './answer.ts';
import type { ResourceRequest } from './request.ts';
import { fieldSelector, labelSelector, type Matches } from './selectors.ts';

/** What of a resource a request is about. @throws ApiError 400 */
export function selectionOf({ resource, query, namespace, name }: ResourceRequest): Matches {
  const labels = labelSelector(query.get('labelSelector'));
  const fields = fieldSelector(resource.kind, query.get('fieldSelector'));
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels(object) &&
    fields(object);
}

const orderKey = ({ object }: Stored): string => `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`;

/** The selected objects in the order of their namespaces and names. */
export function selected(table: ObjectTable, request: ResourceRequest): Stored[] {
  const matches = selectionOf(request);
  return table
    .list(request.resource, request.namespace)
    .filter(({ object }) => matches(object))
    .map((stored) => ({ key: orderKey(stored), stored }))
    .toSorted((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ stored }) => stored);
}

interface Page {
  items: readonly Stored[];
  resourceVersion: string;
  continueAt?: string;
  remaining?: number;
}

const encode = (revision: string, after: string): string =>
  Buffer.from(JSON.stringify({ revision, after })).toString('base64url');

function decode(token: string): { revision: string; after: string } {
  try {
    const { revision, after } = Object(JSON.parse(Buffer.from(token, 'base64url').toString()));
    if (typeof revision === 'string' && typeof after === 'string') return { revision, after };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw badRequest('continue key is not valid: it was not issued by this server');
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`limit: Invalid value: ${query.get('limit')}`);
  return limit === 0 ? Infinity : limit;
}

/**
 * One page. There is no snapshot of the past here: where something of the kind changed since the first page, the token has
 * expired, as it may have on a real server. @throws ApiError 410
 */
export function pageOf(table: ObjectTable, request: ResourceRequest): Page {
  const token = request.query.get('continue');
  const limit = limitOf(request.query);
  const all = selected(table, request);
  const from = token === null || token === '' ? undefined : decode(token);
  if (from !== undefined && table.changesSince(request.resource, Number(from.revision)).length > 0) {
    throw expired('The provided continue parameter is too old to display a consistent list result.');
  }
  const rest = from === undefined ? all : all.filter((stored) => orderKey(stored) > from.after);
  const items = rest.slice(0, limit);
  const resourceVersion = from?.revision ?? String(table.revision);
  const last = items.at(-1);
  if (last === undefined || items.length === rest.length) return { items, resourceVersion };
  return {
    items,
    resourceVersion,
    continueAt: encode(resourceVersion, orderKey(last)),
    remaining: rest.length - items.length,
  };
}

/** Only the present can be listed. @throws ApiError 410 for a version of the past, 504 for one that isn't reached */
export function checkListVersion(table: ObjectTable, query: URLSearchParams): void {
  const version = query.get('resourceVersion') ?? '';
  if (version === '' || version === '0') return;
  if (!/^\d+$/.test(version)) throw badRequest(`resourceVersion: Invalid value: "${version}"`);
  if (Number(version) > table.revision) {
    throw new ApiError(504, 'Timeout', `Too large resource version: ${version}, current: ${table.revision}`, {
      retryAfterSeconds: 1,
    });
  }
  if (query.get('resourceVersionMatch') === 'Exact' && Number(version) < table.revision) {
    throw expired(`The resourceVersion for the provided list is too old.`);
  }
}

export const listMetadata = ({ resourceVersion, continueAt, remaining }: Page): object => ({
  resourceVersion,
  ...(continueAt === undefined ? {} : { continue: continueAt }),
  ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
});

/** A list object, whose items carry no apiVersion and kind on a real server either, but may. */
export const listObject = (resource: ResourceType, page: Page): object => ({
  kind: `${resource.kind}List`,
  apiVersion: apiVersionOf(resource),
  metadata: listMetadata(page),
  items: page.items.map(presented),
});
