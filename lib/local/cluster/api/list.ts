import { ApiError, badRequest, expired, invalidOptions } from '../api-error.ts';
import { isBuiltIn } from '../kind-rules.ts';
import type { ObjectTable, Stored } from '../object-table.ts';
import { apiVersionOf } from '../resources.ts';
import type { ResourceType } from '../storage.ts';
import { forbiddenValue, unsupportedValue } from '../validation/problems.ts';
import { metadataVersion, presented, presentedMetadata, wantsMetadata } from './answer.ts';
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
    // Behind a selector a real server doesn't know how many are left.
    const isSelection = request.query.has('labelSelector') || request.query.has('fieldSelector');
    return { items, resourceVersion, continueAt, ...(isSelection ? {} : { remaining: all.length - items.length }) };
  }

  #take(key: string): Rest {
    const rest = this.#open.get(key);
    if (rest === undefined) {
      throw expired('The provided continue parameter is too old to display a consistent list result.');
    }
    return rest;
  }
}

const forbiddenMatch = (why: string): ApiError =>
  invalidOptions('ListOptions', forbiddenValue('resourceVersionMatch', why));

/** Options that don't go together. @throws ApiError 422, 400 */
export function checkListOptions(query: URLSearchParams, isWatch: boolean): void {
  const match = query.get('resourceVersionMatch') ?? '';
  const version = query.get('resourceVersion') ?? '';
  const wantsInitial = query.has('sendInitialEvents');
  if (isWatch) {
    if (wantsInitial && match !== 'NotOlderThan')
      throw forbiddenMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    if (!wantsInitial && match !== '')
      throw forbiddenMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    return;
  }
  if (wantsInitial)
    throw invalidOptions('ListOptions', forbiddenValue('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  const isContinued = (query.get('continue') ?? '') !== '';
  if (match !== '') {
    if (version === '') throw forbiddenMatch('resourceVersionMatch is forbidden unless resourceVersion is provided');
    if (isContinued) throw forbiddenMatch('resourceVersionMatch is forbidden when continue is provided');
    const known = ['Exact', 'NotOlderThan', ''];
    if (!known.includes(match))
      throw invalidOptions('ListOptions', unsupportedValue('resourceVersionMatch', match, known));
    if (match === 'Exact' && version === '0')
      throw forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (isContinued && version !== '' && version !== '0')
    throw badRequest('specifying resource version is not allowed when using continue');
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

/** Items of built-in kinds carry no apiVersion and kind: the list says it once. */
function listItem(resource: ResourceType, stored: Stored): object {
  const { apiVersion, kind, ...rest } = presented(stored);
  return isBuiltIn(resource) ? rest : { apiVersion, kind, ...rest };
}

/** A list object, of the objects or, for those who want no more, of their metadata. */
export function listObject({ resource, request }: ResourceRequest, page: Page): object {
  const isBare = wantsMetadata(request);
  return {
    kind: isBare ? 'PartialObjectMetadataList' : `${resource.kind}List`,
    apiVersion: isBare ? metadataVersion : apiVersionOf(resource),
    metadata: listMetadata(page),
    items: page.items.map((stored) => (isBare ? presentedMetadata(stored) : listItem(resource, stored))),
  };
}
