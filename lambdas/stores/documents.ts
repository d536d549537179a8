import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Table } from './table.ts';

/**
 * DynamoDB's calls with plain values in and out. The SDK's own document client does the same, but builds its chain of
 * middleware anew for every call: a tenth of a millisecond, a fifth of a read.
 */
export type Document = Record<string, unknown>;

type Plain<Input> = Omit<Input, 'TableName' | 'Key' | 'Item' | 'ExclusiveStartKey' | 'ExpressionAttributeValues'> & {
  ExpressionAttributeValues?: Document | undefined;
};
export type Put = Plain<PutItemCommandInput> & { Item: Document };
export type Update = Plain<UpdateItemCommandInput> & { Key: Document };
export type Query = Plain<QueryCommandInput> & { ExclusiveStartKey?: Document | undefined };

export interface QueryAnswer {
  items: Document[];
  count: number;
  /** where the next query goes on; absent at the end */
  last: Document | undefined;
}

/** What is undefined is left out. */
const toAttributes = (document: Document): Record<string, AttributeValue> =>
  marshall(document, { removeUndefinedValues: true });

const toValues = (values: Document | undefined) =>
  values === undefined ? {} : { ExpressionAttributeValues: toAttributes(values) };

const fromAttributes = (item: Record<string, AttributeValue> | undefined): Document | undefined =>
  item === undefined ? undefined : unmarshall(item);

/** A consistent read. */
export async function getItem({ client, tableName }: Table, key: Document): Promise<Document | undefined> {
  const command = new GetItemCommand({ TableName: tableName, Key: toAttributes(key), ConsistentRead: true });
  return fromAttributes((await client.send(command)).Item);
}

export async function putItem({ client, tableName }: Table, put: Put): Promise<void> {
  const { Item, ExpressionAttributeValues, ...rest } = put;
  const values = toValues(ExpressionAttributeValues);
  await client.send(new PutItemCommand({ ...rest, TableName: tableName, Item: toAttributes(Item), ...values }));
}

/** Gives what `ReturnValues` asks for. */
export async function updateItem({ client, tableName }: Table, update: Update): Promise<Document | undefined> {
  const { Key, ExpressionAttributeValues, ...rest } = update;
  const values = toValues(ExpressionAttributeValues);
  const command = new UpdateItemCommand({ ...rest, TableName: tableName, Key: toAttributes(Key), ...values });
  return fromAttributes((await client.send(command)).Attributes);
}

export async function query(
  { client, tableName }: Table,
  { ExclusiveStartKey, ...asked }: Query,
): Promise<QueryAnswer> {
  const { ExpressionAttributeValues, ...rest } = asked;
  const start = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey: toAttributes(ExclusiveStartKey) };
  const values = toValues(ExpressionAttributeValues);
  const answer = await client.send(new QueryCommand({ ...rest, TableName: tableName, ...start, ...values }));
  return {
    items: (answer.Items ?? []).map((item) => unmarshall(item)),
    count: answer.Count ?? 0,
    last: fromAttributes(answer.LastEvaluatedKey),
  };
}
