import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tableCaller } from '../../lib/local/dynamodb/wire.ts';

/**
 * The endpoint that `npm run test:dynamodb` runs the suites against; undefined where they use dynalite. Apart from that
 * command's own set-up, nothing else reads the variable.
 */
export const givenDynamoDb = (): string | undefined => process.env.BERTH_TEST_DYNAMODB || undefined;

/** Deletes the tables that hosts on a data folder made at the given endpoint; those in dynalite go with the folder. */
export async function forgetTables(dataDir: string): Promise<void> {
  const given = givenDynamoDb();
  if (given === undefined) return;
  const { tableSuffix } = JSON.parse(await readFile(join(dataDir, 'dynamodb.json'), 'utf8')) as { tableSuffix: string };
  const call = tableCaller(new URL(given).origin);
  const { TableNames } = (await call('ListTables', {})) as { TableNames: string[] };
  const own = TableNames.filter((name) => name.endsWith(tableSuffix));
  await Promise.all(own.map((TableName) => call('DeleteTable', { TableName })));
}
