import * as z from 'zod';
import { InvalidCursor } from '../domain/errors.ts';
import { Staging } from '../domain/staging.ts';
import type { Status } from '../domain/status.ts';
import { type TableIndex, tableIndexes } from '../domain/table-schema.ts';
import { type Document, type Query, query } from './documents.ts';
import { callAws } from './sdk-errors.ts';
import { indexKeys, keys, type Table } from './table.ts';

/** A list's wish; filters that are given all hold. Without `status`, deleted stagings are left out. */
export interface ListRequest {
  status?: Status | undefined;
  blueprint?: string | undefined;
  owner?: string | undefined;
  /** from the page before */
  cursor?: string | undefined;
  /** most stagings on the page */
  limit: number;
}

export interface Page {
  stagings: Staging[];
  /** absent on the last page */
  cursor?: string;
}

/**
 * Most queries for one page. With several filters DynamoDB reads what one index holds and drops what the others don't
 * want: a page may come short, with a cursor that goes on, rather than keep its caller waiting.
 */
const mostQueries = 8;

/**
 * Most bytes of wishes on a page, as JSON: a function answers with 6 MB at most, in which a text of quotes takes twice as
 * much again. Such a page comes short, too.
 */
const mostBytes = 2.5 * 1024 * 1024;

/** The index that narrows most, and the filters that are left to it. Deleted stagings are only in the one by status. */
function chooseIndex({ status, blueprint, owner }: ListRequest): { index: TableIndex; key: string } {
  if (status === 'Deleted') return { index: tableIndexes.byStatus, key: indexKeys.status(status) };
  if (owner !== undefined) return { index: tableIndexes.byOwner, key: indexKeys.owner(owner) };
  if (blueprint !== undefined) return { index: tableIndexes.byBlueprint, key: indexKeys.blueprint(blueprint) };
  if (status !== undefined) return { index: tableIndexes.byStatus, key: indexKeys.status(status) };
  return { index: tableIndexes.all, key: indexKeys.all };
}

const filterPaths = {
  status: '#record.#status',
  blueprint: '#record.#desired.#blueprint',
  owner: '#record.#owner',
} as const;

/** Filters on what the chosen index doesn't fix. */
function filterOf(request: ListRequest, index: TableIndex): Query {
  const fixed = { 'by-status': 'status', 'by-owner': 'owner', 'by-blueprint': 'blueprint' }[index.indexName];
  const wanted = (['status', 'blueprint', 'owner'] as const).filter(
    (field) => field !== fixed && request[field] !== undefined,
  );
  if (wanted.length === 0) return {};
  const terms = wanted.map((field) => `${filterPaths[field]} = :${field}`);
  const words = new Set(terms.flatMap((term) => term.match(/#\w+/g) ?? []));
  return {
    FilterExpression: terms.join(' AND '),
    ExpressionAttributeNames: Object.fromEntries([...words].map((word) => [word, word.slice(1)])),
    ExpressionAttributeValues: Object.fromEntries(wanted.map((field) => [`:${field}`, request[field]])),
  };
}

function queryOf(index: TableIndex, key: string, filter: Query = {}): Query {
  return {
    IndexName: index.indexName,
    KeyConditionExpression: '#partition = :partition',
    ...filter,
    ExpressionAttributeNames: { ...filter.ExpressionAttributeNames, '#partition': index.partitionKey },
    ExpressionAttributeValues: { ...filter.ExpressionAttributeValues, ':partition': key },
  };
}

/** The cursor is the last staging's place in the list, and nothing of the table's keys. */
const toCursor = (listedAt: string): string => Buffer.from(listedAt, 'utf8').toString('base64url');

function startAfter(cursor: string, index: TableIndex, key: string): Record<string, string> {
  const listedAt = Buffer.from(cursor, 'base64url').toString('utf8');
  const name = /^\d{4}-\d\d-\d\dT[\d:.]{5,12}Z#([a-z0-9-]{1,63})$/.exec(listedAt)?.[1];
  if (name === undefined) throw new InvalidCursor('is no cursor of this list');
  return { ...keys.staging(name), [index.partitionKey]: key, [index.sortKey]: listedAt };
}

const ListedItem = z.object({ record: Staging, listedAt: z.string() });

/** How many of them fit an answer. */
function fitting(found: readonly z.infer<typeof ListedItem>[]): number {
  let bytes = 0;
  const index = found.findIndex(({ record }) => {
    bytes += Buffer.byteLength(JSON.stringify(record.desired));
    return bytes > mostBytes;
  });
  return index < 0 ? found.length : index;
}

export async function listPage(table: Table, request: ListRequest): Promise<Page> {
  const { index, key } = chooseIndex(request);
  const filter = filterOf(request, index);
  const found: z.infer<typeof ListedItem>[] = [];
  let start: Document | undefined = request.cursor === undefined ? undefined : startAfter(request.cursor, index, key);
  let room = 0;
  for (let queries = 0; queries < mostQueries; queries += 1) {
    const answer = await callAws('DynamoDB', () =>
      query(table, {
        ...queryOf(index, key, filter),
        ScanIndexForward: false,
        // One more than asked tells whether there is another page; with a filter most of what is read may be dropped.
        Limit: filter.FilterExpression === undefined ? request.limit + 1 - found.length : 100,
        ExclusiveStartKey: start,
      }),
    );
    found.push(...answer.items.map((item) => ListedItem.parse(item)));
    start = answer.last;
    room = Math.min(request.limit, fitting(found));
    if (start === undefined || found.length > room) break;
  }
  const stagings = found.slice(0, room);
  const last = found.length > stagings.length ? stagings.at(-1)?.listedAt : start?.[index.sortKey];
  return {
    stagings: stagings.map((item) => item.record),
    ...(typeof last === 'string' ? { cursor: toCursor(last) } : {}),
  };
}

export async function countLive(table: Table, blueprint: string, owner?: string): Promise<number> {
  const filter = filterOf({ owner, limit: 0 }, tableIndexes.byBlueprint);
  let count = 0;
  let start: Document | undefined;
  do {
    const answer = await callAws('DynamoDB', () =>
      query(table, {
        ...queryOf(tableIndexes.byBlueprint, indexKeys.blueprint(blueprint), filter),
        Select: 'COUNT',
        ExclusiveStartKey: start,
      }),
    );
    count += answer.count;
    start = answer.last;
  } while (start);
  return count;
}

const DueItem = z
  .object({ dueAt: z.string(), expiresAt: z.string().optional(), choreAt: z.string().optional() })
  .transform(({ dueAt, ...times }) => ({ ...times, name: dueAt.slice(dueAt.indexOf('#') + 1) }));

export async function listDue(table: Table, before: Date, limit: number): Promise<z.infer<typeof DueItem>[]> {
  const { due } = tableIndexes;
  const found: z.infer<typeof DueItem>[] = [];
  let start: Document | undefined;
  do {
    const answer = await callAws('DynamoDB', () =>
      query(table, {
        IndexName: due.indexName,
        // "$" follows "#": what is due in this very millisecond is in, whatever its name.
        KeyConditionExpression: '#partition = :partition AND #due < :before',
        ExpressionAttributeNames: { '#partition': due.partitionKey, '#due': due.sortKey },
        ExpressionAttributeValues: { ':partition': indexKeys.due, ':before': `${before.toISOString()}$` },
        Limit: limit - found.length,
        ExclusiveStartKey: start,
      }),
    );
    found.push(...answer.items.map((item) => DueItem.parse(item)));
    start = answer.last;
  } while (start && found.length < limit);
  return found;
}
