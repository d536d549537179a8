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

export interface Page {
  items: readonly Stored[];
  resourceVersion: string;
  continueAt?: string;
  remaining?: number;
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`limit: Invalid value: ${query.get('limit')}`);
  return limit === 0 ? Infinity : limit;
}

interface Rest {
  items: readonly Stored[];
  resourceVersion: string;
}

/** Lists that somebody may still be paging through; the oldest is given up for a new one. */
const openListLimit = 50;

/**
 * Lists in pages. What is left of a list is kept as it was at the first page, so that all pages are of one moment. Objects are
 * never changed in place, so keeping them costs little.
 */
export class Pages {
  readonly #open = new Map<string, Rest>();
  #count = 0;

  /** @throws ApiError 410 for a token that has been given up, or used */
  page(table: ObjectTable, request: ResourceRequest): Page {
    const limit = limitOf(request.query);
    const token = request.query.get('continue') ?? '';
    const { items: all, resourceVersion } =
      token === ''
        ? { items: selected(table, request), resourceVersion: String(table.revision) }
        : this.#take(`${request.resource.plural} ${token}`);
    const items = all.slice(0, limit);
    if (items.length === all.length) return { items, resourceVersion };
    this.#count += 1;
    const continueAt = Buffer.from(`${resourceVersion}/${this.#count}`).toString('base64url');
    this.#open.set(`${request.resource.plural} ${continueAt}`, { items: all.slice(limit), resourceVersion });
    const [oldest] = this.#open.keys();
    if (this.#open.size > openListLimit && oldest !== undefined) this.#open.delete(oldest);
    return { items, resourceVersion, continueAt, remaining: all.length - items.length };
  }

  #take(key: string): Rest {
    const rest = this.#open.get(key);
    if (rest === undefined) {
      throw expired('The provided continue parameter is too old to display a consistent list result.');
    }
    return rest;
  }
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
