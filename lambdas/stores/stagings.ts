import * as z from 'zod';
import { choreAt, dueAt, expiryOf } from '../domain/due.ts';
import { Conflict } from '../domain/errors.ts';
import { sameJson } from '../domain/same-json.ts';
import { Staging } from '../domain/staging.ts';
import { tableKey, timeToLiveAttribute } from '../domain/table-schema.ts';
import { getItem, type Put, putItem } from './documents.ts';
import { callAws, isNamed } from './sdk-errors.ts';
import { countLive, type ListRequest, listDue, listPage, type Page } from './staging-lists.ts';
import { epochAfter, indexKeys, keys, retention, type Table } from './table.ts';

/** A staging whose time has come, as far as the index knows: names only, to be looked at again. */
export interface DueEntry {
  name: string;
  /** when its lifetime ends, where that can end it */
  expiresAt?: string | undefined;
  /** when something else is to be done */
  choreAt?: string | undefined;
}

/** The stagings of the table. All reads of single stagings are consistent, all lists are a little behind. */
export interface StagingStore {
  /** Undefined where there never was one, or its tombstone is gone. */
  get(name: string): Promise<Staging | undefined>;
  /** Writes the whole record. @throws Conflict unless the stored revision is the one before */
  save(staging: Staging): Promise<void>;
  /** Newest first. @throws InvalidCursor */
  list(request: ListRequest): Promise<Page>;
  /** How many stagings of a blueprint there are that aren't deleted, of one owner where it is given. */
  countLive(blueprint: string, owner?: string): Promise<number>;
  /** Those due before an instant, the longest due first; at most `limit`. */
  listDue(before: Date, limit: number): Promise<DueEntry[]>;
}

/** @throws StoreUnavailable, StoreRefused from every method */
export const stagingStore = (table: Table): StagingStore => ({
  get: (name) => getStaging(table, name),
  save: (staging) => saveStaging(table, staging),
  list: (request) => listPage(table, request),
  countLive: (blueprint, owner) => countLive(table, blueprint, owner),
  listDue: (before, limit) => listDue(table, before, limit),
});

const StagingItem = z.object({ record: Staging });

async function getStaging(table: Table, name: string): Promise<Staging | undefined> {
  const item = await callAws('DynamoDB', () => getItem(table, keys.staging(name)));
  return item === undefined ? undefined : StagingItem.parse(item).record;
}

async function saveStaging(table: Table, staging: Staging): Promise<void> {
  const isFirst = staging.revision === 1;
  const put: Put = {
    Item: toItem(staging),
    ...(isFirst
      ? { ConditionExpression: 'attribute_not_exists(#pk)', ExpressionAttributeNames: { '#pk': tableKey.partitionKey } }
      : {
          ConditionExpression: '#revision = :before',
          ExpressionAttributeNames: { '#revision': 'revision' },
          ExpressionAttributeValues: { ':before': staging.revision - 1 },
        }),
  };
  const isSaved = await callAws('DynamoDB', () =>
    putItem(table, put).then(
      () => true,
      (error: unknown) => {
        if (isNamed(error, 'ConditionalCheckFailedException')) return false;
        throw error;
      },
    ),
  );
  // The SDK repeats a write whose answer was lost: then what stands there is what we wrote ourselves.
  if (!isSaved && !sameJson(await getStaging(table, staging.name), staging)) {
    throw new Conflict(`staging "${staging.name}" was changed by somebody else`);
  }
}

function toItem(staging: Staging): Record<string, unknown> {
  const due = dueAt(staging);
  const isDeleted = staging.status === 'Deleted';
  return {
    ...keys.staging(staging.name),
    revision: staging.revision,
    record: staging,
    listedAt: `${staging.createdAt}#${staging.name}`,
    statusPk: indexKeys.status(staging.status),
    ...(isDeleted
      ? {}
      : {
          allPk: indexKeys.all,
          blueprintPk: indexKeys.blueprint(staging.desired.blueprint),
          ownerPk: indexKeys.owner(staging.owner),
        }),
    ...(due === undefined ? {} : { duePk: indexKeys.due, dueAt: `${due}#${staging.name}` }),
    expiresAt: expiryOf(staging),
    choreAt: choreAt(staging),
    ...(isDeleted ? { [timeToLiveAttribute]: epochAfter(staging.updatedAt, retention.tombstone) } : {}),
  };
}
