import * as z from 'zod';
import { InvalidCursor } from '../domain/errors.ts';
import { Operation, type OperationStep, Progress } from '../domain/operation.ts';
import { tableKey, timeToLiveAttribute } from '../domain/table-schema.ts';
import { getItem, query, type Update, updateItem } from './documents.ts';
import { callAws, isNamed } from './sdk-errors.ts';
import { epochAfter, keys, retention, type Table } from './table.ts';

/** An operation as its own item has it: a copy of what the staging says, and what its steps told on the way. */
export interface OperationRecord {
  operation: Operation;
  /** in the order in which they first started */
  steps: OperationStep[];
  progress?: Progress | undefined;
}

export interface OperationPage {
  operations: OperationRecord[];
  cursor?: string;
}

/** Which operation: the staging and the generation. */
export interface OperationKey {
  staging: string;
  generation: number;
}

/** The operations of the table. Steps and progress are told, never waited for: where the item is gone, they are dropped. */
export interface OperationStore {
  /** Undefined where there is none (yet, or any more). Reads are consistent. */
  get(key: OperationKey): Promise<OperationRecord | undefined>;
  /** Newest first. @throws InvalidCursor */
  list(staging: string, limit: number, cursor?: string): Promise<OperationPage>;
  /** Writes the copy; one that has ended already is left as it is. */
  put(operation: Operation): Promise<void>;
  /** A step begins, or begins again: its first start stays. `at` is ISO 8601. */
  startStep(key: OperationKey, step: string, at: string): Promise<void>;
  endStep(key: OperationKey, step: string, at: string, error?: string): Promise<void>;
  tellProgress(key: OperationKey, progress: Progress): Promise<void>;
}

const service = 'DynamoDB';

/** @throws StoreUnavailable, StoreRefused from every method */
export const operationStore = (table: Table): OperationStore => ({
  get: (key) => getOperation(table, key),
  list: (staging, limit, cursor) => listOperations(table, staging, limit, cursor),
  put: (operation) => putOperation(table, operation),
  startStep: (key, step, at) =>
    tell(table, key, {
      UpdateExpression: 'SET #start = if_not_exists(#start, :at) REMOVE #end',
      ExpressionAttributeNames: { '#start': `start#${step}`, '#end': `end#${step}` },
      ExpressionAttributeValues: { ':at': at },
    }),
  endStep: (key, step, at, error) =>
    tell(table, key, {
      UpdateExpression: 'SET #end = :end',
      ExpressionAttributeNames: { '#end': `end#${step}` },
      ExpressionAttributeValues: { ':end': { at, error } },
    }),
  tellProgress: (key, progress) =>
    tell(table, key, {
      UpdateExpression: 'SET #progress = :progress',
      ExpressionAttributeNames: { '#progress': 'progress' },
      ExpressionAttributeValues: { ':progress': progress },
    }),
});

const OperationItem = z.looseObject({ record: Operation, progress: Progress.optional() });
const StepEnd = z.object({ at: z.string(), error: z.string().optional() });

/** Steps lie in attributes of their own, so that one write sets one, whatever else happens to the item. */
function toRecord(item: unknown): OperationRecord {
  const { record, progress, ...attributes } = OperationItem.parse(item);
  const steps = Object.entries(attributes).flatMap(([attribute, value]): OperationStep[] => {
    if (!attribute.startsWith('start#') || typeof value !== 'string') return [];
    const name = attribute.slice('start#'.length);
    const end = StepEnd.safeParse(attributes[`end#${name}`]).data;
    const { error } = end ?? {};
    return [
      {
        name,
        startedAt: value,
        ...(end === undefined ? {} : { endedAt: end.at }),
        ...(error === undefined ? {} : { error }),
      },
    ];
  });
  return {
    operation: record,
    steps: steps.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1)),
    ...(progress === undefined ? {} : { progress }),
  };
}

async function getOperation(table: Table, key: OperationKey): Promise<OperationRecord | undefined> {
  const item = await callAws(service, () => getItem(table, keys.operation(key.staging, key.generation)));
  return item === undefined ? undefined : toRecord(item);
}

const toCursor = (generation: number): string => Buffer.from(String(generation), 'utf8').toString('base64url');

function fromCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidCursor('is no cursor of this list');
  return Number(text);
}

async function listOperations(table: Table, staging: string, limit: number, cursor?: string): Promise<OperationPage> {
  const { items, last: end } = await callAws(service, () =>
    query(table, {
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': tableKey.partitionKey },
      ExpressionAttributeValues: { ':pk': keys.operation(staging, 1).pk },
      ScanIndexForward: false,
      Limit: limit,
      ConsistentRead: true,
      ExclusiveStartKey: cursor === undefined ? undefined : keys.operation(staging, fromCursor(cursor)),
    }),
  );
  const operations = items.map(toRecord);
  const last = operations.at(-1);
  return { operations, ...(end && last ? { cursor: toCursor(last.operation.generation) } : {}) };
}

async function putOperation(table: Table, operation: Operation): Promise<void> {
  const { endedAt } = operation;
  await update(table, operation, {
    UpdateExpression:
      endedAt === undefined ? 'SET #record = :record' : 'SET #record = :record, #ended = :ended, #ttl = :ttl',
    ConditionExpression: 'attribute_not_exists(#ended)',
    ExpressionAttributeNames: {
      '#record': 'record',
      '#ended': 'endedAt',
      ...(endedAt === undefined ? {} : { '#ttl': timeToLiveAttribute }),
    },
    ExpressionAttributeValues: {
      ':record': operation,
      ...(endedAt === undefined ? {} : { ':ended': endedAt, ':ttl': epochAfter(endedAt, retention.operation) }),
    },
  });
}

/** An item that the time to live has taken meanwhile must not come back as half of one. */
const tell = (table: Table, key: OperationKey, change: Change): Promise<void> =>
  update(table, key, {
    ...change,
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: { ...change.ExpressionAttributeNames, '#pk': tableKey.partitionKey },
  });

type Change = Omit<Update, 'Key'>;

async function update(table: Table, key: OperationKey, change: Change): Promise<void> {
  const item = keys.operation(key.staging, key.generation);
  await callAws(service, () =>
    updateItem(table, { Key: item, ...change }).catch((error: unknown) => {
      if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    }),
  );
}
