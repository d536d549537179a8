import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { TablePart } from '../template/parts.ts';
import { type TableCall, TableCallFailed } from './wire.ts';

/** A database on one machine makes a table at once; AWS takes ten seconds or so. */
const activeWithin = 30_000;

const Described = z.object({ Table: TablePart.extend({ TableStatus: z.string() }) });

/**
 * Creates the tables that aren't there yet and waits until all can be used.
 * @throws Error where a table is there with other keys or indexes than the template's
 */
export async function createTables(call: TableCall, tables: readonly TablePart[]): Promise<void> {
  await Promise.all(tables.map((table) => createTable(call, table)));
}

async function createTable(call: TableCall, table: TablePart): Promise<void> {
  const existing = await describe(call, table.TableName);
  if (!existing) await call('CreateTable', { ...table, BillingMode: 'PAY_PER_REQUEST' });
  else if (!isDeepStrictEqual(shapeOf(existing), shapeOf(table))) {
    throw new Error(
      `table ${table.TableName} was made with other keys or indexes: start with --reset, or another --data`,
    );
  }
  await becomesActive(call, table.TableName);
}

async function becomesActive(call: TableCall, name: string): Promise<void> {
  const end = performance.now() + activeWithin;
  while ((await describe(call, name))?.TableStatus !== 'ACTIVE') {
    if (performance.now() > end) throw new Error(`table ${name} is not active after ${activeWithin / 1000} s`);
    await sleep(1);
  }
}

async function describe(call: TableCall, name: string): Promise<z.infer<typeof Described>['Table'] | undefined> {
  try {
    return Described.parse(await call('DescribeTable', { TableName: name })).Table;
  } catch (error) {
    if (error instanceof TableCallFailed && error.type === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

const shapeOf = (table: TablePart): unknown => [
  table.KeySchema,
  table.AttributeDefinitions.toSorted((left, right) => left.AttributeName.localeCompare(right.AttributeName)),
  (table.GlobalSecondaryIndexes ?? [])
    .map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }))
    .toSorted((left, right) => left.IndexName.localeCompare(right.IndexName)),
];
