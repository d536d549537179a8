import { installSecondDynamoDb } from './install-second-dynamodb.ts';
import { startSecondDynamoDb } from './start-second-dynamodb.ts';

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Gives the suites the database that was asked for, or else the second one, started for them alone. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  const given = process.env.BERTH_TEST_DYNAMODB;
  if (given) {
    console.log(`DynamoDB at ${given}`);
    return undefined;
  }
  const began = performance.now();
  const program = await installSecondDynamoDb();
  const found = seconds(began);
  const startedAt = performance.now();
  const running = await startSecondDynamoDb(program);
  console.log(`DynamoDB by dynoxide: found or built in ${found}, up in ${seconds(startedAt)}`);
  // Workers are made after this and get this process's variables.
  process.env.BERTH_TEST_DYNAMODB = running.url;
  return () => running.stop();
}
