import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { NotFound } from '../domain/errors.ts';
import { BrakedSweep } from '../domain/sweep.ts';
import { tableKey, timeToLiveAttribute } from '../domain/table-schema.ts';
import { callAws, isNamed } from './sdk-errors.ts';
import { epochAfter, keys, retention, type Table } from './table.ts';

/** Braked sweeps, of which at most one is open. */
export interface SweepStore {
  /** The one that waits for an operator, undefined where none does. */
  open(): Promise<BrakedSweep | undefined>;
  get(id: string): Promise<BrakedSweep | undefined>;
  /** Opens it. Where another was opened in the same moment, that one is the one that counts. */
  brake(sweep: BrakedSweep): Promise<void>;
  /** Closes it for good; again is fine, and the first who did stays. @throws NotFound */
  approve(id: string, actor: string, at: string): Promise<BrakedSweep>;
  /** Closes it without an approval: what was to expire is so few now that no brake is needed. */
  release(id: string): Promise<void>;
}

const SweepItem = z.object({ record: BrakedSweep });
const OpenSweepItem = z.object({ sweepId: z.string() });

/** @throws StoreUnavailable, StoreRefused from every method */
export const sweepStore = (table: Table): SweepStore => ({
  open: async () => {
    const pointer = await read(table, keys.openSweep());
    if (pointer === undefined) return undefined;
    const sweep = await getSweep(table, OpenSweepItem.parse(pointer).sweepId);
    // An approval that was cut off before it took the pointer away.
    return sweep?.approvedAt === undefined ? sweep : undefined;
  },
  get: (id) => getSweep(table, id),
  brake: (sweep) => brake(table, sweep),
  approve: (id, actor, at) => approve(table, id, actor, at),
  release: (id) => removePointer(table, id),
});

async function read({ client, tableName }: Table, Key: Record<string, string>): Promise<unknown> {
  const command = new GetCommand({ TableName: tableName, Key, ConsistentRead: true });
  return (await callAws('DynamoDB', () => client.send(command))).Item;
}

async function getSweep(table: Table, id: string): Promise<BrakedSweep | undefined> {
  const item = await read(table, keys.sweep(id));
  return item === undefined ? undefined : SweepItem.parse(item).record;
}

const isRefused = (error: unknown): boolean => isNamed(error, 'ConditionalCheckFailedException');

/** The record first: a pointer never leads to nothing. */
async function brake({ client, tableName }: Table, sweep: BrakedSweep): Promise<void> {
  const expiry = { [timeToLiveAttribute]: epochAfter(sweep.brakedAt, retention.sweep) };
  await callAws('DynamoDB', () =>
    client.send(new PutCommand({ TableName: tableName, Item: { ...keys.sweep(sweep.id), record: sweep, ...expiry } })),
  );
  await callAws('DynamoDB', () =>
    client
      .send(
        new PutCommand({
          TableName: tableName,
          Item: { ...keys.openSweep(), sweepId: sweep.id, ...expiry },
          ConditionExpression: 'attribute_not_exists(#pk)',
          ExpressionAttributeNames: { '#pk': tableKey.partitionKey },
        }),
      )
      .catch((error: unknown) => {
        if (!isRefused(error)) throw error;
      }),
  );
}

async function approve(table: Table, id: string, actor: string, at: string): Promise<BrakedSweep> {
  const update = new UpdateCommand({
    TableName: table.tableName,
    Key: keys.sweep(id),
    UpdateExpression:
      'SET #record.#at = if_not_exists(#record.#at, :at), #record.#by = if_not_exists(#record.#by, :by)',
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: {
      '#record': 'record',
      '#at': 'approvedAt',
      '#by': 'approvedBy',
      '#pk': tableKey.partitionKey,
    },
    ExpressionAttributeValues: { ':at': at, ':by': actor },
    ReturnValues: 'ALL_NEW',
  });
  const answer = await callAws('DynamoDB', () =>
    table.client.send(update).catch((error: unknown) => {
      if (isRefused(error)) return undefined;
      throw error;
    }),
  );
  if (answer === undefined) throw new NotFound('sweep', id);
  await removePointer(table, id);
  return SweepItem.parse(answer.Attributes).record;
}

/** Only its own: meanwhile another sweep may have been braked. */
async function removePointer({ client, tableName }: Table, id: string): Promise<void> {
  const command = new DeleteCommand({
    TableName: tableName,
    Key: keys.openSweep(),
    ConditionExpression: '#id = :id',
    ExpressionAttributeNames: { '#id': 'sweepId' },
    ExpressionAttributeValues: { ':id': id },
  });
  await callAws('DynamoDB', () =>
    client.send(command).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
    }),
  );
}
