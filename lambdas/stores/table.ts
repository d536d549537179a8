import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clientSettings } from './client-settings.ts';

/** The table: the client that reaches it and its name. */
export interface Table {
  client: DynamoDBClient;
  tableName: string;
}

/** Connects to the table. Endpoint, region and credentials come from the environment, as the SDK has it. */
export const connectTable = (tableName: string): Table => ({
  tableName,
  client: new DynamoDBClient(clientSettings),
});

/** Partition and sort key of every kind of item; docs/table.md tells them in words. */
export const keys = {
  staging: (name: string) => ({ pk: `STAGING#${name}`, sk: 'STAGING' }),
  /** Padded, so that text sorts as numbers do. */
  operation: (staging: string, generation: number) => ({
    pk: `OPERATION#${staging}`,
    sk: String(generation).padStart(10, '0'),
  }),
  sweep: (id: string) => ({ pk: `SWEEP#${id}`, sk: 'SWEEP' }),
  /** The one item that says which sweep was braked last. */
  latestSweep: () => ({ pk: 'SWEEP', sk: 'LATEST' }),
} as const;

/** Partition keys of the indexes. */
export const indexKeys = {
  all: 'STAGING',
  status: (status: string) => `STATUS#${status}`,
  blueprint: (blueprint: string) => `BLUEPRINT#${blueprint}`,
  owner: (owner: string) => `OWNER#${owner}`,
  due: 'DUE',
} as const;

const daysInSeconds = (days: number): number => days * 24 * 60 * 60;

/**
 * How long what is over stays readable, in seconds. Step Functions lets an execution's name be used again only after 90
 * days, and names are made of the generation: a tombstone outlives that, and every operation of the staging, so that a
 * new staging of the name never counts from 1 among old history.
 */
export const retention = {
  operation: daysInSeconds(30),
  tombstone: daysInSeconds(120),
  sweep: daysInSeconds(30),
} as const;

/** Value of the time-to-live attribute, this many seconds after an ISO 8601 instant. */
export const epochAfter = (instant: string, seconds: number): number =>
  Math.floor(Date.parse(instant) / 1000) + seconds;
