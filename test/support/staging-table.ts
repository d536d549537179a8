import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type TableIndex, tableIndexes, tableKey } from '../../lambdas/domain/table-schema.ts';
import type { Table } from '../../lambdas/stores/table.ts';
import { givenDynamoDb } from './dynamodb-endpoint.ts';

export interface TestTable extends Table, AsyncDisposable {
  /** a table of its own in the same database */
  fresh(): Promise<Table>;
}

const keySchema = ({ partitionKey, sortKey }: { partitionKey: string; sortKey: string }) => [
  { AttributeName: partitionKey, KeyType: 'HASH' as const },
  { AttributeName: sortKey, KeyType: 'RANGE' as const },
];

const projection = ({ projected }: TableIndex) =>
  projected === 'ALL'
    ? { ProjectionType: 'ALL' as const }
    : { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...projected] };

async function createTable(client: DynamoDBClient, tableName: string): Promise<Table> {
  const indexes: TableIndex[] = Object.values(tableIndexes);
  const names = new Set([tableKey, ...indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]));
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keySchema(tableKey),
      AttributeDefinitions: [...names].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexes: indexes.map((index) => ({
        IndexName: index.indexName,
        KeySchema: keySchema(index),
        Projection: projection(index),
      })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 }, { TableName: tableName });
  return { tableName, client };
}

interface Database {
  url: string;
  stop(): Promise<void>;
}

/** dynalite in memory, on a free port of the loopback interface. */
async function startDynalite(): Promise<Database> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The table as the schema has it, in the database that the suite runs against. It leaves none of its tables there. */
export async function startTestTable(): Promise<TestTable> {
  const given = givenDynamoDb();
  const database = given === undefined ? await startDynalite() : { url: given, stop: async () => {} };
  const client = new DynamoDBClient({
    endpoint: database.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const tables: string[] = [];
  const fresh = async (): Promise<Table> => {
    // Other test files make theirs in the same database.
    const name = `berth-${crypto.randomUUID()}`;
    tables.push(name);
    return createTable(client, name);
  };
  return {
    ...(await fresh()),
    fresh,
    async [Symbol.asyncDispose]() {
      if (given !== undefined) {
        await Promise.all(tables.map((TableName) => client.send(new DeleteTableCommand({ TableName }))));
      }
      client.destroy();
      await database.stop();
    },
  };
}
