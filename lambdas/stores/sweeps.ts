import * as z from 'zod';
import { NotFound } from '../domain/errors.ts';
import { BrakedSweep } from '../domain/sweep.ts';
import { tableKey, timeToLiveAttribute } from '../domain/table-schema.ts';
import { getItem, type Put, putItem, updateItem } from './documents.ts';
import { callAws, isNamed } from './sdk-errors.ts';
import { epochAfter, keys, retention, type Table } from './table.ts';

/** Braked sweeps. One item points at the latest, so that at most one is open at a time. */
export interface SweepStore {
  /** The latest that was braked, open or not; undefined where that is long ago. */
  latest(): Promise<BrakedSweep | undefined>;
  get(id: string): Promise<BrakedSweep | undefined>;
  /** Makes it the latest after `before`. Where another did so in the same moment, that one counts. */
  brake(sweep: BrakedSweep, before: BrakedSweep | undefined): Promise<void>;
  /** An operator lets it go on; the first who did stays. @throws NotFound */
  approve(id: string, actor: string, at: string): Promise<BrakedSweep>;
  /** What was to expire is so few again that no operator is needed. */
  release(id: string, at: string): Promise<void>;
}

const SweepItem = z.object({ record: BrakedSweep });
const LatestItem = z.object({ sweepId: z.string() });

/** @throws StoreUnavailable, StoreRefused from every method */
export const sweepStore = (table: Table): SweepStore => ({
  latest: async () => {
    const pointer = await read(table, keys.latestSweep());
    return pointer === undefined ? undefined : getSweep(table, LatestItem.parse(pointer).sweepId);
  },
  get: (id) => getSweep(table, id),
  brake: (sweep, before) => brake(table, sweep, before),
  approve: async (id, actor, at) => {
    const approved = await mark(table, id, { approvedAt: at, approvedBy: actor });
    if (approved === undefined) throw new NotFound('sweep', id);
    return approved;
  },
  release: async (id, at) => void (await mark(table, id, { releasedAt: at })),
});

const read = (table: Table, key: Record<string, string>): Promise<unknown> =>
  callAws('DynamoDB', () => getItem(table, key));

async function getSweep(table: Table, id: string): Promise<BrakedSweep | undefined> {
  const item = await read(table, keys.sweep(id));
  return item === undefined ? undefined : SweepItem.parse(item).record;
}

const isRefused = (error: unknown): boolean => isNamed(error, 'ConditionalCheckFailedException');

/** The record first: the pointer never leads to nothing. */
async function brake(table: Table, sweep: BrakedSweep, before?: BrakedSweep): Promise<void> {
  const record = {
    ...keys.sweep(sweep.id),
    record: sweep,
    [timeToLiveAttribute]: epochAfter(sweep.brakedAt, retention.sweep),
  };
  // Where the record of the one before is gone, nobody knows its id, and whatever stands there is old.
  const pointer: Put = {
    Item: { ...keys.latestSweep(), sweepId: sweep.id, brakedAt: sweep.brakedAt },
    ConditionExpression: before ? '#id = :before' : 'attribute_not_exists(#pk) OR #at < :old',
    ExpressionAttributeNames: before ? { '#id': 'sweepId' } : { '#pk': tableKey.partitionKey, '#at': 'brakedAt' },
    ExpressionAttributeValues: before
      ? { ':before': before.id }
      : { ':old': new Date(Date.parse(sweep.brakedAt) - retention.sweep * 1000).toISOString() },
  };
  await callAws('DynamoDB', () => putItem(table, { Item: record }));
  await callAws('DynamoDB', () =>
    putItem(table, pointer).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
    }),
  );
}

/** Sets what isn't set yet. Undefined where there is no such sweep. */
async function mark(table: Table, id: string, marks: Partial<BrakedSweep>): Promise<BrakedSweep | undefined> {
  const fields = Object.entries(marks);
  const update = {
    Key: keys.sweep(id),
    UpdateExpression: `SET ${fields.map(([field]) => `#r.#${field} = if_not_exists(#r.#${field}, :${field})`).join(', ')}`,
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: {
      '#r': 'record',
      '#pk': tableKey.partitionKey,
      ...Object.fromEntries(fields.map(([field]) => [`#${field}`, field])),
    },
    ExpressionAttributeValues: Object.fromEntries(fields.map(([field, value]) => [`:${field}`, value])),
    ReturnValues: 'ALL_NEW' as const,
  };
  const answer = await callAws('DynamoDB', () =>
    updateItem(table, update).catch((error: unknown) => {
      if (isRefused(error)) return undefined;
      throw error;
    }),
  );
  return answer === undefined ? undefined : SweepItem.parse(answer).record;
}
